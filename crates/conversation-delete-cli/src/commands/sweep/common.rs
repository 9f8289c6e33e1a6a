//! What all vendors of a sweep have in common.

use std::time::{Instant, SystemTime};

use delete_core::Filter;

use crate::args::{FilterArgs, SweepArgs};
use crate::confirm::{Question, Subject};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::plan::bounds;

/// What all vendors of a sweep have in common.
pub(super) struct Sweep<'a> {
    pub(super) args: &'a SweepArgs,
    pub(super) is_verbose: bool,
    pub(super) filter: FilterArgs,
    /// One moment for all vendors.
    pub(super) times: Filter,
    pub(super) deadline: Option<Instant>,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(args: &'a SweepArgs, is_verbose: bool) -> Self {
        let filter = args.filter();
        let times = bounds::times(&filter).at(SystemTime::now());
        Self { args, is_verbose, filter, times, deadline: args.deadline.map(|after| Instant::now() + after) }
    }

    /// Asks, unless `--yes` does.
    pub(super) fn confirm(&self, subjects: Vec<Subject<'_>>) -> Result<(), CommandError> {
        let question = Question { subjects, notes: Vec::new() };
        match self.args.yes || self.args.dry_run || question.is_confirmed() {
            true => Ok(()),
            false => Err(CommandError::new(Exit::Unsafe, "not confirmed: no more was sent")),
        }
    }

    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }
}
