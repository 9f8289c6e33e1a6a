#![doc = include_str!("../README.md")]

mod auth;
mod base_url;
mod buffered;
mod classify;
mod clock;
mod clock_skew;
mod credential_check;
mod delete_all;
mod deleter;
mod deletion;
mod denial;
mod env;
mod error;
mod filter;
mod id;
mod listing;
mod options;
mod pipeline;
mod presence;
mod rate_limit;
mod reader;
mod reject_active;
mod retry;
mod retry_after;
mod secret;
mod status;
mod stop;
pub mod testing;
pub mod text;
pub mod timestamp;
pub mod transport;
mod vendor;

pub use base_url::BaseUrl;
pub use clock::{Clock, SystemClock};
pub use clock_skew::ClockSkew;
pub use credential_check::CredentialCheck;
pub use deleter::{AbsentOk, Deleter, DeleterExt};
pub use deletion::{Attempt, Deletion, Delivery, ErasureMode, Outcome};
pub use error::{Error, ErrorKind};
pub use filter::Filter;
pub use id::{ConversationId, RecordId};
pub use listing::{Listing, RecordMeta};
pub use presence::{Presence, VerifyPolicy};
pub use rate_limit::{RateLimit, RateLimiter};
pub use reader::RecordReader;
pub use reject_active::RejectActive;
pub use retry::RetryPolicy;
pub use secret::{AccessToken, ApiKey, ClientCredentials, TokenSource};
pub use status::Status;
pub use stop::StopToken;
pub use vendor::Vendor;

/// What a vendor crate is made of. Who only deletes needs none of it.
pub mod vendor_kit {
    pub use crate::auth::Auth;
    pub use crate::base_url::Collection;
    pub use crate::buffered::{BodyKind, BufferedResponse};
    pub use crate::classify::{ResponseRules, VendorError, Verdict};
    pub use crate::env::{optional_url_var, optional_var, required_var};
    pub use crate::filter::KnownFilters;
    pub use crate::listing::{CursorCycleCheck, Page, PageDedup, Pager};
    pub use crate::options::ClientOptions;
    pub use crate::pipeline::Pipeline;
    pub use crate::presence::PendingChecks;
}
