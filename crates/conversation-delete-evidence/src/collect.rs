//! Turns what a job reports into what a bundle says.

use std::collections::BTreeMap;

use conversation_delete_job::{
    ChildReport, HeldBy as HeldByReport, History, JobLocation, PresenceReport, RecordReport, RefusedReport, RunReport,
    Status, TargetNumber, TargetStatus, check_plan,
};

use crate::export::ExportError;
use crate::manifest::{AcceptedCredentialHead, HoldCounts, JobHead, RefusedCounts, RefusedReason, RunHead, TargetHead};
use crate::pseudonym::PseudonymKey;
use crate::record::{AttemptHead, Child, EvidenceRecord, HeldBy, Holder, Presence, PresencePair};
use crate::salt::SaltKey;

/// The kind of a record where its pseudonym is made.
pub(crate) const RECORD: &str = "record";

/// What a manifest states about a job before its records are read.
pub(crate) struct Job {
    location: JobLocation,
    pub(crate) history: History,
    pub(crate) head: JobHead,
    pub(crate) holds: HoldCounts,
    pub(crate) refused: RefusedCounts,
    pub(crate) targets: Vec<TargetHead>,
    pub(crate) outcomes_were_lost: bool,
    /// The number of records.
    pub(crate) planned: u64,
    numbers: Vec<TargetNumber>,
}

impl Job {
    /// Reads all but the records. Refuses a job that is being run, and one whose plan was changed.
    pub(crate) fn read(location: JobLocation) -> Result<Self, ExportError> {
        let status = Status::read(&location)?;
        if let Some(holder) = status.holder {
            return Err(ExportError::Running(holder));
        }
        check_plan(&location)?;
        let history = History::read(&location)?;
        let refused = count_refused(&location)?;
        let head = JobHead {
            planned_by: history.program.clone(),
            planned_at: status.planned_at.unwrap_or_default(),
            plan_hash: status.plan_hash.unwrap_or_default(),
            since: status.since,
            until: status.until,
        };
        let holds = HoldCounts {
            planned: history.holds,
            later: history.late_holds,
            unmatched: history.unmatched_holds,
            ..HoldCounts::default()
        };
        let planned = status.targets.iter().map(|target| target.outcomes.total()).sum();
        let numbers = status.targets.iter().map(|target| target.number).collect();
        let targets = status.targets.into_iter().map(target_head).collect();
        let outcomes_were_lost = status.has_lost_outcomes;
        Ok(Self { location, history, head, holds, refused, targets, outcomes_were_lost, planned, numbers })
    }

    /// Passes on each record in plan order, until `f` fails. Fails if the job was run meanwhile.
    pub(crate) fn records(
        &self,
        key: Option<&PseudonymKey>,
        salts: &SaltKey,
        mut f: impl FnMut(EvidenceRecord) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut index = 0;
        let mut result = Ok(());
        conversation_delete_job::export(&self.location, |report| {
            result = self.record(report, salts.salt(index), index, key).and_then(&mut f);
            index += 1;
            result.is_ok()
        })?;
        result?;
        let is_running = Status::read(&self.location)?.holder.is_some();
        if is_running || History::read(&self.location)? != self.history { Err(ExportError::Changed) } else { Ok(()) }
    }

