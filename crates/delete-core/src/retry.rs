//! When a request is sent again, and what limits the requests of all clones of a client.

mod budget;
mod event;
mod policy;
mod rate_limit;
mod retry_after;
mod throttle;

use budget::RetryBudget;
use throttle::Throttle;

pub use event::{RetryEvent, RetryHook};
pub use policy::RetryPolicy;
pub(crate) use rate_limit::Refusal;
pub use rate_limit::{RateLimit, RateLimiter};
pub use retry_after::retry_after;

/// What all clones of a client share for one origin.
#[derive(Debug)]
pub(crate) struct OriginLimits {
    pub(crate) budget: RetryBudget,
    pub(crate) throttle: Throttle,
    pub(crate) rate: Option<RateLimiter>,
}

impl OriginLimits {
    pub(crate) fn new(policy: &RetryPolicy, rate: Option<RateLimiter>) -> Self {
        Self { budget: RetryBudget::new(policy.budget), throttle: Throttle::default(), rate }
    }
}
