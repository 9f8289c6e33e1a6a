//! The retry loop: it decides when an attempt is made and whether another follows. It knows neither HTTP nor vendors.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::error::Error;
use crate::operation::Operation;
use crate::outcome::{Attempt, AttemptList};
use crate::response::{Failure, FailureClass};
use crate::retry::{OriginLimits, Refusal, RetryPolicy};
use crate::stop::{StopToken, Stopped};

/// What the loop repeats.
pub(super) trait Attempts: Sync {
    type Output;
    type Credential: Send + Sync;

    /// The credential for the next attempt.
    fn credential(&self) -> impl Future<Output = Result<Self::Credential, Error>> + Send;

    /// Makes one attempt within `time`, after `earlier` ones.
    fn attempt(
        &self,
        credential: &Self::Credential,
        time: Duration,
        earlier: &[Attempt],
    ) -> impl Future<Output = (Attempt, Result<Self::Output, Failure>)> + Send;

    /// Drops a rejected credential. True if a fresh one can be obtained.
    fn renew(&self, rejected: &Self::Credential) -> bool;

    /// Called before each wait for another attempt: `attempts` were made, the last one failed.
    fn on_retry(&self, attempts: &[Attempt], failure: &Failure, delay: Duration);
}

/// What the loop keeps to.
pub(super) struct RetryContext<'a> {
    pub(super) operation: Operation,
    pub(super) clock: &'a dyn Clock,
    pub(super) policy: &'a RetryPolicy,
    pub(super) limits: &'a OriginLimits,
    pub(super) stop: &'a StopToken,
    pub(super) deadline: Instant,
    /// No attempt begins with less time than this.
    pub(super) min_attempt_time: Duration,
}

/// Makes attempts until one succeeds or fails permanently, or the policy, the retry budget or the time is used up, or
/// somebody stops the call. Returns the output with all attempts.
pub(super) async fn retry<A: Attempts>(
    context: &RetryContext<'_>,
    calls: &A,
) -> Result<(A::Output, AttemptList), Error> {
    let mut attempts = Vec::new();
    match retry_loop(context, calls, &mut attempts).await {
        Ok((output, last)) => {
            let mut attempts = AttemptList::from_vec(attempts);
            attempts.push(last);
            Ok((output, attempts))
        }
        Err(End::Failure(failure)) => Err(failure.into_error(context.operation, attempts)),
        // The error is now about this call.
        Err(End::NoCredential(error)) => Err(error.with_operation(context.operation).with_attempts(attempts.into())),
    }
}

/// Why the loop ended without output.
enum End {
    Failure(Failure),
    NoCredential(Error),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Returns the output with the last attempt. Those before it, and those of a failure, are in `attempts`.
async fn retry_loop<A: Attempts>(
    context: &RetryContext<'_>,
    calls: &A,
    attempts: &mut Vec<Attempt>,
) -> Result<(A::Output, Attempt), End> {
    // A repeat with a fresh credential does not count against the policy.
    let mut failures = 0;
    let mut is_renewed = false;
    let mut last_request_id = None;
    loop {
        let stopped = |Stopped| Failure::stopped(attempts.last(), last_request_id.as_deref());
        context.wait_for_throttle(stopped).await?;
        let credential = context.stop.unless_stopped(calls.credential()).await.map_err(stopped)?;
        let credential = credential.map_err(End::NoCredential)?;
        context.wait_for_turn(stopped).await?;
        context.stop.check().map_err(stopped)?;
        // Another response may have set a throttle in the meantime.
        if !context.throttled_for().is_zero() {
            continue;
        }
        let Some(time) = context.time_after(Duration::ZERO) else {
            return Err(Failure::out_of_time().into());
        };
        let (attempt, result) = calls.attempt(&credential, time, attempts).await;
        let failure = match result {
            Ok(output) => {
                context.limits.budget.deposit();
                return Ok((output, attempt));
            }
            Err(failure) => failure,
        };
        attempts.push(attempt);
        match failure.class {
            FailureClass::Permanent => return Err(failure.into()),
            FailureClass::CredentialRejected => {
                if is_renewed || !calls.renew(&credential) {
                    return Err(failure.into());
                }
                is_renewed = true;
            }
            FailureClass::Transient => {
                failures += 1;
                let Some(delay) = context.delay_after(failures, failure.error.retry_after().unwrap_or_default()) else {
                    return Err(failure.into());
                };
                calls.on_retry(attempts, &failure, delay);
                last_request_id = failure.error.request_id().map(str::to_owned);
                let slept = context.stop.sleep(context.clock, delay).await;
                slept.map_err(|Stopped| Failure::stopped(attempts.last(), last_request_id.as_deref()))?;
            }
        }
    }
}

impl RetryContext<'_> {
    /// Waits while `Retry-After` blocks requests to this origin, if the call has the time.
    async fn wait_for_throttle(&self, stopped: impl Fn(Stopped) -> Failure) -> Result<(), Failure> {
        loop {
            let wait = self.throttled_for();
            if wait.is_zero() {
                return Ok(());
            }
            if self.time_after(wait).is_none() {
                return Err(Failure::throttled(
                    "the Retry-After of an earlier response is longer than this call may take",
                    wait,
                ));
            }
            self.stop.sleep(self.clock, self.with_jitter(wait)).await.map_err(&stopped)?;
        }
    }

    /// Waits for this call's turn under the rate limit, if the call has the time.
    async fn wait_for_turn(&self, stopped: impl Fn(Stopped) -> Failure) -> Result<(), Failure> {
        let Some(rate) = &self.limits.rate else { return Ok(()) };
        let latest = self.deadline.checked_sub(self.min_attempt_time).unwrap_or_else(|| self.clock.now());
        rate.acquire(self.clock, self.stop, latest).await.map_err(|refusal| match refusal {
            Refusal::Stopped => stopped(Stopped),
            Refusal::TooLong(wait) => {
                Failure::throttled("the client's rate limit leaves no room for this call within its time", wait)
            }
        })
    }

    fn throttled_for(&self) -> Duration {
        self.limits.throttle.throttled_for(|| self.clock.now())
    }

    /// The wait before the next attempt; `None` if the policy, the time or the budget allows none.
    fn delay_after(&self, failures: u32, retry_after: Duration) -> Option<Duration> {
        let backoff = self.policy.delay_after(failures, self.clock);
        let delay = if retry_after > backoff { self.with_jitter(retry_after) } else { backoff };
        // `Retry-After` limits the load by itself.
        let may_retry = self.policy.allows_after(failures)
            && self.time_after(delay).is_some()
            && (!retry_after.is_zero() || self.limits.budget.withdraw());
        may_retry.then_some(delay)
    }

    /// The time that is left after a wait; `None` if no useful attempt fits in.
    fn time_after(&self, wait: Duration) -> Option<Duration> {
        let left = self.time_left().checked_sub(wait)?;
        (!left.is_zero() && left >= self.min_attempt_time).then_some(left)
    }

    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.clock.now())
    }

    /// A wait by `Retry-After`, and up to a tenth more (at most 5 s), so that waiting calls do not all return in the same
    /// instant.
    fn with_jitter(&self, wait: Duration) -> Duration {
        let longest_wait = self.time_left().saturating_sub(self.min_attempt_time);
        let spread = (wait / 10).min(Duration::from_secs(5)).min(longest_wait.saturating_sub(wait));
        wait.saturating_add(self.clock.jitter(spread))
    }
}

#[cfg(test)]
mod tests;
