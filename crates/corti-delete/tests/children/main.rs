//! Lists and deletes the children of an interaction.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod availability;
mod cascade;
mod contradictions;
mod family;
mod lists;
mod one_child;
#[path = "../support/mod.rs"]
mod support;
