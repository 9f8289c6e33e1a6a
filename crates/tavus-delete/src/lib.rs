#![doc = include_str!("../README.md")]

mod absence;
mod builder;
mod client;
mod conversation;
mod list;
mod pass;
mod reader;
pub mod status;
mod wire;

pub use builder::ClientBuilder;
pub use client::{BoundClient, Client};
pub use wire::VENDOR;

/// The conversations to list. Their time is their creation.
pub use delete_core::StatusFilter as Filter;

// Credentials and options.
pub use delete_core::{ApiKey, Clock, ClockSkew, RateLimit, RateLimiter, RetryEvent, RetryPolicy, StopToken, http};
// Deletes.
pub use delete_core::{
    AbsentOk, Attempt, ConversationId, DeleteAll, DeleteAllOptions, Deleter, DeleterExt, Deletion, Delivery,
    ErasureMode, Error, ErrorKind, Outcome, RecordId, RejectActive, Vendor,
};
// Lists and lookups.
pub use delete_core::{
    CredentialCheck, Listing, Presence, RecordMeta, RecordReader, RecordReaderExt, Status, VerifyPolicy,
};
// For tests, and for what is not re-exported here.
pub use delete_core::{self, testing};
