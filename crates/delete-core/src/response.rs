//! A response: read within bounds, then classified by its status first and its body second.

mod buffered;
mod classify;
mod decode;
mod denial;
mod failure;
mod receive;

pub use buffered::{BodyKind, BufferedResponse};
pub(crate) use buffered::{LONG_BODY, SHORT_BODY};
pub(crate) use classify::Classification;
pub use classify::{ResponseRules, VendorError, Verdict};
pub(crate) use decode::decode;
pub(crate) use failure::{Failure, FailureClass, request_id};
pub(crate) use receive::receive;
