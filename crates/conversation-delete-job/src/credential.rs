//! Accepting another credential than the planned one.

use std::time::SystemTime;

use delete_core::{RecordId, timestamp};
use rusqlite::{OptionalExtension, params};

use crate::accepted::{difference, wrong_target};
use crate::error::JobError;
use crate::run::Job;
use crate::target::{Target, TargetNumber};

macro_rules! open_ids {
    ($order:literal) => {
        concat!(
            "SELECT id FROM record
             WHERE +target = ?1 AND (outcome IS NULL OR ?2 AND outcome = 'failed') AND id NOT IN (SELECT id FROM late_hold)
             ORDER BY record ",
            $order,
            " LIMIT ?3 + 0"
        )
    };
}

const FIRST_OPEN: &str = open_ids!("ASC");
const LAST_OPEN: &str = open_ids!("DESC");

const RECORD: &str = "SELECT record FROM record WHERE target = ? AND id = ?";

const ACCEPT: &str = "
    INSERT INTO accepted_credential (target, credential, base_url, accepted_at, program, record)
    VALUES (?, ?, ?, ?, ?, ?)";

/// What shows that another credential belongs to the planned workspace.
#[derive(Clone, Copy, Debug)]
pub enum CredentialEvidence<'a> {
    /// The vendor showed this record of the target to it.
    Record(&'a RecordId),
    /// The vendor named the tenant and environment that it belongs to, and they are the planned ones.
    Tenant,
}

impl Job {
    /// Returns ids of a target that are still to be deleted, half of them from the beginning of the plan and half from its
    /// end, to look them up with another credential. A record in doubt is one of them: if it is present, that is evidence
    /// too. `with_failed` adds those that failed.
    ///
    /// # Errors
    /// [`Storage`](crate::JobErrorKind::Storage).
    pub fn open_ids(&self, target: TargetNumber, with_failed: bool, count: usize) -> Result<Vec<String>, JobError> {
        let mut ids = Vec::new();
        for (statement, part) in [(FIRST_OPEN, count.div_ceil(2)), (LAST_OPEN, count / 2)] {
            let mut query = self.store.connection.prepare(statement)?;
            let part = i64::try_from(part).unwrap_or(i64::MAX);
            let rows = query.query_map(params![target.0, with_failed, part], |row| row.get::<_, String>(0))?;
            ids.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Accepts the credential of `now` for this and later runs. The planned one stays in the file, and so does the plan's
    /// hash. It changes nothing if `now` is the planned target or was accepted before.
    ///
    /// # Errors
    /// [`WrongTarget`](crate::JobErrorKind::WrongTarget) if anything but the credential differs, or the record of the evidence is not one of
    /// this target; [`Storage`](crate::JobErrorKind::Storage).
    pub fn accept_credential(
        &mut self,
        target: TargetNumber,
        now: &Target,
        evidence: CredentialEvidence<'_>,
        program: &str,
    ) -> Result<(), JobError> {
        match difference(&self.store.connection, target, now)? {
            None => return Ok(()),
            Some(difference) if difference.is_acceptable() => {}
            Some(difference) => return Err(wrong_target(&difference.to_string())),
        }
        let record = match evidence {
            CredentialEvidence::Record(id) => Some(self.record_number(target, id)?),
            CredentialEvidence::Tenant => None,
        };
        let now = now.to_plan()?;
        let accepted_at = timestamp::format(SystemTime::now());
        let parameters = params![target.0, now.credential, now.base_url, accepted_at, program, record];
        self.store.connection.execute(ACCEPT, parameters)?;
        Ok(())
    }

    fn record_number(&self, target: TargetNumber, id: &RecordId) -> Result<i64, JobError> {
        let found = self.store.connection.query_row(RECORD, params![target.0, id.to_string()], |row| row.get(0));
        found.optional()?.ok_or_else(|| wrong_target(&format!("{id} is not a record of this target")))
    }
}

#[cfg(test)]
pub(crate) const ALL: [&str; 4] = [FIRST_OPEN, LAST_OPEN, RECORD, ACCEPT];
