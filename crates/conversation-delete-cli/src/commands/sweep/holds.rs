//! The holds of a sweep, which count for all its vendors together.

use std::collections::HashSet;
use std::path::Path;

use conversation_delete_job::{HoldPlace, UnmatchedHolds, export};
use delete_core::RecordId;

use crate::args::{HoldArgs, SweepArgs, VendorName};
use crate::commands::run::hold;
use crate::error::CommandError;
use crate::plan::holds::{Matching, NAMED, Unmatched};
use crate::report::Outcome;

/// Adds the holds to a job that an earlier sweep left. Returns those that match nothing of it.
pub(super) fn add(args: &SweepArgs, job: &Path) -> Result<UnmatchedHolds, CommandError> {
    match args.hold.files.is_empty() {
        true => Ok(UnmatchedHolds::default()),
        false => Ok(hold::commit(job, &args.hold, &args.column, &args.vendors, limit(args.vendors.len()))?.unmatched),
    }
}

/// The records that a job holds. They are held too in what is listed after it.
pub(super) fn of_job(job: &Path, vendor: VendorName) -> Result<Vec<RecordId>, CommandError> {
    let mut held = Vec::new();
    export(job, |record| {
        let is_deleted = matches!(record.outcome, Outcome::Deleted | Outcome::Acknowledged | Outcome::Gone);
        if record.outcome == Outcome::Held || record.held.is_some() && !is_deleted {
            held.push(record.id);
        }
        true
    })?;
    held.iter().map(|id| vendor.id_form().parse(id).map_err(CommandError::usage)).collect()
}

/// Refuses holds that match nothing at any vendor, unless they are allowed.
pub(super) fn check(args: &HoldArgs, unmatched: Vec<UnmatchedHolds>) -> Result<(), CommandError> {
    Unmatched::of_job(args, &everywhere(unmatched)).check(args, Matching::List { is_filtered: true })
}

/// Those of several vendors are compared, which needs all of them.
pub(super) fn limit(vendors: usize) -> usize {
    if vendors == 1 { NAMED } else { usize::MAX }
}

/// The holds that each vendor reports as unmatched.
fn everywhere(unmatched: Vec<UnmatchedHolds>) -> UnmatchedHolds {
    let key = |place: HoldPlace| (place.file, place.line);
    let mut vendors = unmatched.into_iter();
    let Some(mut common) = vendors.next() else { return UnmatchedHolds::default() };
    for other in vendors {
        let others: HashSet<_> = other.first.iter().map(|hold| key(hold.place)).collect();
        common.first.retain(|hold| others.contains(&key(hold.place)));
        common.count = common.first.len() as u64;
    }
    common
}
