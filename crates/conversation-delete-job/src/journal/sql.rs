//! The statements of the journal.

use super::Work;

/// A delete was sent.
macro_rules! sent {
    () => {
        "(outcome IN ('deleted', 'acknowledged', 'gone', 'unresolved', 'not_found')
          OR (outcome = 'failed' AND delivery <> 'not_sent'))"
    };
}

/// Nobody looked it up after its delete, or nothing was found out.
macro_rules! unverified {
    () => {
        "(presence_after IS NULL OR presence_after = 'unknown')"
    };
}

/// It may be sent. Records that were held when the job was planned have the outcome `held`.
macro_rules! free {
    () => {
        "outcome IS NULL AND id NOT IN (SELECT id FROM late_hold)"
    };
}

/// The lookups that began with the run `?4` have not seen it. What an earlier run of them could not find out is looked up again.
macro_rules! unseen {
    () => {
        "(presence_after_run IS NULL OR presence_after_run < ?4 OR presence_after = 'unknown' AND presence_after_run IS NOT ?5)"
    };
}

macro_rules! unchecked {
    () => {
        concat!("presence_before IS NULL AND intent_at IS NULL AND ", free!())
    };
}

/// The plus before the target makes SQLite read the records in their order: by way of the index of targets and ids it would
/// fetch each of them from a random page. A limit that is a mere parameter would be compiled again for each value.
macro_rules! claim {
    ($open:expr, $after:literal, $order:literal) => {
        concat!(
            "SELECT record, id, intent_at IS NOT NULL AND outcome IS NULL AND presence_before IS NOT 'absent' AS is_ambiguous,
                    presence_before, is_over, presence_before IS 'present' OR outcome IS 'deleted' AS was_seen
             FROM record WHERE +target = ?1 AND record ",
            $after,
            " ?3 AND ",
            $open,
            " ORDER BY record ",
            $order,
            " LIMIT ?2 + 0"
        )
    };
}

const PRECHECK: &str = claim!(unchecked!(), ">", "ASC");
const PRECHECK_FROM_END: &str = claim!(unchecked!(), "<", "DESC");
const DELETE: &str = claim!(free!(), ">", "ASC");
const DELETE_FROM_END: &str = claim!(free!(), "<", "DESC");
/// What a lookup of this run could not find out, another one would not either.
const VERIFY: &str = claim!(
    concat!("(presence_after IS NULL OR presence_after = 'unknown' AND presence_after_run IS NOT ?5) AND ", sent!()),
    ">",
    "ASC"
);
const REVERIFY: &str = claim!(concat!(unseen!(), " AND ", sent!()), ">", "ASC");
const LOOKUP: &str = claim!(unseen!(), ">", "ASC");

/// How records are claimed, and before which record number the first ones come.
///
/// They are claimed in the order of the plan. After outcomes were lost, those to be deleted are claimed from its end: the run
/// that lost the outcomes began at the beginning of the plan, so that a record that is still there is more likely at its end,
/// and shows that the target is the right one.
pub(super) const fn claim(work: Work, is_from_end: bool) -> (&'static str, i64) {
    match (work, is_from_end) {
        (Work::Precheck, false) => (PRECHECK, 0),
        (Work::Precheck, true) => (PRECHECK_FROM_END, i64::MAX),
        (Work::Delete, false) => (DELETE, 0),
        (Work::Delete, true) => (DELETE_FROM_END, i64::MAX),
        (Work::Verify, _) => (VERIFY, 0),
        (Work::Reverify, _) => (REVERIFY, 0),
        (Work::Lookup, _) => (LOOKUP, 0),
    }
}

pub(crate) const HAS_UNVERIFIED: &str =
    concat!("SELECT EXISTS (SELECT 1 FROM record WHERE +target = ? AND ", unverified!(), " AND ", sent!(), ")");

pub(super) const LAST_RUN: &str = "SELECT MAX(run) FROM run";

pub(super) const STOP_RUN: &str = "UPDATE run SET ended_at = COALESCE(ended_at, ?2) WHERE run = ?1";

