//! The comparison of a target with what was planned, and with the credentials that were accepted since.

use rusqlite::Connection;

use crate::error::{JobError, JobErrorKind};
use crate::target::{Target, TargetDifference, TargetNumber};

/// A credential that was accepted instead of the planned one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcceptedCredential {
    /// Its fingerprint.
    pub credential: String,
    /// The base URL with which it was accepted.
    pub base_url: Option<String>,
    /// When it was accepted, in RFC 3339.
    pub accepted_at: String,
}

pub(crate) const ACCEPTED: &str =
    "SELECT credential, base_url, accepted_at FROM accepted_credential WHERE target = ? ORDER BY accepted";

pub(crate) fn wrong_target(message: &str) -> JobError {
    JobError::new(JobErrorKind::WrongTarget, message)
}

/// The credentials that were accepted for a target, the oldest first.
pub(crate) fn accepted(connection: &Connection, target: TargetNumber) -> Result<Vec<AcceptedCredential>, JobError> {
    let mut query = connection.prepare(ACCEPTED)?;
    let rows = query.query_map([target.0], |row| {
        Ok(AcceptedCredential { credential: row.get(0)?, base_url: row.get(1)?, accepted_at: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is different in `now` and was not accepted.
pub(crate) fn unaccepted(planned: &Target, accepted: &[AcceptedCredential], now: &Target) -> Option<TargetDifference> {
    let difference = planned.difference(now)?;
    let now = now.normalized();
    let is_accepted =
        |accepted: &AcceptedCredential| accepted.credential == now.credential && accepted.base_url == now.base_url;
    (!difference.is_acceptable() || !accepted.iter().any(is_accepted)).then_some(difference)
}

/// The same for a target of this job.
pub(crate) fn difference(
    connection: &Connection,
    number: TargetNumber,
    now: &Target,
) -> Result<Option<TargetDifference>, JobError> {
    let targets = crate::store::targets(connection)?;
    let planned = targets.iter().find(|(known, _)| *known == number);
    let (_, planned) = planned.ok_or_else(|| wrong_target("this job has no such target"))?;
    Ok(unaccepted(planned, &accepted(connection, number)?, now))
}
