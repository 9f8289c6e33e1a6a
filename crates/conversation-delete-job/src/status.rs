//! Looking at a job, also while it is run.

use rusqlite::{Connection, OptionalExtension};

use crate::accepted::{AcceptedCredential, accepted, unaccepted};
use crate::clock::{self, MeasuredSkew};
use crate::error::JobError;
use crate::history::{RunReport, read_runs};
use crate::memory::JobLocation;
use crate::outcome::{Counts, RecordOutcome};
use crate::shards;
use crate::store::{Store, has_lost_outcomes, read, tally};
use crate::target::{Target, TargetDifference, TargetNumber};
use crate::verify::Verify;

/// How far a job is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The hash of its plan; `None` where it was never finished.
    pub plan_hash: Option<String>,
    /// When it was planned, in RFC 3339.
    pub planned_at: Option<String>,
    /// The earliest time of the records that were planned from a list, in RFC 3339, if there was such a bound.
    pub since: Option<String>,
    /// The time before which they are.
    pub until: Option<String>,
    /// Who runs it now.
    pub holder: Option<String>,
    /// Whether outcomes of earlier runs may be missing, because the log that holds the latest ones (`-wal`) does not lie
    /// beside the file, or did not when the job was last run. Records without an outcome are in doubt then, and the numbers
    /// of outcomes are the least that there are.
    pub outcomes_may_be_missing: bool,
    /// Whether outcomes were lost with a log at any time, also if every record has its outcome now.
    pub has_lost_outcomes: bool,
    /// The verification that the last run that deletes was asked for; `Off` before the first one.
    pub verify: Verify,
    /// Whether a run has begun to delete, also if it sent nothing.
    pub has_begun: bool,
    /// How many lines of the input were no id.
    pub refused: u64,
    /// Its runs, the oldest first.
    pub runs: Vec<RunReport>,
    /// Each target.
    pub targets: Vec<TargetStatus>,
}

/// How far one target of a job is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TargetStatus {
    /// Its number.
    pub number: TargetNumber,
    /// What was planned.
    pub target: Target,
    /// The credentials that were accepted instead of the planned one, the oldest first.
    pub accepted: Vec<AcceptedCredential>,
    /// How far our clock was from the vendor's when the latest plan or run measured it.
    pub clock_skew: Option<MeasuredSkew>,
    /// How many ids of each outcome there are.
    pub outcomes: Counts,
    /// How many ids were planned to be deleted.
    pub planned: u64,
    /// How many of the open ones may be deleted: a run was ended when their requests were about to leave, or in flight; or
    /// outcomes may be missing. While a process runs the job, this is 0.
    pub in_doubt: u64,
    /// How many of all that a delete was sent for the last look found still there, whatever its outcome.
    pub still_present: u64,
    /// How many of those that are `deleted`, `acknowledged` or `gone` were seen before, and absent after.
    pub verified: u64,
    /// How many of those that are `deleted` were absent after, and nobody saw them before. That is proof where the vendor
    /// says `deleted` of nothing that was not there.
    pub unseen: u64,
    /// How many of those that are `deleted`, `acknowledged` or `gone` are neither verified nor still there.
    pub unverified: u64,
    /// What the last lookups reported for all that a delete was sent for.
    pub lookups: LookupCounts,
}

impl TargetStatus {
    /// Returns what is different in `now` from what was planned or accepted since; `None` if a run may go there.
    pub fn difference(&self, now: &Target) -> Option<TargetDifference> {
        unaccepted(&self.target, &self.accepted, now)
    }
}

/// What is known of the presence of records after their deletes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookupCounts {
    /// Not there any more.
    pub absent: u64,
    /// Still there.
    pub present: u64,
    /// Nothing was found out.
    pub unknown: u64,
    /// Not looked up yet.
    pub open: u64,
}

impl Status {
    /// Reads the status; of a folder of shards, that of all shards added up. Unless a process runs the job, this reads every record to count those in doubt.
    ///
    /// # Errors
    /// [`JobErrorKind::NotAJob`](crate::JobErrorKind::NotAJob), [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn read(location: impl Into<JobLocation>) -> Result<Self, JobError> {
        let location = location.into();
        if let JobLocation::Folder(path) = &location {
            return shards::status(path);
        }
        let store = Store::open_to_read(&location)?;
        let status = Self::of(&store, store.holder())?;
        if status.holder.is_none() {
            // A reader that had the file open when a run ended kept that run from leaving WAL mode.
            store.leave_wal();
        }
        Ok(status)
    }

    pub(crate) fn of(store: &Store, holder: Option<String>) -> Result<Self, JobError> {
        // All counts are of the same moment, however fast a run goes on.
        let moment = store.connection.unchecked_transaction()?;
        let (plan_hash, planned_at, since, until) =
            moment.query_row(JOB, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let verify = moment.query_row(LAST_VERIFY, [], |row| read::word(row, 0, Verify::parse)).optional()?.flatten();
        let has_begun = moment.query_row(HAS_BEGUN, [], |row| row.get(0))?;
        let refused = moment.query_row(REFUSED, [], |row| row.get(0))?;
        let runs = read_runs(&moment)?;
        let doubt = match (store.lacks_log, &holder) {
            (true, _) => Doubt::All,
            (false, None) => Doubt::Intents,
            (false, Some(_)) => Doubt::Nothing,
        };
        let targets = store.targets()?.into_iter();
        let targets = targets.map(|(number, target)| read_target(&moment, number, target, doubt));
        let targets: Vec<TargetStatus> = targets.collect::<Result<_, JobError>>()?;
        let is_in_doubt = targets.iter().any(|target| target.in_doubt > 0);
        let has_lost_outcomes = store.lacks_log || has_lost_outcomes(&moment)?;
        let outcomes_may_be_missing = store.lacks_log || is_in_doubt && has_lost_outcomes;
        Ok(Self {
            plan_hash,
            planned_at,
            since,
            until,
            holder,
            outcomes_may_be_missing,
            has_lost_outcomes,
            verify: verify.unwrap_or_default(),
            has_begun,
            refused,
            runs,
            targets,
        })
    }
}

