//! What a record's outcome is in the light of what was seen before and after.

use delete_core::{Delivery, ErasureMode, Presence};

use super::{Deleted, Looked, ProofJob, Proven};
use crate::args::VendorName;
use crate::report::{Outcome, Proof, Record};

/// Whether anything was sent for it, so that something may have changed.
pub(super) fn was_sent(record: &Record) -> bool {
    match record.outcome {
        Outcome::NotAttempted | Outcome::Refused | Outcome::Held => false,
        _ => record.error.as_ref().is_none_or(|error| error.delivery != Delivery::NotSent.as_str()),
    }
}

/// Puts together what the vendor said and what was seen.
pub(super) fn settle(job: &ProofJob<'_>, deleted: Deleted, looked: &Looked) -> Proven {
    let mut proven = Proven { stop: deleted.stop, was_abandoned: deleted.was_abandoned, ..Proven::default() };
    for (number, record) in deleted.records.into_iter().enumerate() {
        let before = looked.before.get(number).and_then(Option::as_ref);
        let after = looked.after.get(number).and_then(Option::as_ref);
        // A run that told too little would leave ids without a report.
        let record = judge(record.unwrap_or_else(|| Record::interrupted(job.ids.id_text(number))), before, after);
        proven.count(job, &record, before, after);
        proven.records.push(record);
    }
    if job.erasure == Some(ErasureMode::Soft) {
        // It is what a soft delete does.
        proven.still_present.clear();
    }
    proven
}

/// The record with what was seen of it, and the outcome that follows.
fn judge(mut record: Record, before: Option<&Presence>, after: Option<&Presence>) -> Record {
    record.proof = Some(Box::new(Proof::of(before, after)));
    let is_proven = before.is_some_and(Presence::is_present) && after.is_some_and(Presence::is_absent);
    let may_be_done = record.error.as_ref().is_some_and(|error| error.may_have_taken_effect);
    let outcome = match record.outcome {
        Outcome::Acknowledged | Outcome::Unresolved if is_proven => Outcome::Deleted,
        // Somebody removed it meanwhile: this run, whose answer was lost, or another party.
        Outcome::NotFound if is_proven => Outcome::Gone,
        Outcome::Failed if is_proven && may_be_done => Outcome::Gone,
        _ => return record,
    };
    Record { outcome, error: None, ..record }
}

impl Proven {
    /// Counts what was seen of a record after its delete.
    fn count(&mut self, job: &ProofJob<'_>, record: &Record, before: Option<&Presence>, after: Option<&Presence>) {
        // Of one that was not seen before, absence proves nothing. Only Fini reports that all records of a batch were there.
        let is_told = job.vendor == VendorName::Fini && record.outcome == Outcome::Deleted;
        let was_there = is_told || before.is_some_and(Presence::is_present);
        match after {
            Some(Presence::Present { .. }) => {
                self.proof.still_present += 1;
                self.still_present.push(record.id.clone());
            }
            _ if !record.outcome.is_done() => {}
            Some(Presence::Absent) if was_there => self.proof.verified += 1,
            _ => self.proof.unverified += 1,
        }
    }
}
