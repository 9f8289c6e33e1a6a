//! What goes over the wire to find conversations, to look them up and to end them, and what comes of the responses.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod ending;
mod lists;
mod lookups;
mod pages;
mod workspace;
