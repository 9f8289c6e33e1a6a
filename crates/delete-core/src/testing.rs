//! What tests of code that deletes need: a clock that takes no time, and short ways to write a response for
//! [`http::from_fn`](crate::http::from_fn).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;

use crate::clock::Clock;
use crate::http::{Body, HeaderName, HeaderValue, Response, StatusCode};

/// Creates a response with this status and body, and without headers.
///
/// # Panics
/// If `status` is not between 100 and 999.
pub fn response(status: u16, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    match StatusCode::from_u16(status) {
        Ok(status) => *response.status_mut() = status,
        Err(error) => panic!("{status}: {error}"),
    }
    response
}

/// Adds headers to a response in one expression.
pub trait ResponseExt {
    /// Adds a header.
    ///
    /// # Panics
    /// If HTTP does not allow the name or the value.
    #[must_use]
    fn with_header(self, name: &str, value: &str) -> Self;
}

impl ResponseExt for Response<Body> {
    fn with_header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.headers_mut().append(name, value),
            _ => panic!("not a header: {name}: {value}"),
        };
        self
    }
}

/// A clock on which a sleep returns at once and moves the time on. Clones share the time.
///
/// Jitter is always at its ceiling, so that waits can be predicted.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
/// use delete_core::Clock;
/// use delete_core::testing::TestClock;
///
/// let clock = TestClock::new();
/// clock.sleep(Duration::from_secs(3600)).await;
/// assert_eq!(clock.slept(), [Duration::from_secs(3600)]);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TestClock {
    start: Instant,
    system_start: SystemTime,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    elapsed: Duration,
    slept: Vec<Duration>,
}

impl TestClock {
    /// A clock that starts now, and at 2026-01-01 00:00:00 UTC by its calendar.
    pub fn new() -> Self {
        Self::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
    }

    /// A clock that starts now, and at this time by its calendar.
    pub fn starting_at(time: SystemTime) -> Self {
        Self { start: Instant::now(), system_start: time, state: Arc::default() }
    }

    /// Moves the time on.
    pub fn advance(&self, duration: Duration) {
        self.state().elapsed += duration;
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.state().elapsed
    }

    /// All sleeps so far, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.state().slept.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.elapsed()
    }

    fn system_now(&self) -> SystemTime {
        self.system_start + self.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        let end = {
            let mut state = self.state();
            state.slept.push(duration);
            state.elapsed + duration
        };
        // Sleeps that begin at the same time end at the same time.
        yield_once().await;
        let mut state = self.state();
        state.elapsed = state.elapsed.max(end);
    }

    fn jitter(&self, ceiling: Duration) -> Duration {
        ceiling
    }
}

async fn yield_once() {
    let mut has_yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
