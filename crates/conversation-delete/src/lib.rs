#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Results and errors.
pub use delete_core::{
    AbsentOk, Attempt, BatchDeletion, Deletion, Delivery, ErasureMode, Error, ErrorBuilder, ErrorKind, Outcome,
};
// Ids.
pub use delete_core::{ConversationId, RecordId, RecordUuid, Vendor};
pub use uuid::Uuid;
// Deletes at any vendor.
pub use delete_core::{DeleteAll, DeleteAllOptions, Deleter, DeleterExt, RejectActive};
// Lists, lookups and credential checks at any vendor.
pub use delete_core::{
    ClockSkew, CredentialCheck, Filter, Listing, Presence, RecordMeta, RecordReader, RecordReaderExt, Status,
    StatusFilter, VerifyPolicy,
};
// Credentials and options.
pub use delete_core::{
    AccessToken, ApiKey, BaseUrl, ClientCredentials, Clock, RateLimit, RateLimiter, RetryEvent, RetryPolicy, StopToken,
    SystemClock, TokenSource,
};
// The HTTP transport, and helpers for tests.
pub use delete_core::{http, testing};

/// Re-exports a vendor crate as a module, behind the feature of its name.
macro_rules! vendor {
    ($feature:literal, $module:ident, $krate:ident) => {
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        #[doc = concat!("*Requires the feature `", $feature, "`.*\n\n")]
        #[doc(inline)]
        pub use $krate as $module;
    };
}

vendor!("corti", corti, corti_delete);
vendor!("fini", fini, fini_delete);
vendor!("elevenlabs", elevenlabs, elevenlabs_delete);
vendor!("tavus", tavus, tavus_delete);
