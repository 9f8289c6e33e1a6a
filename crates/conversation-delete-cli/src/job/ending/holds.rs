//! What a summary reports of holds that came with the run.

use conversation_delete_job::{DeletedBefore, HoldReport};
use serde::Serialize;

/// What became of the records that were held with a run.
#[derive(Serialize)]
pub(super) struct HoldsMember<'a> {
    held: u64,
    deleted: u64,
    not_found: u64,
    failed: u64,
    in_doubt: u64,
    unmatched: u64,
    /// The last ones that were deleted before their hold came.
    deleted_before: Vec<DeletedMember<'a>>,
}

#[derive(Serialize)]
struct DeletedMember<'a> {
    vendor: &'a str,
    id: &'a str,
    outcome: &'a str,
    time: &'a str,
}

impl<'a> HoldsMember<'a> {
    pub(super) fn of(report: &'a HoldReport) -> Self {
        let member = |record: &'a DeletedBefore| DeletedMember {
            vendor: &record.vendor,
            id: &record.id,
            outcome: record.outcome.as_str(),
            time: &record.settled_at,
        };
        Self {
            held: report.held,
            deleted: report.deleted,
            not_found: report.not_found,
            failed: report.failed,
            in_doubt: report.in_doubt,
            unmatched: report.unmatched.count,
            deleted_before: report.first_deleted.iter().map(member).collect(),
        }
    }
}
