#![doc = include_str!("../README.md")]

mod builder;
mod cascade;
mod children;
mod client;
mod issuer;
mod reader;
mod wire;

pub use builder::{ClientBuilder, Credentials, Environment};
pub use cascade::{CascadeOptions, WithChildren};
pub use children::{Child, ChildKind};
pub use client::Client;
pub use delete_core::{
    self, AbsentOk, Attempt, Clock, ClockSkew, Deleter, DeleterExt, Deletion, Delivery, Erasure, Error, ErrorKind,
    Filter, Found, Listing, LiveGuard, Outcome, Preflight, Presence, RateLimit, RateLimiter, Reader, RecordId,
    RetryPolicy, Status, StopToken, Vendor, VerifyPolicy, testing, transport,
};
pub use delete_core::{AccessToken, ClientCredentials, TokenSource};
pub use uuid::Uuid;
pub use wire::VENDOR;