/// Which of the records without an outcome may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// A run is deleting them.
    Nothing,
    /// Those with an intent.
    Intents,
    All,
}

fn read_target(
    connection: &Connection,
    number: TargetNumber,
    target: Target,
    doubt: Doubt,
) -> Result<TargetStatus, JobError> {
    let outcomes = tally::read(connection, number)?;
    let planned = connection.query_row(PLANNED, [number.0], |row| row.get(0))?;
    let in_doubt = match (outcomes.get(RecordOutcome::NotAttempted), doubt) {
        (0, _) | (_, Doubt::Nothing) => 0,
        (_, Doubt::Intents) => connection.query_row(IN_DOUBT, [number.0], |row| row.get(0))?,
        (open, Doubt::All) => open,
    };
    let failed = connection.query_row(SENT_AND_FAILED, [number.0], |row| row.get::<_, u64>(0))?;
    let accepted = accepted(connection, number)?;
    let clock_skew = clock::latest(connection, number)?;
    let done = outcomes.iter().filter(|(outcome, _)| outcome.is_done()).map(|(_, count)| count).sum::<u64>();
    let sent = done + outcomes.get(RecordOutcome::Unresolved) + outcomes.get(RecordOutcome::NotFound) + failed;
    Ok(connection.query_row(LOOKUPS, [number.0], |row| {
        let (verified, unseen, shown): (u64, u64, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (absent, present, unknown): (u64, u64, u64) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let lookups = LookupCounts { absent, present, unknown, open: sent.saturating_sub(absent + present + unknown) };
        let unverified = done.saturating_sub(verified + shown);
        Ok(TargetStatus {
            number,
            target,
            accepted,
            clock_skew,
            outcomes,
            planned,
            in_doubt,
            still_present: present,
            verified,
            unseen,
            unverified,
            lookups,
        })
    })?)
}

const JOB: &str = "SELECT plan_hash, planned_at, since, until FROM job";

/// Runs that do not delete have none.
const LAST_VERIFY: &str = "SELECT verify FROM run WHERE verify IS NOT NULL ORDER BY run DESC LIMIT 1";

/// Runs of the oldest formats have no purpose: they delete, or look again at what was deleted.
const HAS_BEGUN: &str = "
    SELECT EXISTS (SELECT 1 FROM run WHERE ending IS NOT 'not_begun' AND COALESCE(purpose, 'delete') = 'delete')";

const REFUSED: &str = "SELECT COUNT(*) FROM refused";

const PLANNED: &str = "SELECT planned FROM target WHERE target = ?";

/// The plus makes SQLite read the records in their order: by way of the index of targets and ids it would fetch each of them
/// from a random page.
const IN_DOUBT: &str = "SELECT COUNT(*) FROM record WHERE +target = ? AND outcome IS NULL AND intent_at IS NOT NULL";

const SENT_AND_FAILED: &str =
    "SELECT COUNT(*) FROM record WHERE target = ? AND outcome = 'failed' AND delivery <> 'not_sent'";

/// The index of records with a presence after their delete holds all that it needs.
const LOOKUPS: &str = "
    SELECT COALESCE(SUM(outcome IN ('deleted', 'acknowledged', 'gone')
                        AND presence_after = 'absent' AND presence_before IS 'present'), 0),
           COALESCE(SUM(outcome = 'deleted' AND presence_after = 'absent' AND presence_before IS NOT 'present'), 0),
           COALESCE(SUM(outcome IN ('deleted', 'acknowledged', 'gone') AND presence_after = 'present'), 0),
           COALESCE(SUM(presence_after = 'absent'), 0),
           COALESCE(SUM(presence_after = 'present'), 0),
           COALESCE(SUM(presence_after NOT IN ('absent', 'present')), 0)
    FROM record
    WHERE target = ? AND presence_after IS NOT NULL";

#[cfg(test)]
pub(crate) const ALL: [&str; 8] = [JOB, LAST_VERIFY, HAS_BEGUN, REFUSED, PLANNED, IN_DOUBT, SENT_AND_FAILED, LOOKUPS];

#[cfg(test)]
mod tests;
