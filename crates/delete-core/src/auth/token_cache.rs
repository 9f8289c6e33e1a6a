//! Keeps a value that expires, such as an access token: fetched once for all who need it, replaced before its end.
//!
//! A fetch is a shared future that any of its waiters drives, so it goes on if one of them is dropped or not polled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};

/// A value is replaced this long before its end, or at half of its lifetime if that is sooner.
const MARGIN: Duration = Duration::from_secs(60);

/// While the value is still valid, the caller that replaces it waits no longer than this for the new one, and after a
/// failure nobody tries again for as long.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

/// The lifetime of a value that comes without one.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// No value is kept for longer, whatever its lifetime.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub(super) struct TokenCache<T: Clone> {
    state: Arc<Mutex<State<T>>>,
}

#[derive(Debug)]
struct State<T: Clone> {
    token: Option<Token<T>>,
    /// The values that calls in flight may still use: the current one and the one before.
    recent: [Option<T>; 2],
    /// The fetch that is in flight, as long as somebody waits for it.
    fetch: Option<WeakShared<Fetch<T>>>,
    /// No refresh begins earlier, because the last one failed.
    next_refresh: Option<Instant>,
}

pub(crate) type Fetch<T> = BoxFuture<'static, Result<Token<T>, Error>>;

/// A value and its lifetime.
#[derive(Clone, Debug)]
pub(crate) struct Token<T> {
    value: T,
    renew_at: Instant,
    ends_at: Instant,
}

impl<T> Token<T> {
    /// A value that was requested at `requested_at`.
    pub(crate) fn new(value: T, lifetime: Option<Duration>, requested_at: Instant) -> Self {
        let lifetime = lifetime.unwrap_or(DEFAULT_LIFETIME).min(MAX_LIFETIME);
        let renew_at = requested_at + (lifetime - MARGIN.min(lifetime / 2));
        Self { value, renew_at, ends_at: requested_at + lifetime }
    }
}

/// A caller that needs a value, and how it fetches one.
pub(crate) struct Caller<'a, T> {
    pub(crate) clock: &'a dyn Clock,
    /// When the caller's own time ends.
    pub(crate) deadline: Instant,
    /// How long a refresh may take, if less than five seconds.
    pub(crate) attempt_timeout: Duration,
    /// How long a fetch may take for which callers have to wait.
    pub(crate) total_timeout: Duration,
    /// Starts a fetch that ends by the given time.
    pub(crate) fetch: &'a (dyn Fn(Instant) -> Fetch<T> + Send + Sync),
}

/// What a caller has to do for a value.
enum Plan<T: Clone> {
    Use(T),
    /// The value is still valid; this caller alone replaces it.
    Refresh(T, Shared<Fetch<T>>),
    /// There is no valid value.
    Wait(Shared<Fetch<T>>),
}

impl<T: Clone + PartialEq + Send + Sync + 'static> TokenCache<T> {
    pub(super) fn new() -> Self {
        let state = State { token: None, recent: [None, None], fetch: None, next_refresh: None };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The current value, or one that is fetched now. All callers share a fetch, and its failure.
    pub(super) async fn get(&self, caller: &Caller<'_, T>) -> Result<T, Error> {
        match self.plan(caller) {
            Plan::Use(value) => Ok(value),
            Plan::Refresh(current, fetch) => self.refresh(caller, current, fetch).await,
            Plan::Wait(fetch) => self.wait(caller, fetch).await,
        }
    }

    fn plan(&self, caller: &Caller<'_, T>) -> Plan<T> {
        let now = caller.clock.now();
        let mut state = lock(&self.state);
        let fetch = state.fetch.as_ref().and_then(WeakShared::upgrade).filter(|fetch| fetch.peek().is_none());
        let valid = state.token.as_ref().filter(|token| now < token.ends_at);
        let Some(Token { value, renew_at, .. }) = valid.cloned() else {
            return Plan::Wait(fetch.unwrap_or_else(|| self.begin(&mut state, caller, now + caller.total_timeout)));
        };
        let is_paused = state.next_refresh.is_some_and(|at| now < at);
        if now < renew_at || fetch.is_some() || is_paused {
            return Plan::Use(value);
        }
        Plan::Refresh(value, self.begin(&mut state, caller, now + refresh_timeout(caller)))
    }

    /// Starts a fetch, which ends with the last of its waiters. Its value is kept even if nobody waits any more then.
    fn begin(&self, state: &mut State<T>, caller: &Caller<'_, T>, deadline: Instant) -> Shared<Fetch<T>> {
        let (fetch, shared) = ((caller.fetch)(deadline), Arc::clone(&self.state));
        let fetch = async move {
            let token = fetch.await?;
            lock(&shared).store(&token);
            Ok(token)
        };
        let fetch = fetch.boxed().shared();
        state.fetch = fetch.downgrade();
        fetch
    }

    /// Replaces a value that is still valid and stays in use if that fails, whatever the reason. Only a new value for
    /// another target is an error at once.
    async fn refresh(&self, caller: &Caller<'_, T>, current: T, fetch: Shared<Fetch<T>>) -> Result<T, Error> {
        match tokio::time::timeout(refresh_timeout(caller), fetch).await {
            Ok(Ok(token)) => return Ok(token.value),
            Ok(Err(error)) if error.kind() == ErrorKind::WrongTarget => return Err(error),
            Ok(Err(_)) | Err(_) => {}
        }
        lock(&self.state).next_refresh = Some(caller.clock.now() + REFRESH_TIMEOUT);
        Ok(current)
    }

    async fn wait(&self, caller: &Caller<'_, T>, mut fetch: Shared<Fetch<T>>) -> Result<T, Error> {
        loop {
            // Lets calls that come at the same time join this fetch.
            tokio::task::yield_now().await;
            let time_left = caller.deadline.saturating_duration_since(caller.clock.now());
            match tokio::time::timeout(time_left, fetch).await {
                Ok(Ok(token)) => return Ok(token.value),
                // The caller that began the fetch had less time than this one.
                Ok(Err(error)) if error.kind() == ErrorKind::Timeout && caller.clock.now() < caller.deadline => {
                    fetch = match self.plan(caller) {
                        Plan::Use(value) | Plan::Refresh(value, _) => return Ok(value),
                        Plan::Wait(fetch) => fetch,
                    };
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(out_of_time()),
            }
        }
    }

    /// Drops the value if it is still `rejected`; another caller may have replaced it.
    pub(super) fn forget(&self, rejected: &T) {
        let mut state = lock(&self.state);
        if state.token.as_ref().is_some_and(|token| token.value == *rejected) {
            state.token = None;
        }
    }

    /// The values that calls in flight may use.
    pub(super) fn recent(&self) -> [Option<T>; 2] {
        lock(&self.state).recent.clone()
    }
}

impl<T: Clone> State<T> {
    fn store(&mut self, token: &Token<T>) {
        self.recent = [Some(token.value.clone()), self.recent[0].take()];
        self.token = Some(token.clone());
        self.next_refresh = None;
    }
}

fn lock<T: Clone>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refresh_timeout<T>(caller: &Caller<'_, T>) -> Duration {
    REFRESH_TIMEOUT.min(caller.attempt_timeout)
}

fn out_of_time() -> Error {
    let message = "no access token could be obtained: none came within the time of this call";
    Error::builder(ErrorKind::Timeout, message).retryable(true).build().without_token()
}

#[cfg(test)]
mod tests;
