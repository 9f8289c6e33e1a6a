//! How a run begins in the file.

use std::time::SystemTime;

use delete_core::timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::sql;
use crate::error::JobError;
use crate::reopen::reopen_failed;
use crate::run::RunOptions;
use crate::store::Store;

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

/// Notes the run, and begins its log. Where there can be none, the file is left as it was.
pub(crate) fn begin(mut store: Store, purpose: Purpose, options: &RunOptions) -> Result<(Store, Run), JobError> {
    let run = begin_run(&mut store.connection, purpose, options)?;
    store.connection.execute_batch(sql::CREATE_LISTED)?;
    match store.begin_log(run.number) {
        Ok(()) => Ok((store, run)),
        Err(error) => {
            store.abandon_log();
            Err(error)
        }
    }
}

/// Writes that a run begins, and reopens what it is to do again, both or neither.
fn begin_run(connection: &mut Connection, purpose: Purpose, options: &RunOptions) -> Result<Run, JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = timestamp::format(SystemTime::now());
    let verify = (purpose == Purpose::Delete).then_some(options.verify.as_str());
    let parameters = params![options.program, std::process::id(), now, purpose.as_str(), verify];
    transaction.execute(sql::BEGIN_RUN, parameters)?;
    let number = transaction.last_insert_rowid();
    let first = first_run(&transaction, number, purpose)?;
    if options.retry_failed {
        reopen_failed(&transaction)?;
    }
    if options.anew {
        transaction.execute(sql::FORGET_LOOKUPS, [first])?;
    }
    transaction.commit()?;
    Ok(Run { number, first })
}

/// The first run of those whose verification or lookup the run of this number goes on with.
fn first_run(connection: &Connection, number: i64, purpose: Purpose) -> Result<i64, JobError> {
    let first = connection.query_row(sql::FIRST_RUN, params![number, purpose.as_str()], |row| row.get(0));
    Ok(first.map(|first: Option<i64>| first.unwrap_or(number))?)
}

/// How many records of all targets a verification would look up that began now, and did not begin anew.
pub(crate) fn left_to_verify(connection: &Connection) -> Result<u64, JobError> {
    let next = connection.query_row(sql::LAST_RUN, [], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0) + 1;
    let first = first_run(connection, next, Purpose::Verify)?;
    Ok(connection.query_row(sql::LEFT_TO_VERIFY, [first], |row| row.get(0))?)
}
