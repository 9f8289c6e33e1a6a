//! What all vendors of a sweep have in common.

use std::time::{Duration, Instant, SystemTime};

use delete_core::{ClockSkew, Filter};

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
    started: SystemTime,
    begun: Instant,
    pub(super) deadline: Option<Instant>,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(args: &'a SweepArgs, is_verbose: bool) -> Self {
        let filter = args.filter();
        let (started, begun) = (SystemTime::now(), Instant::now());
        let times = bounds::times(&filter).at(started);
        Self { args, is_verbose, filter, times, started, begun, deadline: args.deadline.map(|after| begun + after) }
    }

    /// Asks, unless `--yes` does.
    pub(super) fn confirm(&self, subjects: Vec<Subject<'_>>) -> Result<(), CommandError> {
        let question = Question { subjects, notes: Vec::new() };
        match self.args.yes || self.args.dry_run || question.is_confirmed() {
            true => Ok(()),
            false => Err(CommandError::new(Exit::Unsafe, "not confirmed: no more was sent")),
        }
    }

    /// Refuses a list if the clock was set back since the start: the vendors' clocks are compared with it as it is now, and
    /// the age was counted before.
    pub(super) fn check_clock(&self) -> Result<(), CommandError> {
        if self.args.trust_clock || !is_set_back(self.started, self.begun.elapsed(), SystemTime::now()) {
            return Ok(());
        }
        let message = "this computer's clock was set back after the sweep began, so that it would delete younger records than \
                       meant: nothing was planned; sweep again";
        Err(CommandError::new(Exit::Unsafe, message))
    }

    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }
}

/// Whether the clock shows less than what has passed since it showed `started`, by more than is tolerated of a vendor's.
fn is_set_back(started: SystemTime, elapsed: Duration, now: SystemTime) -> bool {
    now + ClockSkew::TOLERATED < started + elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_noticed_and_one_that_is_set_forward_does_no_harm() {
        const HOUR: Duration = Duration::from_secs(3600);
        let started = SystemTime::now();
        for (elapsed, now, expected) in [
            (Duration::ZERO, started - HOUR, true),
            // As long ago as it was set back.
            (HOUR, started, true),
            (HOUR, started + HOUR, false),
            (HOUR, started + HOUR - ClockSkew::TOLERATED, false),
            // A computer that slept, or a clock that was set forward.
            (Duration::ZERO, started + HOUR, false),
        ] {
            assert_eq!(is_set_back(started, elapsed, now), expected, "{elapsed:?}");
        }
    }
}
