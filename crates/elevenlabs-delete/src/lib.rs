#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod wire;

pub use builder::{ClientBuilder, Residency};
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, ApiKey, Attempt, ConversationId, Deleter, DeleterExt, Deletion, Delivery, Error, ErrorKind,
    Outcome, RecordId, RetryPolicy,
};
pub use wire::VENDOR;
