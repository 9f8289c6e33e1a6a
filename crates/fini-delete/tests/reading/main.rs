//! The requests that list and look up conversations, and what the responses mean.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod lists;
mod lookups;
mod windows;
mod workspace;
