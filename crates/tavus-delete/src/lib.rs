#![doc = include_str!("../README.md")]

mod absence;
mod builder;
mod client;
mod conversation;
mod list;
mod pass;
mod reader;
mod wire;

pub use builder::ClientBuilder;
pub use client::{BoundClient, Client};
pub use delete_core::{
    self, AbsentOk, Attempt, Clock, ClockSkew, CredentialCheck, Deleter, DeleterExt, Deletion, Delivery, ErasureMode,
    Error, ErrorKind, Filter, Listing, Outcome, Presence, RateLimit, RateLimiter, RecordId, RecordMeta, RecordReader,
    RejectActive, RetryPolicy, Status, StopToken, Vendor, VerifyPolicy, http, testing,
};
pub use delete_core::{ApiKey, ConversationId};
pub use wire::VENDOR;
