//! How a run is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// A way to stop a run. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<HaltState>);

#[derive(Debug, Default)]
struct HaltState {
    in_flight: AtomicUsize,
    is_wanted: AtomicBool,
    is_insisted_on: AtomicBool,
    changed: Notify,
}

impl Halt {
    /// Sends no more, and waits for what is in flight.
    pub fn want(&self) {
        self.0.is_wanted.store(true, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Sends no more, and does not wait either: what is in flight stays in doubt, and the next run finds out.
    pub fn insist(&self) {
        self.0.is_insisted_on.store(true, Ordering::SeqCst);
        self.want();
    }

    /// How many calls of the run wait for a response.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn call_begins(&self) {
        self.0.in_flight.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn calls_end(&self, calls: usize) {
        self.0.in_flight.fetch_sub(calls, Ordering::SeqCst);
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_wanted.load(Ordering::SeqCst)
    }

    pub(crate) fn is_insisted_on(&self) -> bool {
        self.0.is_insisted_on.load(Ordering::SeqCst)
    }

    pub(crate) async fn wanted(&self) {
        let changed = self.0.changed.notified();
        if !self.is_wanted() {
            changed.await;
        }
    }

    pub(crate) async fn insisted_on(&self) {
        loop {
            let changed = self.0.changed.notified();
            if self.is_insisted_on() {
                return;
            }
            changed.await;
        }
    }
}
