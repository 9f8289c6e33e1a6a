#![doc = include_str!("../README.md")]

// Small values: ids, outcomes, operations and causes.
mod cause;
mod operation;
mod outcome;
mod record;
mod words;

// What a client is built from.
mod auth;
mod base_url;
mod clock;
mod clock_skew;
mod credential;
mod env;
mod options;
mod stop;

// One call: requests, responses, retries.
mod error;
pub mod http;
mod pipeline;
mod response;
mod retry;

// What users hold: deletes, reads and their results.
mod delete_all;
mod deleter;
mod deletion;
#[cfg(feature = "serde")]
mod json;
mod lookup;

pub mod testing;
pub mod text;
pub mod timestamp;

pub use base_url::BaseUrl;
pub use clock::{Clock, SystemClock};
pub use clock_skew::ClockSkew;
pub use credential::{AccessToken, ApiKey, ClientCredentials, TokenSource};
pub use delete_all::{DeleteAll, DeleteAllOptions, DeleterExt};
pub use deleter::{AbsentOk, Deleter};
pub use deletion::{BatchDeletion, Deletion};
pub use error::{Error, ErrorBuilder, ErrorKind};
pub use lookup::{
    CredentialCheck, Filter, Listing, Presence, RecordMeta, RecordReader, RecordReaderExt, RejectActive, StatusFilter,
    VerifyPolicy,
};
pub use outcome::{Attempt, Delivery, ErasureMode, Outcome};
pub use record::{ConversationId, RecordId, RecordUuid, Status, Vendor};
pub use retry::{RateLimit, RateLimiter, RetryEvent, RetryPolicy};
pub use stop::StopToken;

/// Building blocks for writing a vendor crate. You do not need them to delete records.
pub mod vendor_kit {
    pub use crate::auth::Auth;
    pub use crate::base_url::Collection;
    pub use crate::env::{EnvReader, optional_var};
    pub use crate::error::ErrorExt;
    pub use crate::lookup::{
        Page, PageCursor, PageDedup, Pager, active_status, check_filter_value, lenient, listed_conversation,
        listed_uuid, select, select_page,
    };
    pub use crate::options::{ClientOptions, RateLimiting};
    pub use crate::pipeline::Pipeline;
    pub use crate::response::{BodyKind, BufferedResponse, ResponseRules, VendorError, Verdict};
    pub use crate::retry::{RetryHook, retry_after};
}
