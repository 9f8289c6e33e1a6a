//! What must be true of a file at any time.

use std::collections::BTreeSet;

use conversation_delete_job::{Counts, Failure, RecordOutcome, RecordReport, Status};
use delete_core::{Delivery, ErrorKind};

use crate::stage::Stage;

/// The file agrees with the vendor on each record, and its counts are those of its records.
pub(crate) fn assert_true(stage: &Stage, case: &str) {
    let reports = stage.reports();
    assert_counted(stage, &reports, case);
    let state = stage.state.lock().unwrap();
    let heard: BTreeSet<&str> = state.heard.iter().map(|(id, _)| id.as_str()).collect();
    for report in &reports {
        let (id, outcome) = (report.id.as_str(), report.outcome.as_str());
        let is_true = match outcome {
            "deleted" => state.confirmed.contains(id) && !state.present.contains(id),
            "gone" => heard.contains(id) && !state.present.contains(id),
            "not_found" => heard.contains(id) && !state.present.contains(id) && !state.removed.contains(id),
            "held" => !heard.contains(id),
            // What was requested, and may have had an effect, must not look as if nothing had been sent.
            "not_attempted" => !state.removed.contains(id),
            "failed" => may_be_deleted(report) || !state.removed.contains(id),
            other => panic!("{case}: {id}: {other}"),
        };
        assert!(is_true, "{case}: {report:?}");
    }
    let planned: BTreeSet<&str> = reports.iter().map(|report| report.id.as_str()).collect();
    assert!(heard.is_subset(&planned), "{case}: only what was planned");
}

fn assert_counted(stage: &Stage, reports: &[RecordReport], case: &str) {
    let status = Status::read(stage.path()).unwrap();
    let mut counted = Counts::default();
    for report in reports {
        let is_open = report.outcome.as_str() == "not_attempted" || is_in_doubt(report);
        counted.add(if is_open { RecordOutcome::NotAttempted } else { report.outcome });
    }
    assert_eq!(status.targets[0].outcomes, counted, "{case}");
}

/// The file does not say that it is still there.
fn may_be_deleted(report: &RecordReport) -> bool {
    report.error.as_ref().is_some_and(Failure::may_have_taken_effect)
}

/// Nobody knows yet what became of it, and the file says so.
fn is_in_doubt(report: &RecordReport) -> bool {
    report
        .error
        .as_ref()
        .is_some_and(|error| error.kind == ErrorKind::Interrupted && error.delivery == Delivery::MaybeDelivered)
}
