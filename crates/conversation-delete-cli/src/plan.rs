//! What is deleted where: ids, holds and targets on their way into a job.

pub(crate) mod bounds;
pub(crate) mod draft;
pub(crate) mod dry_run;
pub(crate) mod heading;
pub(crate) mod holds;
pub(crate) mod input;
pub(crate) mod shards;
pub(crate) mod target;
