//! The requests that list, look up and end conversations, and what the responses mean.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod ending;
mod lists;
mod lookups;
mod pages;
mod workspace;
