#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod reader;
mod scan;
mod seen;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use uuid::Uuid;
pub use wire::VENDOR;

// Credentials and options.
pub use delete_core::{ApiKey, Clock, ClockSkew, RateLimit, RateLimiter, RetryEvent, RetryPolicy, StopToken, http};
// Deletes.
pub use delete_core::{
    AbsentOk, Attempt, BatchDeletion, DeleteAll, DeleteAllOptions, Deleter, DeleterExt, Deletion, Delivery,
    ErasureMode, Error, ErrorKind, Outcome, RecordId, RecordUuid, RejectActive, Vendor,
};
// Lists and lookups.
pub use delete_core::{
    CredentialCheck, Filter, Listing, Presence, RecordMeta, RecordReader, RecordReaderExt, Status, VerifyPolicy,
};
// For tests, and for what is not re-exported here.
pub use delete_core::{self, testing};
