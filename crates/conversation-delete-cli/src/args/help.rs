//! What stands below the options in the help: examples, and what a reader of results must know.

pub(super) const PROGRAM: &str = include_str!("help/program.txt");
pub(super) const DELETE: &str = include_str!("help/delete.txt");
pub(super) const END: &str = include_str!("help/end.txt");
pub(super) const SWEEP: &str = include_str!("help/sweep.txt");
pub(super) const LIST: &str = include_str!("help/list.txt");
pub(super) const VERIFY: &str = include_str!("help/verify.txt");
pub(super) const CHECK: &str = include_str!("help/check.txt");
pub(super) const PLAN: &str = include_str!("help/plan.txt");
pub(super) const RUN: &str = include_str!("help/run.txt");
