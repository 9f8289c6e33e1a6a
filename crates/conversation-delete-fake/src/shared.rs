//! The state that a handle, its server and its transports share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Vendor;
use crate::control;
use crate::engine::Engine;
use crate::message::{FakeReply, FakeRequest};

pub(crate) struct Shared(Mutex<Engine>);

impl Shared {
    pub(crate) fn new(vendor: Vendor) -> Self {
        Self(Mutex::new(Engine::new(vendor, None)))
    }

    /// Locks the state. Effects that were due by now have happened.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Engine> {
        // A test that panicked while it held the lock has failed already; the state is still whole.
        let mut engine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        engine.world.apply_due();
        engine
    }

    /// Responds to a request of a client or of a test.
    pub(crate) fn handle(&self, request: FakeRequest) -> FakeReply {
        let mut engine = self.lock();
        if control::is_control(request.target()) { control::handle(engine, &request) } else { engine.handle(request) }
    }

    /// Counts a request as open until the guard is dropped. Control requests do not count.
    pub(crate) fn open(&self, target: &str) -> Option<OpenRequest<'_>> {
        if control::is_control(target) {
            return None;
        }
        self.lock().open();
        Some(OpenRequest(self))
    }
}

pub(crate) struct OpenRequest<'a>(&'a Shared);

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        self.0.lock().close();
    }
}
