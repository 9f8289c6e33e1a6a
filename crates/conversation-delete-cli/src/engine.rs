//! What runs a job: its lanes, what stops it, and how its end is reported.

pub(crate) mod conclusion;
pub(crate) mod control;
pub(crate) mod credential;
pub(crate) mod lanes;
pub(crate) mod reporter;
