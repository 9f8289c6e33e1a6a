//! Releases of a small workspace to a registry on loopback that fails in every way a registry does.

#![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

mod execute;
#[cfg(unix)] // Whole process groups are killed, so that cargo dies with us.
mod killed;
mod plan;
mod publish;
mod support;
mod verify;
