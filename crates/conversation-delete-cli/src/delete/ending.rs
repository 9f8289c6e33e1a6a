//! What is said at the end of a run, and the exit code.

use std::io;

use delete_core::Erasure;

use super::Prepared;
use crate::exit::{Exit, Findings};
use crate::progress::{notice, notice_ids};
use crate::proof::Proven;
use crate::report::{Outcome, Tally, count};
use crate::run::{self, Ending, Stop};

impl Prepared<'_> {
    pub(super) fn conclude(&self, ending: &Ending, printed: io::Result<()>) -> Exit {
        let is_printed = self.tell_of_tally(&ending.tally, ending.stop, printed);
        exit_for(ending, is_printed, self.args.absent_ok)
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
        } else if proven.proof.still_present > 0 && self.target.erasure() == Some(Erasure::Soft) {
            notice(&format!("note: after a soft delete {still_present} can still be seen, as is to be expected"));
        }
        if proven.proof.unverified > 0 {
            let records = count(proven.proof.unverified, "record");
            notice(&format!("{records} deleted by the vendor's word alone: no look before and after proves it"));
        }
        exit_for_proof(proven, tally, is_printed, self.args.absent_ok)
    }

    /// Says what a person should know of the results. True when stdout took them all.
    fn tell_of_tally(&self, tally: &Tally, stop: Option<Stop>, printed: io::Result<()>) -> bool {
        let variables = self.target.vendor_name().variables();
        let attempted = self.ids.unheld_len() as u64 - tally.count(Outcome::NotAttempted);
        let (not_found, unresolved) = (tally.count(Outcome::NotFound), tally.count(Outcome::Unresolved));
        let suspicion = suspicion(attempted, not_found, unresolved, self.args.absent_ok);
        suspicion.iter().for_each(|suspicion| notice(&format!("warning: {suspicion} ({variables})")));
        if matches!(stop, Some(Stop::CredentialRefused | Stop::WrongTarget)) {
            notice(&format!("look at {variables}"));
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        let not_attempted = tally.count(Outcome::NotAttempted);
        if not_attempted > 0 {
            notice(&format!("stopped before the end: {} not attempted", count(not_attempted, "id")));
        }
        printed.is_ok()
    }
}

/// What it says of the place that of no record anything is known but that it is not there, or may not be.
pub(crate) fn suspicion(attempted: u64, not_found: u64, unresolved: u64, is_absent_ok: bool) -> Option<&'static str> {
    match unresolved {
        _ if attempted < 2 || not_found + unresolved < attempted => None,
        0 if is_absent_ok => None,
        0 => Some("not one of the records was found: check tenant, region, base URL and key"),
        _ => Some(
            "of no record it is known whether it was there; a whole batch of another workspace looks the same: use --verify \
             or --one-by-one, and check base URL and key",
        ),
    }
}

fn exit_for(ending: &Ending, is_printed: bool, is_absent_ok: bool) -> Exit {
    findings(&ending.tally, ending.stop, ending.was_abandoned, is_printed, is_absent_ok).exit()
}

fn exit_for_proof(proven: &Proven, tally: &Tally, is_printed: bool, is_absent_ok: bool) -> Exit {
    findings(tally, proven.stop, proven.was_abandoned, is_printed, is_absent_ok)
        .with_if(!proven.still_present.is_empty(), Exit::StillPresent)
        .with_if(proven.proof.unverified > 0, Exit::Incomplete)
        .exit()
}

fn findings(tally: &Tally, stop: Option<Stop>, was_abandoned: bool, is_printed: bool, is_absent_ok: bool) -> Findings {
    // A run that was stopped when nothing was left to send came to its end.
    let stopped_short = tally.count(Outcome::NotAttempted) > 0 || was_abandoned;
    Findings::default()
        .with_any(stop.map(Stop::exit).filter(|exit| *exit != Exit::Stopped))
        .with_if(stopped_short || !is_printed, Exit::Stopped)
        .with_if(!run::is_complete(tally, is_absent_ok), Exit::Incomplete)
}
