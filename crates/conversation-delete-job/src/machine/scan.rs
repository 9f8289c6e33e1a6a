//! Lookups that read a whole list, and what is reported of a record that a lookup did not show.

use std::iter::repeat_with;
use std::time::{Instant, SystemTime};

use delete_core::{Delivery, Error, ErrorKind};

use super::event::{Answer, Command, Operation};
use super::queue::Batch;
use super::settle::Results;
use super::{Machine, Step, decide};
use crate::journal::{Entry, Sighting, Work};
use crate::outcome::Failure;
use crate::presence::{PresenceSource, PresenceState};

impl Machine {
    /// Whether the run deletes nothing, and verifies no deletes.
    pub(super) fn is_lookup_only(&self) -> bool {
        self.step == Step::Work(Work::Lookup)
    }

    /// Whether a scan that failed is repeated.
    pub(super) fn is_repeated(&self, now: Instant, batch: &Batch, error: &Error) -> bool {
        let is_reported = self.is_lookup_only() && error.is_fatal_for_client();
        !is_reported && decide::is_to_be_repeated(error, self.is_last_try(now, batch), self.config.is_interactive)
    }
}

/// Reports what is known of each record after a scan that failed.
pub(super) fn report(batch: &Batch, at: SystemTime, results: Results, out: &mut Vec<Command>) {
    let results = results.into_iter().chain(repeat_with(|| Err(missing_result(batch.operation))));
    for (record, result) in batch.numbers().zip(results) {
        let presence = match result {
            Ok(Answer::Seen(presence)) => presence,
            Ok(_) => unknown(&missing_result(batch.operation), at),
            Err(error) => unknown(&error, at),
        };
        out.push(Command::Write(Entry::After { record, presence }));
    }
}

/// A lookup that failed.
pub(super) fn unknown(error: &Error, at: SystemTime) -> Sighting {
    Sighting {
        state: PresenceState::Unknown,
        status: None,
        source: PresenceSource::Lookup,
        failure: Some(Failure::from(error)),
        at,
        is_over: false,
    }
}

/// The error of a record for which a deleter or reader returned nothing. Its delete may have taken effect.
pub(super) fn missing_result(operation: Operation) -> Error {
    let message = "the response does not mention this record";
    match operation {
        Operation::Delete => {
            Error::builder(ErrorKind::UnexpectedResponse, message).delivery(Delivery::MaybeDelivered).build()
        }
        _ => Error::unexpected_response(message),
    }
}
