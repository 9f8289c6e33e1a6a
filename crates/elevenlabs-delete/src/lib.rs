#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod filter;
mod list;
mod reader;
mod residency;
pub mod status;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, ApiKey, Attempt, Clock, ClockSkew, ConversationId, CredentialCheck, DeleteAll, DeleteAllOptions,
    Deleter, DeleterExt, Deletion, Delivery, ErasureMode, Error, ErrorKind, Listing, Outcome, Presence, RateLimit,
    RateLimiter, RecordId, RecordMeta, RecordReader, RecordReaderExt, RejectActive, RetryEvent, RetryPolicy, Status,
    StopToken, Vendor, VerifyPolicy, http, testing,
};
pub use filter::Filter;
pub use residency::Residency;
pub use wire::VENDOR;
