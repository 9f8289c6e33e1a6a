//! What must hold of the report after a run, and whether what the vendor holds agrees with it.

use super::journal::Row;
use super::rule::{Kept, Rule, require};
use super::vendor;
use crate::journal::Purpose;
use crate::outcome::RecordOutcome;
use crate::presence::PresenceState;

/// What is written of a presence is so, unless the vendor lied.
pub(super) fn check_presence(kept: &vendor::Kept, state: PresenceState, record: usize) -> Kept {
    let is_so = match state {
        PresenceState::Present => kept.is_present || kept.is_removed,
        PresenceState::Absent => !kept.is_present,
        PresenceState::Unknown => true,
    };
    require(is_so || kept.was_lied_about, Rule::ReportedPresence, record)
}

/// Whether the report agrees with what the vendor holds, unless the vendor lied.
pub(super) fn check_report(rows: &[Row], kept: &[vendor::Kept]) -> Kept {
    for (record, (row, kept)) in rows.iter().zip(kept).enumerate().filter(|(_, (_, kept))| !kept.was_lied_about) {
        let outcome = row.outcome.unwrap_or_default();
        let says_absent = matches!(outcome, RecordOutcome::Deleted | RecordOutcome::Gone | RecordOutcome::NotFound);
        require(!says_absent || !kept.is_present, Rule::ReportedDeleted, record)?;
        require(!kept.is_removed || row.may_be_removed(), Rule::ReportedKept, record)?;
    }
    Ok(())
}

/// What a run that has finished leaves.
pub(super) fn check_finished(rows: &[Row], purpose: Purpose, is_proven: bool) -> Kept {
    for (record, row) in rows.iter().enumerate() {
        let is_settled = purpose != Purpose::Delete || row.outcome.is_some() || row.is_held;
        require(is_settled, Rule::Finished, record)?;
        let needs_presence = match purpose {
            Purpose::Delete => is_proven && row.was_sent(),
            Purpose::Verify => row.was_sent(),
            Purpose::Lookup => true,
        };
        require(!needs_presence || row.after.is_some(), Rule::Finished, record)?;
    }
    Ok(())
}
