//! Reads: the requests, and what the responses mean.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod check;
mod listing;
mod lookups;
#[path = "../support/mod.rs"]
mod support;

fn record(number: u128) -> corti_delete::RecordId {
    support::uuid(number).into()
}
