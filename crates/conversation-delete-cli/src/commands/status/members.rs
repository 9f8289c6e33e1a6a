//! A job as a JSON line.

use std::path::Path;

use conversation_delete_job::{AcceptedCredential, MeasuredSkew, Status, TargetStatus};

use super::runs;
use crate::engine::conclusion::Counts;
use crate::job_file::JobState;
use crate::report::{AcceptedMember, JobLine, JobTarget, SkewMember};

pub(crate) fn job_line<'a>(path: &Path, status: &'a Status) -> JobLine<'a> {
    JobLine {
        job: path.to_string_lossy().into_owned(),
        state: JobState::of(status).as_str(),
        hash: status.plan_hash.as_deref(),
        planned_at: status.planned_at.as_deref(),
        since: status.since.as_deref(),
        until: status.until.as_deref(),
        holder: status.holder.as_deref(),
        outcomes_may_be_missing: status.outcomes_may_be_missing,
        refused: status.refused,
        targets: job_targets(status),
        runs: runs::members(status),
    }
}

/// The targets of a job, with what was planned and how far each is.
pub(crate) fn job_targets(status: &Status) -> Vec<JobTarget<'_>> {
    status.targets.iter().map(|target| job_target(target, status.outcomes_may_be_missing)).collect()
}

fn job_target(status: &TargetStatus, outcomes_may_be_missing: bool) -> JobTarget<'_> {
    let target = &status.target;
    let mut counts = Counts::of(status).members();
    if outcomes_may_be_missing {
        // It is not known of a record in doubt that it was not attempted.
        counts.not_attempted = counts.not_attempted.saturating_sub(status.in_doubt);
    }
    JobTarget {
        vendor: &target.vendor,
        origin: &target.origin,
        base_url: target.base_url.as_deref(),
        auth_url: target.auth_url.as_deref(),
        place: target.place.as_deref(),
        credential: &target.credential,
        accepted_credentials: status.accepted.iter().map(accepted).collect(),
        clock_skew: status.clock_skew.as_ref().map(skew),
        mode: target.mode.map(|mode| mode.as_str()),
        options: &target.options,
        planned: status.planned,
        counts,
        in_doubt: status.in_doubt,
    }
}

fn accepted(accepted: &AcceptedCredential) -> AcceptedMember<'_> {
    AcceptedMember { credential: &accepted.credential, accepted_at: &accepted.accepted_at }
}

fn skew(skew: &MeasuredSkew) -> SkewMember<'_> {
    SkewMember { ahead_ms: skew.ahead_ms, measured_at: &skew.measured_at }
}
