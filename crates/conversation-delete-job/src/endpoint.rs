//! The calls of a lane.

use std::sync::Arc;

use delete_core::vendor_kit::active_status;
use delete_core::{
    Clock, Deleter, Deletion, Delivery, Error, ErrorKind, Filter, Presence, RecordId, RecordReader, RecordReaderExt,
    Status, VerifyPolicy,
};

use crate::hold_check::HoldCheck;
use crate::journal::{Journal, Sighting};
use crate::machine::event::{Answer, CallId, Event, Ids, Operation};
use crate::outcome::Failure;
use crate::presence::{PresenceSource, PresenceState};
use crate::target::TargetNumber;

/// So many ids of a list are written at once.
const LISTED: usize = 1024;

/// Makes the calls of a lane.
pub(crate) struct Endpoint {
    pub(crate) target: TargetNumber,
    pub(crate) deleter: Arc<dyn Deleter>,
    pub(crate) reader: Arc<dyn RecordReader>,
    /// Checks the credential.
    pub(crate) checker: Arc<dyn RecordReader>,
    pub(crate) reject_active: bool,
    pub(crate) verify_policy: VerifyPolicy,
    pub(crate) hold_check: Option<HoldCheck>,
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Endpoint {
    /// Makes one call.
    pub(crate) async fn perform(&self, call: CallId, operation: Operation, ids: Ids) -> Event {
        let results = match operation {
            Operation::CheckCredential => {
                let result = self.checker.check_credential().await.map(|checked| checked.may_delete);
                return Event::Checked { call, result };
            }
            Operation::List => return Event::Listed { call, result: self.list().await },
            Operation::Delete => self.delete(&ids).await,
            Operation::Check => self.check(&ids).await,
            Operation::Lookup => self.look_up(&ids).await,
        };
        Event::Returned { call, at: self.clock.system_now(), results }
    }

    async fn delete(&self, ids: &[RecordId]) -> Vec<Result<Answer, Error>> {
        let results = match ids {
            [id] => vec![self.deleter.delete(id).await],
            ids => self.deleter.delete_batch(ids).await,
        };
        let answer = |(result, id): (Result<Deletion, Error>, &RecordId)| {
            result.and_then(|deletion| of_record(id, deletion)).map(Answer::Deletion)
        };
        let results: Vec<_> = results.into_iter().zip(ids).map(answer).collect();
        match &self.hold_check {
            Some(check) if results.iter().any(is_unsent) => self.name_held(check, ids, results),
            _ => results,
        }
    }

    /// Tells deletes that the deleter refused to send because their records are held from those that it refused because the
    /// holds could not be read.
    fn name_held(
        &self,
        check: &HoldCheck,
        ids: &[RecordId],
        results: Vec<Result<Answer, Error>>,
    ) -> Vec<Result<Answer, Error>> {
        let is_unreadable = check.has_failed();
        let name = |(id, result): (&RecordId, Result<Answer, Error>)| match self.journal.is_any_held([id]) {
            _ if !is_unsent(&result) => result,
            Ok(true) => Ok(Answer::Held),
            Ok(false) if is_unreadable => Ok(Answer::HoldsUnreadable),
            Ok(false) => result,
            Err(error) => {
                check.fail(error);
                Ok(Answer::HoldsUnreadable)
            }
        };
        ids.iter().zip(results).map(name).collect()
    }

    /// Looks up records before their delete. One request shows whether a record is present and whether it is active, if the
    /// vendor has final statuses or nobody asks for active records. A reader that reads a list for each lookup may answer
    /// that a record is not active without a request, which does not show the record.
    async fn check(&self, ids: &[RecordId]) -> Vec<Result<Answer, Error>> {
        let id = match ids {
            [id] if !self.reader.prefers_bulk_lookup() => id,
            ids => return self.seen(self.reader.lookup_many(ids).await),
        };
        if !self.reject_active {
            return self.seen(vec![self.reader.lookup(id).await]);
        }
        let finals = self.reader.final_statuses();
        let result = if finals.is_empty() {
            self.reader.active_status(id).await.map(|active| (None, active))
        } else {
            match self.reader.lookup(id).await {
                Presence::Present { status, .. } => Ok((status.clone(), active_status(status, finals))),
                absent => return self.seen(vec![absent]),
            }
        };
        vec![match result {
            Ok((status, active)) => Ok(self.present(status, active)),
            Err(error) if error.kind() == ErrorKind::NotFound => return self.seen(vec![Presence::Absent]),
            Err(error) => Err(error),
        }]
    }

    fn present(&self, status: Option<Status>, active: Option<Status>) -> Answer {
        let status = status.as_ref().or(active.as_ref()).map(Status::to_string);
        let is_over = active.is_none();
        let sighting = Sighting { status, is_over, ..self.sighting(PresenceState::Present) };
        active.map_or(Answer::Seen(sighting.clone()), |active| Answer::Active(sighting, active))
    }

    async fn look_up(&self, ids: &[RecordId]) -> Vec<Result<Answer, Error>> {
        match ids {
            // One that is still there is looked up again later, while others have their turn.
            [id] if !self.reader.prefers_bulk_lookup() => self.seen(vec![self.reader.lookup(id).await]),
            ids => self.seen(self.reader.confirm_absence_with_clock(ids, self.verify_policy, &*self.clock).await),
        }
    }

    fn seen(&self, presences: Vec<Presence>) -> Vec<Result<Answer, Error>> {
        let finals = self.reader.final_statuses();
        let seen = |presence: Presence| match presence {
            Presence::Unknown(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Presence::Unknown(error) => {
                let failure = Some(Failure::from(&error));
                Ok(Answer::Seen(Sighting { failure, ..self.sighting(PresenceState::Unknown) }))
            }
            Presence::Absent => Ok(Answer::Seen(self.sighting(PresenceState::Absent))),
            Presence::Present { status, .. } => {
                let is_over = status.as_ref().is_some_and(|status| finals.contains(status));
                let status = status.map(|status| status.to_string());
                Ok(Answer::Seen(Sighting { status, is_over, ..self.sighting(PresenceState::Present) }))
            }
        };
        presences.into_iter().map(seen).collect()
    }

    fn sighting(&self, state: PresenceState) -> Sighting {
        let at = self.clock.system_now();
        Sighting { state, status: None, source: PresenceSource::Lookup, failure: None, at, is_over: false }
    }

    /// Reads one complete list. The journal notes every record of the job that is in it.
    async fn list(&self) -> Result<(), Error> {
        let mut listing = self.reader.list(&Filter::new())?;
        let (mut ids, mut unreadable) = (Vec::new(), None);
        while let Some(entry) = listing.next().await {
            match entry {
                Ok(record) => ids.push(record.id().to_string()),
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
            if ids.len() >= LISTED {
                self.journal.listed(self.target, std::mem::take(&mut ids));
            }
        }
        self.journal.listed(self.target, ids);
        match unreadable {
            Some(error) => Err(error),
            None if listing.is_complete() => Ok(()),
            None => Err(Error::unexpected_response("the list ended early")),
        }
    }
}

/// Makes sure that a deletion is of the record that was asked for: a deleter of somebody else may mix them up.
fn of_record(id: &RecordId, deletion: Deletion) -> Result<Deletion, Error> {
    if deletion.id() == id {
        return Ok(deletion);
    }
    let message = "internal error: the deleter reported another record, and this one may be deleted";
    Err(Error::builder(ErrorKind::UnexpectedResponse, message).delivery(Delivery::MaybeDelivered).build())
}

/// Whether no delete was sent for the record.
fn is_unsent(result: &Result<Answer, Error>) -> bool {
    result.as_ref().is_err_and(|error| error.delivery() == Delivery::NotSent)
}
