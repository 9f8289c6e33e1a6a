//! A response: read within bounds, then classified by its status first and its body second.

mod buffered;
mod classify;
mod denial;

pub(crate) use buffered::{BodyEnd, LONG_BODY, SHORT_BODY, read_body};
pub use buffered::{BodyKind, BufferedResponse};
pub use classify::{ResponseRules, VendorError, Verdict};
pub(crate) use classify::{classify, is_ambiguous};
