#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod reader;
mod scan;
mod seen;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, ApiKey, Attempt, BatchDeletion, Clock, ClockSkew, CredentialCheck, DeleteAll, DeleteAllOptions,
    Deleter, DeleterExt, Deletion, Delivery, ErasureMode, Error, ErrorKind, Filter, Listing, Outcome, Presence,
    RateLimit, RateLimiter, RecordId, RecordMeta, RecordReader, RecordReaderExt, RecordUuid, RejectActive, RetryEvent,
    RetryPolicy, Status, StopToken, Vendor, VerifyPolicy, http, testing,
};
pub use uuid::Uuid;
pub use wire::VENDOR;
