//! What may be changed of a job after it was planned.

use std::time::SystemTime;

use delete_core::{Delivery, RecordId, timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::error::JobError;
use crate::reopen::reopen_failed;
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

    /// Heeds holds that were written into the file by other means.
    pub(crate) fn heed_holds(&mut self) -> Result<(), JobError> {
        let now = timestamp::format(SystemTime::now());
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let ids: Vec<String> = transaction
            .prepare("SELECT id FROM late_hold")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        ids.iter().try_for_each(|id| hold(&transaction, id, &now).map(drop))?;
        Ok(transaction.commit()?)
    }

    /// Reopens what has failed, so that the next run tries it once more, and keeps each failure in the table `attempt`. It
    /// remembers which of them may be deleted already: "not found" is [`Gone`](delete_core::Outcome::Gone) for these.
    /// Returns how many there are. [`Options::retry_failed`](crate::Options::retry_failed) does it as a run begins, once
    /// its lanes are checked.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage): then none is opened.
    pub fn reopen_failed(&mut self) -> Result<u64, JobError> {
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let reopened = reopen_failed(&transaction)?;
        transaction.commit()?;
        Ok(reopened)
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
            count(connection, row.get(0)?, ("open", outcome), 1)?;
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

/// So many records go from one outcome to another.
fn count(connection: &Connection, target: i64, (from, to): (&str, &str), number: i64) -> Result<(), JobError> {
    let mut add = connection.prepare_cached(
        "INSERT INTO tally (target, outcome, count) VALUES (?1, ?2, ?3)
         ON CONFLICT (target, outcome) DO UPDATE SET count = count + ?3",
    )?;
    add.execute(params![target, from, -number])?;
    add.execute(params![target, to, number])?;
    Ok(())
}