pub(super) const END_RUN: &str = "UPDATE run SET ended_at = ?2, ending = ?3 WHERE run = ?1";

/// Until its log is known to work, nothing was begun.
pub(super) const BEGIN_RUN: &str = "
    INSERT INTO run (program, process, started_at, ended_at, ending, purpose, verify)
    VALUES (?1, ?2, ?3, ?3, 'not_begun', ?4, ?5)";

/// The first run that what a run does began with: it goes on with that of the runs of the same purpose right before it, since
/// one of them finished.
pub(super) const FIRST_RUN: &str = "
    SELECT MIN(run) FROM run WHERE run > COALESCE(
        (SELECT MAX(run) FROM run
         WHERE run < ?1 AND (purpose IS NOT ?2 OR REPLACE(REPLACE(ending, 'finished', ''), ', ', '') = '')), 0)";

/// Lets a verification or lookup begin anew that began with this run.
pub(super) const FORGET_LOOKUPS: &str = "UPDATE record SET presence_after_run = NULL WHERE presence_after_run >= ?1";

/// As what is claimed to be verified again.
pub(super) const LEFT_TO_VERIFY: &str = concat!(
    "SELECT COUNT(*) FROM record
     WHERE (presence_after_run IS NULL OR presence_after_run < ?1 OR presence_after = 'unknown') AND ",
    sent!()
);

/// An intent that an earlier run wrote keeps its time and its run.
pub(super) const INTEND: &str = "
    UPDATE record SET intent_at = COALESCE(intent_at, ?1),
                      intent_run = CASE WHEN intent_at IS NULL THEN ?2 ELSE intent_run END
    WHERE record BETWEEN ?3 AND ?4 AND outcome IS NULL AND id NOT IN (SELECT id FROM late_hold)";

pub(super) const RELEASE: &str =
    "UPDATE record SET intent_at = NULL, intent_run = NULL WHERE record = ? AND outcome IS NULL";

pub(super) const OUTCOME: &str = "SELECT outcome FROM record WHERE record = ?";

pub(super) const SEE_BEFORE: &str = "
    UPDATE record SET presence_before = ?2, presence_before_at = ?3, presence_before_status = ?4,
                      presence_before_source = ?5, presence_before_reason = ?6, is_over = is_over OR ?7
    WHERE record = ?1";

pub(super) const SEE_AFTER: &str = "
    UPDATE record SET presence_after = ?2, presence_after_at = ?3, presence_after_status = ?4,
                      presence_after_source = ?5, presence_after_reason = ?6, presence_after_run = ?7,
                      presence_after_error_kind = ?8, presence_after_delivery = ?9
    WHERE record = ?1";

/// A record that was in doubt stays so: of its deliveries, `maybe_delivered` is kept.
pub(super) const TRY: &str = "
    UPDATE record SET attempts = attempts + ?2, status = ?3, request_id = ?4, error_kind = ?5,
                      delivery = CASE WHEN delivery IS 'maybe_delivered' THEN delivery ELSE ?6 END, message = ?7, tried_at = ?8
    WHERE record = ?1 AND outcome IS NULL";

pub(super) const SETTLE: &str = "
    UPDATE record SET attempts = attempts + ?2, status = ?3, request_id = ?4, error_kind = ?5, delivery = ?6, message = ?7,
                      tried_at = CASE WHEN ?2 > 0 THEN ?8 ELSE tried_at END, settled_at = ?8, settled_run = ?9, outcome = ?10
    WHERE record BETWEEN ?1 AND ?11 AND outcome IS NULL";

/// A child that is reported again keeps its number, by which children are in the order in which they were first tried.
pub(super) const CHILD: &str = "
    INSERT INTO child (record, kind, id, run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message)
        SELECT record, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM record WHERE target = ?1 AND id = ?2
    ON CONFLICT (record, kind, id) DO UPDATE SET
        run = excluded.run, settled_at = excluded.settled_at, outcome = excluded.outcome,
        attempts = excluded.attempts, status = excluded.status, request_id = excluded.request_id,
        error_kind = excluded.error_kind, delivery = excluded.delivery, message = excluded.message";

