//! How a run is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Stops a run. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    in_flight: AtomicUsize,
    is_draining: AtomicBool,
    is_aborted: AtomicBool,
    changed: Notify,
}

impl StopHandle {
    /// Sends no more, and waits for what is in flight.
    pub fn drain(&self) {
        self.0.is_draining.store(true, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Sends no more, and waits for nothing: what is in flight stays in doubt, and the next run resolves it.
    pub fn abort(&self) {
        self.0.is_aborted.store(true, Ordering::SeqCst);
        self.drain();
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

    pub(crate) fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::SeqCst)
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.0.is_aborted.load(Ordering::SeqCst)
    }

    /// Waits until it is not in this state any more: whether it drains, and whether it was aborted.
    pub(crate) async fn changes(&self, known: (bool, bool)) {
        loop {
            let changed = self.0.changed.notified();
            if (self.is_draining(), self.is_aborted()) != known {
                return;
            }
            changed.await;
        }
    }
}
