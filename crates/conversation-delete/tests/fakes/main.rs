//! The clients against the fake vendors.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod children;
mod clients;
mod deleting;
mod lists;
mod lookups;
mod options;
mod own_code;
mod targets;
