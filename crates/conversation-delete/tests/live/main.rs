//! The suite against the fakes, which it meets under the host name `localhost` and the vendor's own variables.
#![allow(clippy::unwrap_used, reason = "a failed `unwrap` is a failed test")]

mod account;
mod failures;
mod fidelity;
mod program;
mod safety;
mod subjects;