    fn record(
        &self,
        report: RecordReport,
        salt: String,
        index: u64,
        key: Option<&PseudonymKey>,
    ) -> Result<EvidenceRecord, ExportError> {
        let number = self.numbers.iter().position(|number| *number == report.target).ok_or(ExportError::Changed)?;
        let target = &self.targets[number];
        let hide = |kind: &str, id: String| key.map_or(id.clone(), |key| key.pseudonym(target, kind, &id));
        // The vendor could find the id by it.
        let request_id = |request_id: Option<String>| request_id.filter(|_| key.is_none());
        let children = report.children.into_iter().map(|child| {
            let id = hide(&child.kind, child.id.clone());
            Child { id, request_id: request_id(child.request_id.clone()), ..child_head(child) }
        });
        // Of several requests, the job keeps the status of the last one.
        let first_status = report.status.filter(|_| report.was_sent_once);
        Ok(EvidenceRecord {
            attempts: report.attempts,
            children: children.collect(),
            delivery: report.error.as_ref().map(|error| error.delivery),
            endpoint: target.base_url.clone(),
            error: report.error.as_ref().map(|error| error.kind),
            first_attempt: report.first_attempt_at.map(|time| AttemptHead { status: first_status, time }),
            held: report.held.map(held_head),
            id: hide(RECORD, report.id),
            index,
            last_attempt: report.last_attempt_at.map(|time| AttemptHead { status: report.status, time }),
            mode: report.mode,
            outcome: report.outcome,
            presence: PresencePair { after: report.after.map(presence_head), before: report.before.map(presence_head) },
            request_id: request_id(report.request_id),
            salt,
            settled_at: report.settled_at,
            target: number as u64,
            vendor: report.vendor,
        })
    }
}

fn target_head(status: TargetStatus) -> TargetHead {
    let target = status.target;
    let accepted = status.accepted.into_iter();
    TargetHead {
        vendor: target.vendor,
        base_url: target.base_url.unwrap_or(target.origin),
        auth_url: target.auth_url,
        place: target.place,
        mode: target.mode,
        options: target.options,
        credential: target.credential,
        accepted_credentials: accepted
            .map(|accepted| AcceptedCredentialHead {
                credential: accepted.credential,
                accepted_at: accepted.accepted_at,
            })
            .collect(),
        planned: 0,
        outcomes: Default::default(),
        verification: Default::default(),
    }
}

pub(crate) fn run_head(run: &RunReport) -> RunHead {
    RunHead {
        program: run.program.clone(),
        purpose: run.purpose.clone(),
        started_at: run.started_at.clone(),
        ended_at: run.ended_at.clone(),
        ending: run.ending.clone(),
    }
}

fn held_head(held: HeldByReport) -> HeldBy {
    match held {
        HeldByReport::Plan => HeldBy { by: Holder::Plan, time: None },
        HeldByReport::Later(time) => HeldBy { by: Holder::Later, time: Some(time) },
    }
}

/// Of the reason, the kind: its text may quote a vendor.
fn presence_head(presence: PresenceReport) -> Presence {
    let PresenceReport { state, status, time, source, error_kind, .. } = presence;
    Presence { reason: error_kind, source, state, status, time }
}

fn child_head(child: ChildReport) -> Child {
    Child {
        attempts: child.attempts,
        delivery: child.error.as_ref().map(|error| error.delivery),
        error: child.error.as_ref().map(|error| error.kind),
        id: child.id,
        kind: child.kind,
        outcome: child.outcome,
        request_id: child.request_id,
        status: child.status,
    }
}

/// The most different reasons that are listed; further ones count as [`OTHER`].
const MOST_REASONS: usize = 100;

const OTHER: &str = "it is not an id";

fn count_refused(location: &JobLocation) -> Result<RefusedCounts, ExportError> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    conversation_delete_job::export_refused(location, |entry| {
        let reason = reason_of(&entry);
        let mut key = (entry.vendor, reason);
        if counts.len() >= MOST_REASONS && !counts.contains_key(&key) {
            key.1 = OTHER.to_owned();
        }
        *counts.entry(key).or_default() += 1;
        true
    })?;
    let count = counts.values().sum();
    let reasons = counts.into_iter().map(|((vendor, reason), count)| RefusedReason { vendor, reason, count });
    Ok(RefusedCounts { count, reasons: reasons.collect() })
}

/// A reason that quotes the entry would show what was given for an id.
fn reason_of(entry: &RefusedReport) -> String {
    let quotes =
        entry.reason.contains(['`', '"', '\'']) || !entry.text.is_empty() && entry.reason.contains(&entry.text);
    if quotes { OTHER.to_owned() } else { entry.reason.clone() }
}
