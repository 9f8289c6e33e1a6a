use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderMap;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::clock_skew::ClockSkew;
use crate::http::Transport;
use crate::operation::Operation;
use crate::record::Vendor;
use crate::retry::{OriginLimits, RetryHook, RetryPolicy};
use crate::stop::StopToken;

/// What all clones of a client share.
pub(crate) struct Shared {
    pub(crate) vendor: Vendor,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) auth: Auth,
    /// Those of every request, with the credential if it is fixed.
    pub(crate) headers: HeaderMap,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry: RetryPolicy,
    /// Those of the vendor's API.
    pub(crate) limits: OriginLimits,
    /// Those of the token endpoint, which is another origin: its `Retry-After` does not block the API.
    pub(crate) token_limits: OriginLimits,
    pub(crate) attempt_timeout: Duration,
    /// No attempt begins with less time than this: it could end while connecting, and would count as sent.
    pub(crate) min_attempt_time: Duration,
    pub(crate) clock_skew: Mutex<Option<ClockSkew>>,
    pub(crate) stop: StopToken,
    pub(crate) on_retry: Option<Arc<RetryHook>>,
}

impl Shared {
    /// The limits of the origin that this operation's requests go to.
    pub(super) fn limits(&self, operation: Operation) -> &OriginLimits {
        match operation {
            Operation::Token => &self.token_limits,
            Operation::Delete | Operation::Read | Operation::End => &self.limits,
        }
    }
}
