//! Holds that come after the plan.

use std::time::SystemTime;

use delete_core::{Delivery, RecordId, timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::error::JobError;
use crate::run::Job;

impl Job {
    /// Holds ids that were planned: what has no outcome yet is not deleted any more, in this run and all others. One
    /// whose request may have left already has failed, and may be deleted. Gives how many of the job's records it met,
    /// those included that have an outcome already.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage): then none is held.
    pub fn hold<'a>(&mut self, ids: impl IntoIterator<Item = &'a RecordId>) -> Result<u64, JobError> {
        let now = timestamp::format(SystemTime::now());
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut met = 0;
        for id in ids {
            met += hold(&transaction, &id.to_string(), &now)?;
        }
        transaction.commit()?;
        Ok(met)
    }
}

fn hold(connection: &Connection, id: &str, now: &str) -> Result<u64, JobError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO late_hold (id, held_at) VALUES (?, ?)")?
        .execute(params![id, now])?;
    // By way of the targets, so that the index of both finds the id.
    let mut query = connection.prepare_cached(
        "SELECT target, record, outcome IS NULL, intent_at IS NOT NULL
         FROM target CROSS JOIN record USING (target) WHERE record.id = ?",
    )?;
    let mut rows = query.query([id])?;
    let mut met = 0;
    while let Some(row) = rows.next()? {
        met += 1;
        if row.get(2)? {
            let outcome = settle(connection, row.get(1)?, row.get(3)?, now)?;
            count(connection, row.get(0)?, outcome)?;
        }
    }
    Ok(met)
}

fn settle(connection: &Connection, record: i64, is_in_doubt: bool, now: &str) -> Result<&'static str, JobError> {
    if !is_in_doubt {
        connection
            .prepare_cached("UPDATE record SET outcome = 'held', settled_at = ?2 WHERE record = ?1")?
            .execute(params![record, now])?;
        return Ok("held");
    }
    connection
        .prepare_cached(
            "UPDATE record SET outcome = 'failed', settled_at = ?2, error_kind = 'interrupted', delivery = ?3, message = ?4
             WHERE record = ?1",
        )?
        .execute(params![record, now, Delivery::MaybeDelivered.as_str(), IN_DOUBT])?;
    Ok("failed")
}

const IN_DOUBT: &str = "a run was ended when its request was about to be sent, and it is held since: whether it was deleted is not \
     known, and nobody asks again; look it up";

fn count(connection: &Connection, target: i64, outcome: &str) -> Result<(), JobError> {
    let mut add = connection.prepare_cached(
        "INSERT INTO tally (target, outcome, count) VALUES (?1, ?2, ?3)
         ON CONFLICT (target, outcome) DO UPDATE SET count = count + ?3",
    )?;
    add.execute(params![target, "open", -1])?;
    add.execute(params![target, outcome, 1])?;
    Ok(())
}
