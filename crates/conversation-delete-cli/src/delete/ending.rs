//! What is said at the end of a run, and the exit code.

use std::io;

use delete_core::ErasureMode;

use super::Prepared;
use crate::args::AbsentArgs;
use crate::exit::{Exit, Findings};
use crate::progress::{notice, notice_ids};
use crate::proof::Proven;
use crate::report::{Outcome, Tally, count};
use crate::run::{self, Ending, Stop};

impl Prepared<'_> {
    pub(super) fn conclude(&self, ending: &Ending, printed: io::Result<()>) -> Exit {
        let is_printed = self.tell_of_tally(&ending.tally, ending.stop, printed);
        exit_for(ending, is_printed, self.args.absent)
    }

    pub(super) fn conclude_proof(&self, proven: &Proven, tally: &Tally, printed: io::Result<()>) -> Exit {
        if let Some((exit, _)) = proven.refusal {
            return exit;
        }
        let is_printed = self.tell_of_tally(tally, proven.stop, printed);
        let still_present = count(proven.proof.still_present, "record");
        if !proven.still_present.is_empty() {
            let heading = format!("error: {still_present} still there, which the vendor still shows after the delete:");
            notice_ids(&heading, &proven.still_present, proven.still_present.len() as u64);
        } else if proven.proof.still_present > 0 && self.target.erasure_mode() == Some(ErasureMode::Soft) {
            notice(&format!("note: after a soft delete {still_present} can still be seen, as is to be expected"));
        }
        if proven.proof.unverified > 0 {
            let records = count(proven.proof.unverified, "record");
            notice(&format!("{records} deleted by the vendor's word alone: no look before and after proves it"));
        }
        exit_for_proof(proven, tally, is_printed, self.args.absent)
    }

    /// Says what a person should know of the results. True when stdout took them all.
    fn tell_of_tally(&self, tally: &Tally, stop: Option<Stop>, printed: io::Result<()>) -> bool {
        let variables = self.target.vendor_name().variables();
        let suspicion = PendingChecks::of(tally).suspicion(self.args.absent);
        suspicion.iter().for_each(|suspicion| notice(&format!("warning: {suspicion} ({variables})")));
        if matches!(stop, Some(Stop::CredentialRefused | Stop::WrongTarget)) {
            notice(&format!("look at {variables}"));
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        let not_attempted = tally.get(Outcome::NotAttempted);
        if not_attempted > 0 {
            notice(&format!("stopped before the end: {} not attempted", count(not_attempted, "id")));
        }
        printed.is_ok()
    }
}

/// What is known of the records of a target after their deletes. If no record was ever seen, it may be the wrong target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PendingChecks {
    /// Those that a run has not come to yet.
    pub(crate) open: u64,
    /// Those that a run tried to delete.
    pub(crate) attempted: u64,
    pub(crate) not_found: u64,
    /// Those that were not found after an attempt that may have removed them, and that nobody saw before.
    pub(crate) gone: u64,
    pub(crate) unresolved: u64,
    /// Outcomes were lost with a job's log, so that a request for one that is gone may have been none.
    pub(crate) has_lost_outcomes: bool,
}

impl PendingChecks {
    fn of(tally: &Tally) -> Self {
        let open = tally.get(Outcome::NotAttempted);
        let unsent = open + tally.get(Outcome::Refused) + tally.get(Outcome::Held);
        Self {
            open,
            attempted: tally.total() - unsent,
            not_found: tally.get(Outcome::NotFound),
            gone: tally.get(Outcome::Gone),
            unresolved: tally.get(Outcome::Unresolved),
            has_lost_outcomes: false,
        }
    }

    /// Whether of no record anything is known but that it is not there, or may not be.
    fn is_none_known(self) -> bool {
        let absent = self.not_found + self.unresolved;
        let is_absence_known = absent > 0 && self.attempted > 1 || self.has_lost_outcomes && self.gone > 0;
        is_absence_known && absent + self.gone == self.attempted
    }

    /// Whether all of several records are absent and --all-absent-ok is missing. It is a safety check: all records are
    /// absent at a wrong target too.
    pub(crate) fn is_refused(self, absent: AbsentArgs) -> bool {
        !absent.is_ok_for_all() && self.open == 0 && self.unresolved == 0 && self.is_none_known()
    }

    /// What a person should know of it.
    pub(crate) fn suspicion(self, absent: AbsentArgs) -> Option<&'static str> {
        match self.unresolved {
            _ if !self.is_none_known() => None,
            0 if absent.is_ok_for_all() => None,
            0 => Some(
                "not one of the records was found, and none was ever seen: check tenant, region, base URL and key; if all \
                 of them were removed before, such as by a retention period, add --all-absent-ok",
            ),
            _ => Some(
                "of no record it is known whether it was there; a whole batch of another workspace looks the same: use \
                 --verify or --one-by-one, and check base URL and key",
            ),
        }
    }
}

fn exit_for(ending: &Ending, is_printed: bool, absent: AbsentArgs) -> Exit {
    let is_refused = PendingChecks::of(&ending.tally).is_refused(absent);
    findings(&ending.tally, ending.stop, ending.was_abandoned, is_printed, absent)
        .with_if(is_refused, Exit::Unsafe)
        .exit()
}

fn exit_for_proof(proven: &Proven, tally: &Tally, is_printed: bool, absent: AbsentArgs) -> Exit {
    findings(tally, proven.stop, proven.was_abandoned, is_printed, absent)
        .with_if(!proven.still_present.is_empty(), Exit::StillPresent)
        .with_if(proven.proof.unverified > 0, Exit::Incomplete)
        .exit()
}

fn findings(tally: &Tally, stop: Option<Stop>, was_abandoned: bool, is_printed: bool, absent: AbsentArgs) -> Findings {
    // A run that was stopped when nothing was left to send came to its end.
    let stopped_short = tally.get(Outcome::NotAttempted) > 0 || was_abandoned;
    Findings::default()
        .with_any(stop.map(Stop::exit).filter(|exit| *exit != Exit::Stopped))
        .with_if(stopped_short || !is_printed, Exit::Stopped)
        .with_if(!run::is_complete(tally, absent.is_ok()), Exit::Incomplete)
}
