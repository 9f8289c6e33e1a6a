//! The commands, each from its arguments to its exit code.

pub(crate) mod delete;
pub(crate) mod jobs;
pub(crate) mod run;
