//! The built program against fake vendors over loopback.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod delete;
#[cfg(unix)]
mod fake;
mod input;
#[cfg(unix)]
mod interrupt;
mod others;
#[cfg(unix)]
mod question;
mod support;
