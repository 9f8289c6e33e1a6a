#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod wire;

pub use builder::ClientBuilder;
pub use client::{BoundClient, Client};
pub use delete_core::{
    self, AbsentOk, ApiKey, Attempt, ConversationId, Deleter, DeleterExt, Deletion, Delivery, Erasure, Error,
    ErrorKind, Outcome, RecordId, RetryPolicy,
};
pub use wire::VENDOR;
