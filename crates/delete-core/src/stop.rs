//! Stopping calls from outside.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;

use crate::clock::Clock;

/// Stops the calls of clients that were built with it (`stop_token` on their builders), such as after a signal. Clones
/// share its state.
///
/// After [`stop`](Self::stop) no request starts: a call that waits for a retry, a rate limit, a `Retry-After` or an
/// access token ends at once, and so does one that begins later. A request about a record that is in flight is still
/// awaited. A stopped call fails with
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
        self.unless_stopped(clock.sleep(time)).await
    }

    /// The output of `future`. It is dropped if this is stopped before, and not begun if this is stopped already.
    pub(crate) async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        self.check()?;
        match select(pin!(future), pin!(self.stopped())).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => Err(Stopped),
        }
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
