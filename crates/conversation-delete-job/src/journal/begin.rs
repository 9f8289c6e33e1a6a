//! How a run begins in the file.

use std::time::SystemTime;

use delete_core::timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::sql;
use crate::error::JobError;
use crate::reopen::reopen_failed;
use crate::store::Store;
use crate::verify::Verify;

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Delete,
    Verify,
    Lookup,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Verify => "verify",
            Self::Lookup => "lookup",
        }
    }
}

/// A run of a job, by its number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) number: i64,
    /// The run whose verification or lookup this one goes on with, or itself.
    pub(crate) first: i64,
}

/// Notes the run, and begins its log. Where there can be none, the file is left as it was. `retry_failed` reopens what has
/// failed.
pub(crate) fn begin(
    mut store: Store,
    program: &str,
    purpose: Purpose,
    verify: Verify,
    retry_failed: bool,
) -> Result<(Store, Run), JobError> {
    let run = begin_run(&mut store.connection, program, purpose, verify, retry_failed)?;
    store.connection.execute_batch(sql::CREATE_LISTED)?;
    match store.begin_log(run.number) {
        Ok(()) => Ok((store, run)),
        Err(error) => {
            store.abandon_log();
            Err(error)
        }
    }
}

/// Writes that a run begins, and reopens what it is to try again, both or neither.
fn begin_run(
    connection: &mut Connection,
    program: &str,
    purpose: Purpose,
    verify: Verify,
    retry_failed: bool,
) -> Result<Run, JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = timestamp::format(SystemTime::now());
    let verify = (purpose == Purpose::Delete).then_some(verify.as_str());
    transaction.execute(sql::BEGIN_RUN, params![program, std::process::id(), now, purpose.as_str(), verify])?;
    let number = transaction.last_insert_rowid();
    let first = transaction.query_row(sql::FIRST_RUN, params![number, purpose.as_str()], |row| row.get(0))?;
    if retry_failed {
        reopen_failed(&transaction)?;
    }
    transaction.commit()?;
    Ok(Run { number, first })
}
