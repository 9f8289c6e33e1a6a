//! A record of a job file as a report, and the outcomes of children as they are kept there.

use std::borrow::Cow;

use conversation_delete_job::{ChildReport, RecordReport};
use delete_core::{Delivery, ErrorKind};
use serde::Deserialize;

use super::{ChildRecord, Failure, Outcome, Proof, Record, visible, with_advice};

impl Record {
    /// What the file says. `with_proof` is for runs that looked.
    pub(crate) fn stored(report: RecordReport, with_proof: bool) -> Self {
        let proof = || Box::new(Proof::told(report.presence_before.as_deref(), report.presence_after.as_deref()));
        Self {
            outcome: Outcome::of(&report.outcome),
            attempts: usize::try_from(report.attempts).unwrap_or(usize::MAX),
            status: report.status,
            proof: with_proof.then(proof),
            children: report.children.as_deref().map(read_children).unwrap_or_default(),
            request_id: report.request_id,
            error: report.error.map(|(kind, delivery, message)| {
                let message = with_advice(&kind, visible(&message));
                Failure::stored(kind, delivery, message)
            }),
            ..Self::not_attempted(report.id)
        }
    }
}

impl Failure {
    fn stored(kind: String, delivery: String, message: String) -> Self {
        let may_have_taken_effect = delivery == Delivery::MaybeDelivered.as_str()
            || delivery == Delivery::Answered.as_str() && kind == ErrorKind::UnexpectedResponse.as_str();
        Self { kind: kind.into(), delivery: delivery.into(), message, may_have_taken_effect }
    }
}

/// A child as the job file reports it.
#[derive(Deserialize)]
struct StoredChild<'a> {
    kind: Cow<'a, str>,
    id: Cow<'a, str>,
    outcome: Cow<'a, str>,
    attempts: usize,
    status: Option<u16>,
    request_id: Option<Cow<'a, str>>,
    error: Option<StoredFailure<'a>>,
}

#[derive(Deserialize)]
struct StoredFailure<'a> {
    kind: Cow<'a, str>,
    delivery: Cow<'a, str>,
    message: Cow<'a, str>,
}

impl ChildRecord {
    /// The same for the job file.
    pub(crate) fn to_report(&self) -> ChildReport {
        let record = &self.record;
        let error = record.error.as_ref();
        ChildReport {
            kind: self.kind.clone().into_owned(),
            id: record.id.clone(),
            outcome: record.outcome.as_str().to_owned(),
            attempts: record.attempts as u64,
            status: record.status,
            request_id: record.request_id.clone(),
            error: error.map(|error| (error.kind.to_string(), error.delivery.to_string(), error.message.clone())),
        }
    }
}

/// What stands there and cannot be read was not written by this program.
pub(crate) fn read_children(json: &str) -> Vec<ChildRecord> {
    let stored: Vec<StoredChild<'_>> = serde_json::from_str(json).unwrap_or_default();
    let mut children: Vec<ChildRecord> = Vec::new();
    for child in stored.into_iter().map(restore) {
        match children.iter_mut().find(|known| known.is_same(&child)) {
            // A later run tried it again.
            Some(known) => *known = child,
            None => children.push(child),
        }
    }
    children
}

fn restore(child: StoredChild<'_>) -> ChildRecord {
    let failure = |error: StoredFailure<'_>| {
        Failure::stored(error.kind.into_owned(), error.delivery.into_owned(), error.message.into_owned())
    };
    let record = Record {
        outcome: Outcome::of(&child.outcome),
        attempts: child.attempts,
        status: child.status,
        request_id: child.request_id.map(Cow::into_owned),
        error: child.error.map(failure),
        ..Record::not_attempted(child.id.into_owned())
    };
    ChildRecord { kind: child.kind.into_owned().into(), record }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_reports_on_one_child_the_later_one_counts_in_the_position_of_the_first() {
        let child = |kind: &str, id: &str, outcome: &str, error: &str| {
            format!(
                r#"{{"kind":"{kind}","id":"{id}","outcome":"{outcome}","attempts":1,"status":204,"request_id":null,"error":{error}}}"#
            )
        };
        let failure = r#"{"kind":"server","delivery":"maybe_delivered","message":"say \"no\""}"#;
        let failed = child("transcript", "t1", "failed", failure);
        let (document, deleted) =
            (child("document", "d1", "deleted", "null"), child("transcript", "t1", "deleted", "null"));
        let first = read_children(&format!("[{failed},{document}]"));
        let error = first[0].record.error.as_ref().unwrap();
        assert_eq!((&*error.message, error.may_have_taken_effect, first.len()), ("say \"no\"", true, 2));
        let later = read_children(&format!("[{failed},{document},{deleted}]"));
        assert_eq!((later.len(), later[0].record.outcome, &later[1]), (2, Outcome::Deleted, &first[1]));
        assert_eq!(read_children("not ours"), []);
    }
}
