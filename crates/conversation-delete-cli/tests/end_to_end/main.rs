//! The built program against fake vendors over loopback.

#![allow(missing_docs)]

mod delete;
mod input;
#[cfg(unix)]
mod interrupt;
mod others;
#[cfg(unix)]
mod question;
mod support;
