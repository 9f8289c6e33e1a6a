//! What a summary reports of holds that came with the run.

use conversation_delete_job::{DeletedBefore, HoldReport};

use crate::report::{DeletedMember, HoldMembers};

pub(crate) fn members(report: &HoldReport) -> HoldMembers<'_> {
    HoldMembers {
        held: report.held,
        deleted: report.deleted,
        not_found: report.not_found,
        failed: report.failed,
        in_doubt: report.in_doubt,
        unmatched: report.unmatched.count,
        deleted_before: report.first_deleted.iter().map(deleted).collect(),
    }
}

fn deleted(record: &DeletedBefore) -> DeletedMember<'_> {
    DeletedMember { vendor: &record.vendor, id: &record.id, outcome: record.outcome.as_str(), time: &record.settled_at }
}
