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
    self, AbsentOk, Attempt, Clock, ClockSkew, Deleter, DeleterExt, Deletion, Delivery, Erasure, Error, ErrorKind,
    Filter, Found, Listing, LiveGuard, Outcome, Preflight, Presence, RateLimit, RateLimiter, Reader, RecordId,
    RetryPolicy, Status, StopToken, Vendor, VerifyPolicy, testing, transport,
};
pub use delete_core::{ApiKey, ConversationId};
pub use wire::VENDOR;
