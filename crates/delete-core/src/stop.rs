//! Stopping calls from outside.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::select;
use tokio::sync::Notify;

use crate::clock::Clock;

/// Stops the calls of clients that were built with it (`stop_token` on their builders), such as after a signal. Clones
/// share its state.
///
/// After [`stop`](Self::stop) no request starts: a call that waits for a retry, a rate limit or a `Retry-After` ends at
/// once, and so does one that begins later. A request in flight is still awaited. A stopped call fails with
/// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted); [`Error::delivery`](crate::Error::delivery) reports what is
/// known of its earlier requests.
///
/// ```
/// use delete_core::StopToken;
///
/// let token = StopToken::default();
/// token.clone().stop();
/// assert!(token.is_stopped());
/// ```
#[derive(Clone, Debug, Default)]
pub struct StopToken(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_stopped: AtomicBool,
    stops: Notify,
}

/// A [`StopToken`] was stopped.
#[derive(Debug)]
pub(crate) struct Stopped;

impl StopToken {
    /// Stops all calls. This cannot be undone.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::SeqCst);
        self.0.stops.notify_waiters();
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::SeqCst)
    }

    /// Sleeps for `time`, at most until it is stopped.
    pub(crate) async fn sleep(&self, clock: &dyn Clock, time: Duration) -> Result<(), Stopped> {
        let (sleep, stopped) = (pin!(clock.sleep(time)), pin!(self.stopped()));
        select(stopped, sleep).await;
        self.check()
    }

    pub(crate) fn check(&self) -> Result<(), Stopped> {
        if self.is_stopped() { Err(Stopped) } else { Ok(()) }
    }

    /// Returns once it is stopped.
    async fn stopped(&self) {
        // Before the check, so that no stop is missed in between.
        let stops = self.0.stops.notified();
        if !self.is_stopped() {
            stops.await;
        }
    }
}
