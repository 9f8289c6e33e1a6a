#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, ApiKey, Attempt, Deleter, DeleterExt, Deletion, Delivery, Error, ErrorKind, Outcome, RecordId,
    RetryPolicy,
};
pub use uuid::Uuid;
pub use wire::VENDOR;
