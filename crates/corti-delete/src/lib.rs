#![doc = include_str!("../README.md")]

mod builder;
mod cascade;
mod children;
mod client;
mod reader;
mod token_claims;
mod wire;

pub use builder::{ClientBuilder, Credentials, Environment};
pub use cascade::{CascadeOptions, WithChildren};
pub use children::{Child, ChildKind};
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, Attempt, Clock, ClockSkew, CredentialCheck, Deleter, DeleterExt, Deletion, Delivery, ErasureMode,
    Error, ErrorKind, Filter, Listing, Outcome, Presence, RateLimit, RateLimiter, RecordId, RecordMeta, RecordReader,
    RejectActive, RetryPolicy, Status, StopToken, Vendor, VerifyPolicy, http, testing,
};
pub use delete_core::{AccessToken, ClientCredentials, TokenSource};
pub use uuid::Uuid;
pub use wire::VENDOR;
