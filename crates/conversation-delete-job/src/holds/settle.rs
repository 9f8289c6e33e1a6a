//! The outcome that an open record gets once it is held.

use delete_core::Delivery;
use rusqlite::{Connection, params};

use crate::error::JobError;
use crate::outcome::RecordOutcome;
use crate::store::TallyDelta;
use crate::target::TargetNumber;

macro_rules! rows {
    ($intent:literal) => {
        concat!(
            "record IN (SELECT record FROM temp.held_record WHERE record > ?1 AND record <= ?2)
             AND outcome IS NULL AND intent_at IS ",
            $intent
        )
    };
}

macro_rules! count {
    ($intent:literal) => {
        concat!("SELECT target, COUNT(*) FROM record WHERE ", rows!($intent), " GROUP BY +target")
    };
}

macro_rules! settle {
    ($intent:literal) => {
        concat!(
            "UPDATE record SET outcome = ?3, settled_at = ?4, error_kind = ?5, delivery = ?6, message = ?7 WHERE ",
            rows!($intent)
        )
    };
}

const COUNT_UNSENT: &str = count!("NULL");
const SETTLE_UNSENT: &str = settle!("NULL");
const COUNT_IN_DOUBT: &str = count!("NOT NULL");
const SETTLE_IN_DOUBT: &str = settle!("NOT NULL");

const SETTLE_ONE: &str = "
    UPDATE record SET outcome = ?2, settled_at = ?3, settled_run = ?4, error_kind = ?5, delivery = ?6, message = ?7,
                      intent_at = CASE WHEN ?8 THEN intent_at END, intent_run = CASE WHEN ?8 THEN intent_run END
    WHERE record = ?1";

/// What a record without an outcome is like.
#[derive(Clone, Copy)]
pub(super) enum State {
    /// No request was about to be sent, and none will be: a run writes no intent for a held record.
    Unsent,
    /// A run was ended when its request was about to be sent.
    InDoubt,
}

impl State {
    /// How the records of a chunk in this state are counted, and given their outcome.
    const fn statements(self) -> [&'static str; 2] {
        match self {
            Self::Unsent => [COUNT_UNSENT, SETTLE_UNSENT],
            Self::InDoubt => [COUNT_IN_DOUBT, SETTLE_IN_DOUBT],
        }
    }

    /// What such a record gets once it is held: outcome, kind of the error, delivery and message.
    const fn outcome(self) -> (RecordOutcome, Option<&'static str>, Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Unsent => (RecordOutcome::Held, None, None, None),
            Self::InDoubt => {
                (RecordOutcome::Failed, Some("interrupted"), Some(Delivery::MaybeDelivered.as_str()), Some(IN_DOUBT))
            }
        }
    }
}

const IN_DOUBT: &str = "its request was sent or about to be sent, no clear response came, and it is held since: whether \
     it was deleted is not known, and nothing more is sent for it; look it up";

/// Gives the records of `temp.held_record` within `(after, end]` that are in `state` their outcome.
pub(super) fn settle(
    connection: &Connection,
    state: State,
    (after, end): (i64, i64),
    now: &str,
) -> Result<(), JobError> {
    let [count, settle] = state.statements();
    let numbers: Vec<(i64, i64)> = connection
        .prepare_cached(count)?
        .query_map([after, end], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let (outcome, kind, delivery, message) = state.outcome();
    let parameters = params![after, end, outcome.as_str(), now, kind, delivery, message];
    connection.prepare_cached(settle)?.execute(parameters)?;
    let mut delta = TallyDelta::default();
    for (target, number) in numbers {
        delta.change(TargetNumber(target), RecordOutcome::NotAttempted, outcome, number);
    }
    delta.write(connection)
}

/// Gives an open record that is held its outcome during a run, and returns that. `is_in_doubt` if a request for it may
/// have taken effect.
pub(crate) fn settle_held(
    connection: &Connection,
    record: i64,
    is_in_doubt: bool,
    (run, now): (i64, &str),
) -> Result<RecordOutcome, JobError> {
    let state = if is_in_doubt { State::InDoubt } else { State::Unsent };
    let (outcome, kind, delivery, message) = state.outcome();
    let parameters = params![record, outcome.as_str(), now, run, kind, delivery, message, is_in_doubt];
    connection.prepare_cached(SETTLE_ONE)?.execute(parameters)?;
    Ok(outcome)
}

#[cfg(test)]
pub(crate) const ALL: [&str; 5] = [COUNT_UNSENT, SETTLE_UNSENT, COUNT_IN_DOUBT, SETTLE_IN_DOUBT, SETTLE_ONE];
