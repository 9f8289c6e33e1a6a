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
pub use environment::Environment;
pub use wire::VENDOR;

/// The interactions to list. Their time is their creation, their status that of their encounter.
pub use delete_core::StatusFilter as Filter;

// Credentials and options.
pub use delete_core::{
    AccessToken, ClientCredentials, Clock, RateLimit, RateLimiter, RetryEvent, RetryPolicy, StopToken, TokenSource,
};
// Deletes and their results.
pub use delete_core::{
    AbsentOk, Attempt, DeleteAll, DeleteAllOptions, Deleter, DeleterExt, Deletion, Delivery, Error, ErrorKind, Outcome,
    RecordId, RecordUuid, Vendor,
};
// Lists and lookups.
pub use delete_core::{
    ClockSkew, CredentialCheck, Listing, Presence, RecordMeta, RecordReader, RecordReaderExt, RejectActive, Status,
    VerifyPolicy,
};
pub use uuid::Uuid;

// The HTTP transport, helpers for tests, and everything that is not re-exported here.
pub use delete_core::{self, http, testing};
