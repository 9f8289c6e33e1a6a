use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::SystemTime;

use super::*;
use crate::error::ErrorKind;
use crate::outcome::Delivery;
use crate::retry::{RateLimit, RateLimiter};
use crate::testing::TestClock;

/// How one attempt ends.
#[derive(Clone, Copy, Debug)]
enum Reply {
    Success,
    Permanent,
    Transient,
    /// Transient, with this `Retry-After` in seconds.
    RetryAfter(u64),
    Rejected,
    /// Transient, and somebody stops the call.
    Stop,
}
use Reply::{Permanent, Rejected, RetryAfter, Stop, Success, Transient};

/// A call without a network. Each attempt takes one second.
struct Script {
    clock: TestClock,
    limits: OriginLimits,
    policy: RetryPolicy,
    stop: StopToken,
    replies: Mutex<VecDeque<Reply>>,
    /// What obtaining each credential takes, in seconds.
    credential_takes: u64,
    is_renewable: bool,
    delays: Mutex<Vec<Duration>>,
}

impl Script {
    fn new(replies: &[Reply]) -> Self {
        Self::with_policy(replies, RetryPolicy::default())
    }

    fn with_policy(replies: &[Reply], policy: RetryPolicy) -> Self {
        Self {
            clock: TestClock::new(),
            limits: OriginLimits::new(&policy, None),
            policy,
            stop: StopToken::default(),
            replies: Mutex::new(replies.iter().copied().collect()),
            credential_takes: 0,
            is_renewable: true,
            delays: Mutex::default(),
        }
    }

    /// Runs the loop with 60 s in total, and 10 s at least for an attempt.
    async fn run(&self) -> Result<usize, Error> {
        let context = RetryContext {
            operation: Operation::Delete,
            clock: &self.clock,
            policy: &self.policy,
            limits: &self.limits,
            stop: &self.stop,
            deadline: self.clock.now() + Duration::from_secs(60),
            min_attempt_time: Duration::from_secs(10),
        };
        retry(&context, self).await.map(|((), attempts)| attempts.len())
    }

    async fn error(&self) -> Error {
        self.run().await.unwrap_err()
    }

