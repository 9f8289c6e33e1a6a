//! Reports records that still exist after their deletes.

use conversation_delete_job::{Status, TargetStatus};
use delete_core::ErasureMode;

use crate::exit::Exit;
use crate::notice::{notice, notice_ids};
use crate::plan::heading;
use crate::report::{count, write_error_line};

/// What is still there that a delete removes, and at which vendor.
fn still_present(target: &TargetStatus) -> String {
    let (number, vendor) = (target.still_present, heading::name(&target.target.vendor));
    format!("{vendor}: {} still {}", count(number, "record"), if number == 1 { "exists" } else { "exist" })
}

pub(super) fn is_soft(target: &TargetStatus) -> bool {
    target.target.mode == Some(ErasureMode::Soft)
}

/// Writes the records that still exist as a line of JSON, before the summary.
pub(crate) fn write_still_present(status: &Status) {
    for target in status.targets.iter().filter(|target| target.still_present > 0 && !is_soft(target)) {
        write_error_line(Exit::StillPresent, &format!("{} after deletion", still_present(target)), "");
    }
}

pub(super) fn print_still_present(target: &TargetStatus, named: &[String]) {
    let records = still_present(target);
    if is_soft(target) {
        notice(&format!("note: {records} after a soft delete, as is to be expected"));
    } else if named.is_empty() {
        notice(&format!("error: {records} after deletion; `export` lists them"));
    } else {
        notice_ids(&format!("error: {records} after deletion:"), named, target.still_present);
    }
}