/// What is proven of a record by its presences: that it is deleted, where the vendor would not say so by itself; or gone, where
/// its delete found nothing or got no response.
macro_rules! proven {
    () => {
        "CASE WHEN outcome IN ('acknowledged', 'unresolved') THEN 'deleted' ELSE 'gone' END"
    };
}

/// Its presences prove more than its outcome says: it was seen before, and is absent after.
macro_rules! provable {
    () => {
        "presence_before = 'present' AND presence_after = 'absent'
         AND (outcome IN ('acknowledged', 'unresolved', 'not_found') OR outcome = 'failed' AND
              (delivery = 'maybe_delivered' OR delivery = 'answered' AND error_kind = 'unexpected_response'))"
    };
}

pub(super) const COUNT_PROVEN: &str =
    concat!("SELECT outcome, ", proven!(), ", 1 FROM record WHERE record = ?1 AND ", provable!());
pub(super) const PROVE: &str = concat!(
    "UPDATE record SET outcome = ",
    proven!(),
    ", error_kind = NULL, delivery = NULL, message = NULL WHERE record = ?1 AND ",
    provable!()
);
pub(super) const COUNT_PROVEN_GROUP: &str = concat!(
    "SELECT outcome, ",
    proven!(),
    ", COUNT(*) FROM record WHERE +target = ?1 AND record > ?2 AND record <= ?3 AND ",
    provable!(),
    " GROUP BY 1"
);
pub(super) const PROVE_GROUP: &str = concat!(
    "UPDATE record SET outcome = ",
    proven!(),
    ", error_kind = NULL, delivery = NULL, message = NULL WHERE +target = ?1 AND record > ?2 AND record <= ?3 AND ",
    provable!()
);

pub(super) const LAST_RECORD: &str = "SELECT COALESCE(MAX(record), 0) FROM record";

/// The records that a list after the deletes still shows.
pub(crate) const CREATE_LISTED: &str = "CREATE TEMP TABLE listed (record INTEGER PRIMARY KEY)";

pub(super) const LISTED: &str = "
    INSERT OR IGNORE INTO temp.listed (record) SELECT record FROM record WHERE target = ?1 AND id = ?2";

pub(super) const UNLISTED_ARE_ABSENT: &str = concat!(
    "UPDATE record SET presence_after = 'absent', presence_after_at = ?2, presence_after_status = NULL,
                       presence_after_source = 'list', presence_after_reason = NULL, presence_after_run = ?3,
                       presence_after_error_kind = NULL, presence_after_delivery = NULL
     WHERE +target = ?1 AND record > ?4 AND record <= ?5 AND record NOT IN (SELECT record FROM temp.listed) AND ",
    unverified!(),
    " AND ",
    sent!()
);

pub(super) const UNLISTED_ARE_UNKNOWN: &str = concat!(
    "UPDATE record SET presence_after = 'unknown', presence_after_at = ?2, presence_after_source = 'list',
                       presence_after_reason = ?6, presence_after_run = ?3
     WHERE +target = ?1 AND record > ?4 AND record <= ?5 AND presence_after IS NULL AND ",
    sent!()
);

#[cfg(test)]
pub(crate) const ALL: [&str; 31] = [
    HAS_UNVERIFIED,
    PRECHECK,
    PRECHECK_FROM_END,
    DELETE,
    DELETE_FROM_END,
    VERIFY,
    REVERIFY,
    LOOKUP,
    LAST_RUN,
    STOP_RUN,
    END_RUN,
    BEGIN_RUN,
    FIRST_RUN,
    FORGET_LOOKUPS,
    LEFT_TO_VERIFY,
    INTEND,
    RELEASE,
    OUTCOME,
    SEE_BEFORE,
    SEE_AFTER,
    TRY,
    SETTLE,
    CHILD,
    COUNT_PROVEN,
    PROVE,
    COUNT_PROVEN_GROUP,
    PROVE_GROUP,
    LAST_RECORD,
    LISTED,
    UNLISTED_ARE_ABSENT,
    UNLISTED_ARE_UNKNOWN,
];