    fn delays_in_ms(&self) -> Vec<u128> {
        self.delays.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

impl Attempts for Script {
    type Output = ();
    type Credential = u32;

    async fn credential(&self) -> Result<u32, Error> {
        self.clock.advance(Duration::from_secs(self.credential_takes));
        Ok(7)
    }

    async fn attempt(&self, credential: &u32, time: Duration, _: &[Attempt]) -> (Attempt, Result<(), Failure>) {
        assert_eq!(*credential, 7);
        assert!(time >= Duration::from_secs(10));
        self.clock.advance(Duration::from_secs(1));
        let failure = |class| Failure::new(ErrorKind::Server, class, "x");
        let result = match self.replies.lock().unwrap().pop_front().unwrap() {
            Success => Ok(()),
            Permanent => Err(failure(FailureClass::Permanent)),
            Rejected => Err(failure(FailureClass::CredentialRejected)),
            Transient => Err(failure(FailureClass::Transient)),
            Stop => {
                self.stop.stop();
                Err(failure(FailureClass::Transient))
            }
            RetryAfter(seconds) => {
                let failure = Failure::throttled("x", Duration::from_secs(seconds));
                Err(failure)
            }
        };
        (Attempt::new(SystemTime::UNIX_EPOCH, Duration::from_secs(1), Delivery::Answered), result)
    }

    fn renew(&self, _: &u32) -> bool {
        self.is_renewable
    }

    fn on_retry(&self, _: &[Attempt], _: &Failure, delay: Duration) {
        self.delays.lock().unwrap().push(delay);
    }
}

#[tokio::test]
async fn a_transient_failure_is_retried_and_no_other() {
    for (replies, expected, delays) in [
        (&[Success][..], Ok(1), &[][..]),
        (&[Transient, Success], Ok(2), &[500]),
        (&[Transient, Transient, Transient, Success], Ok(4), &[500, 1000, 2000]),
        (&[Transient, Transient, Transient, Transient], Err((4, true)), &[500, 1000, 2000]),
        (&[Permanent], Err((1, false)), &[]),
        (&[Transient, Permanent], Err((2, false)), &[500]),
        // A tenth more, so that waiting calls do not all return at once.
        (&[RetryAfter(10), Success], Ok(2), &[11_000]),
        // `Retry-After` may be less than the backoff.
        (&[RetryAfter(0), Success], Ok(2), &[500]),
        (&[RetryAfter(50)], Err((1, true)), &[]),
    ] {
        let script = Script::new(replies);
        let result = script.run().await.map_err(|error| (error.attempts().len(), error.is_retryable()));
        assert_eq!((result, script.delays_in_ms().as_slice()), (expected, delays), "{replies:?}");
    }
}

#[tokio::test]
async fn a_rejected_credential_is_renewed_once() {
    for (replies, is_renewable, attempts) in [
        (&[Rejected, Success][..], true, Ok(2)),
        (&[Rejected, Rejected], true, Err(2)),
        (&[Rejected], false, Err(1)),
        // It does not count against the policy.
        (&[Transient, Rejected, Transient, Transient, Success], true, Ok(5)),
    ] {
        let script = Script { is_renewable, ..Script::new(replies) };
        assert_eq!(script.run().await.map_err(|error| error.attempts().len()), attempts, "{replies:?}");
    }
}

#[tokio::test]
async fn without_budget_only_a_retry_after_is_honoured() {
    for (reply, attempts) in [(Transient, Err(1)), (RetryAfter(1), Ok(2)), (RetryAfter(0), Err(1))] {
        let script = Script::with_policy(&[reply, Success], RetryPolicy::default().with_budget(0));
        assert_eq!(script.run().await.map_err(|error| error.attempts().len()), attempts, "{reply:?}");
    }
}

#[tokio::test]
async fn a_throttle_is_waited_out_if_the_call_has_the_time() {
    let script = Script::new(&[Success]);
    script.limits.throttle.throttle_until(script.clock.now(), Duration::from_secs(40));
    assert_eq!(script.run().await.unwrap(), 1);
    assert_eq!(script.clock.slept(), [Duration::from_secs(44)]);

    let script = Script::new(&[]);
    script.limits.throttle.throttle_until(script.clock.now(), Duration::from_secs(51));
    let error = script.error().await;
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(51))));
    assert!(error.attempts().is_empty() && script.clock.slept().is_empty());
}

#[tokio::test]
async fn the_rate_limit_delays_a_call_or_refuses_it() {
    for (window, slept) in [(30, Some(29)), (60, None)] {
        let mut script = Script::new(&[Success, Success]);
        script.limits.rate = Some(RateLimiter::new(RateLimit::new(1, Duration::from_secs(window))));
        assert_eq!(script.run().await.unwrap(), 1);
        match (script.run().await, slept) {
            (Ok(attempts), Some(slept)) => {
                assert_eq!((attempts, script.clock.slept()), (1, vec![Duration::from_secs(slept)]));
            }
            (Err(error), None) => {
                assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::RateLimited, 0), "{error}");
                assert_eq!(error.retry_after(), Some(Duration::from_secs(59)));
            }
            (result, _) => panic!("{window}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn a_call_that_is_out_of_time_sends_nothing() {
    let script = Script { credential_takes: 51, ..Script::new(&[]) };
    let error = script.error().await;
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Timeout, 0));
    assert!(error.is_retryable() && error.delivery() == Delivery::NotSent);
}

#[tokio::test]
async fn a_stopped_call_sends_nothing_more() {
    let script = Script::new(&[]);
    script.stop.stop();
    let error = script.error().await;
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Interrupted, 0));

    let error = Script::new(&[Stop]).error().await;
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Interrupted, 1));
}

#[tokio::test]
async fn only_a_success_is_deposited_in_the_budget() {
    let script = Script::with_policy(&[Permanent, Success], RetryPolicy::default().with_budget(1));
    assert!(script.limits.budget.withdraw());
    assert!(script.run().await.is_err());
    (0..9).for_each(|_| script.limits.budget.deposit());
    assert!(!script.limits.budget.withdraw());
    assert!(script.run().await.is_ok());
    assert!(script.limits.budget.withdraw());
}
