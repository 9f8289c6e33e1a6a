//! What a job file says of a record, as a report; and what became of children, as it is kept there.

use std::borrow::Cow;

use delete_core::{Delivery, ErrorKind};
use delete_job::RecordReport;
use serde::{Deserialize, Serialize};

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

/// A child as it stands in the file.
#[derive(Deserialize, Serialize)]
struct StoredChild<'a> {
    kind: Cow<'a, str>,
    id: Cow<'a, str>,
    outcome: Cow<'a, str>,
    attempts: usize,
    status: Option<u16>,
    request_id: Option<Cow<'a, str>>,
    error: Option<StoredFailure<'a>>,
}

#[derive(Deserialize, Serialize)]
struct StoredFailure<'a> {
    kind: Cow<'a, str>,
    delivery: Cow<'a, str>,
    message: Cow<'a, str>,
}

/// The children of a record in JSON, in the order in which they were deleted; nothing where there are none.
pub(crate) fn write_children(children: &[ChildRecord]) -> Option<String> {
    if children.is_empty() {
        return None;
    }
    let stored: Vec<StoredChild<'_>> = children.iter().map(store).collect();
    serde_json::to_string(&stored).ok()
}

fn store(child: &ChildRecord) -> StoredChild<'_> {
    let record = &child.record;
    StoredChild {
        kind: child.kind.as_ref().into(),
        id: record.id.as_str().into(),
        outcome: record.outcome.as_str().into(),
        attempts: record.attempts,
        status: record.status,
        request_id: record.request_id.as_deref().map(Into::into),
        error: record.error.as_ref().map(|error| StoredFailure {
            kind: error.kind.as_ref().into(),
            delivery: error.delivery.as_ref().into(),
            message: error.message.as_str().into(),
        }),
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
    fn children_read_back_as_they_were_written() {
        let failure = Failure::stored("server".into(), "maybe_delivered".into(), "say \"no\"".into());
        let failed = Record { outcome: Outcome::Failed, error: Some(failure), ..Record::not_attempted("t1".into()) };
        let deleted = Record { outcome: Outcome::Deleted, status: Some(204), ..Record::not_attempted("d1".into()) };
        let children = [("transcript", failed), ("document", deleted)]
            .map(|(kind, record)| ChildRecord { kind: kind.into(), record });
        assert_eq!(read_children(&write_children(&children).unwrap()), children);
        let both = format!(
            "{},{}",
            &write_children(&children).unwrap().trim_end_matches(']'),
            r#"{"kind":"transcript",
            "id":"t1","outcome":"deleted","attempts":1,"status":204,"request_id":null,"error":null}]"#
        );
        let later = read_children(&both);
        assert_eq!((later.len(), later[0].record.outcome, &later[1]), (2, Outcome::Deleted, &children[1]));
        assert_eq!(write_children(&[]), None);
        assert_eq!(read_children("not ours"), []);
    }
}
