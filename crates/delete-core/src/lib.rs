#![doc = include_str!("../README.md")]

mod answer;
mod auth;
mod base_url;
mod classify;
mod clock;
mod deleter;
mod deletion;
mod env;
mod error;
mod id;
mod options;
mod pipeline;
mod retry;
mod retry_after;
mod secret;
pub mod testing;
pub mod text;
pub mod transport;
mod vendor;

pub use base_url::BaseUrl;
pub use clock::{Clock, SystemClock};
pub use deleter::{AbsentOk, Deleter, DeleterExt};
pub use deletion::{Attempt, Deletion, Delivery, Erasure, Outcome};
pub use error::{Error, ErrorKind};
pub use id::{ConversationId, RecordId};
pub use retry::RetryPolicy;
pub use secret::{AccessToken, ApiKey, ClientCredentials};
pub use vendor::Vendor;

/// What a vendor crate is made of. Who only deletes needs none of it.
pub mod vendor_kit {
    pub use crate::answer::{Answer, Content};
    pub use crate::auth::Auth;
    pub use crate::base_url::Collection;
    pub use crate::classify::{Dialect, VendorError, Verdict};
    pub use crate::env::{optional_url_var, optional_var, required_var};
    pub use crate::options::ClientOptions;
    pub use crate::pipeline::Pipeline;
}
