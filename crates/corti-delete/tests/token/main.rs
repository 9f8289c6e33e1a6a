//! OAuth2 tokens: fetching, sharing, renewal, failures and secrecy.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod failures;
mod lifetime;
mod refresh;
mod secrets;
mod vendor;
