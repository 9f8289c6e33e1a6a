#![doc = include_str!("../README.md")]

mod absence;
mod builder;
mod client;
mod list;
mod reader;
pub mod status;
mod wire;

pub use builder::ClientBuilder;
pub use client::{BoundClient, Client};
/// The conversations to list. Their time is their creation.
pub use delete_core::StatusFilter as Filter;
pub use delete_core::{
    self, AbsentOk, ApiKey, Attempt, Clock, ClockSkew, ConversationId, CredentialCheck, DeleteAll, DeleteAllOptions,
    Deleter, DeleterExt, Deletion, Delivery, ErasureMode, Error, ErrorKind, Listing, Outcome, Presence, RateLimit,
    RateLimiter, RecordId, RecordMeta, RecordReader, RecordReaderExt, RejectActive, RetryEvent, RetryPolicy, Status,
    StopToken, Vendor, VerifyPolicy, http, testing,
};
pub use wire::VENDOR;
