//! The commands, each from its arguments to its exit code.

pub(crate) mod check;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod end;
mod erasure_mode;
pub(crate) mod evidence;
pub(crate) mod export;
pub(crate) mod fake;
pub(crate) mod jobs;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod profiles;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod sweep;
pub(crate) mod verify;
