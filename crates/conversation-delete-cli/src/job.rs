//! The commands on jobs that only read or plan.

pub(crate) mod export;
pub(crate) mod status;
pub(crate) mod verify;
