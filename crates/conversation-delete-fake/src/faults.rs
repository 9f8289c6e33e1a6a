//! Faults as data: which calls they hit, and what happens to those.

mod active;
mod apply;
mod build;
mod check;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::Route;
pub use active::FaultHandle;
pub(crate) use active::Faults;

/// Something that goes wrong.
///
/// A constructor says what goes wrong; the other methods narrow down which calls are hit. Without any of them a fault
/// hits every call of every route. If several faults match a call, the first one added that still fires wins.
///
/// ```
/// use conversation_delete_fake::{Fault, Route};
///
/// // The first delete takes effect, but its response is lost.
/// let lost_response = Fault::close().after_effect().on(Route::Delete).once();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    kind: Kind,
    route: Route,
    id: Option<String>,
    nth: Option<u64>,
    times: Option<u64>,
    every: Option<u64>,
    share: Option<f64>,
    effect: Option<bool>,
    effect_after_ms: Option<u64>,
    status: Option<u16>,
    code: Option<String>,
    body: Option<Value>,
    content_type: Option<String>,
    headers: BTreeMap<String, String>,
    location: Option<String>,
    retry_after: Option<RetryAfter>,
    delay_ms: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Reply,
    Html,
    Redirect,
    Throttle,
    #[serde(alias = "lie")]
    NoEffect,
    Delay,
    Truncate,
    SlowHeaders,
    DropRequestBody,
    Stall,
    Close,
    Reset,
}

/// The value of a `Retry-After` header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RetryAfter {
    /// This many seconds.
    Seconds(u64),
    /// An HTTP date this many seconds from the fake's present time.
    HttpDate {
        /// The seconds.
        http_date_in: u64,
    },
    /// Any text, valid or not.
    Text(String),
}

/// When the change that a call asks for happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EffectTime {
    /// Before the response.
    Now,
    /// This long after the request.
    After(Duration),
    Never,
}

impl Fault {
    /// Returns when a call that this fault hits takes effect.
    pub(crate) fn effect_time(&self) -> EffectTime {
        if let Some(ms) = self.effect_after_ms {
            return EffectTime::After(Duration::from_millis(ms));
        }
        let natural = match self.kind {
            Kind::Delay | Kind::SlowHeaders => true,
            Kind::Truncate | Kind::DropRequestBody => self.status.is_none(),
            _ => false,
        };
        if self.effect.unwrap_or(natural) { EffectTime::Now } else { EffectTime::Never }
    }

    /// Whether the vendor gets the request without its body.
    pub(crate) fn drops_request_body(&self) -> bool {
        self.kind == Kind::DropRequestBody
    }
}
