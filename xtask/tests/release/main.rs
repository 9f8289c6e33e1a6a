//! Releases of a small workspace to a registry on loopback that fails as registries do.
//!
//! They run only with `XTASK_RELEASE_TESTS=1`, because they start cargo and git some hundred times.

#![cfg(unix)] // Whole process groups are killed, so that cargo dies too.
#![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

mod execute;
mod killed;
mod mixed_versions;
mod publish;
mod support;
mod verify;
