#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod wire;

pub use builder::{ClientBuilder, Credentials, Environment};
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, AccessToken, Attempt, ClientCredentials, Deleter, DeleterExt, Deletion, Delivery, Error, ErrorKind,
    Outcome, RecordId, RetryPolicy,
};
pub use uuid::Uuid;
pub use wire::VENDOR;
