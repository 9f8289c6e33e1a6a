#![doc = include_str!("../README.md")]

mod builder;
mod cascade;
mod children;
mod client;
mod environment;
mod list;
mod reader;
pub mod status;
mod token_claims;
mod wire;

pub use builder::{ClientBuilder, Credentials};
pub use cascade::{CascadeDeletion, CascadeOptions};
pub use children::{Child, ChildKind};
pub use client::Client;
/// The interactions to list. Their time is their creation, their status that of their encounter.
pub use delete_core::StatusFilter as Filter;
pub use delete_core::{
    self, AbsentOk, AccessToken, Attempt, ClientCredentials, Clock, ClockSkew, CredentialCheck, DeleteAll,
    DeleteAllOptions, Deleter, DeleterExt, Deletion, Delivery, Error, ErrorKind, Listing, Outcome, Presence, RateLimit,
    RateLimiter, RecordId, RecordMeta, RecordReader, RecordReaderExt, RecordUuid, RejectActive, RetryEvent,
    RetryPolicy, Status, StopToken, TokenSource, Vendor, VerifyPolicy, http, testing,
};
pub use environment::Environment;
pub use token_claims::{token_client, token_expiry};
pub use uuid::Uuid;
pub use wire::VENDOR;
