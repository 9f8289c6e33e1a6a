//! The whole table: every kind of error and every other result, for every operation.

use std::time::SystemTime;

use delete_core::{ConversationId, Status, Vendor};

use super::*;
use crate::journal::Sighting;
use crate::presence::PresenceSource;
use Decision::{Delete, DeleteUnchecked, Hold, LeaveOpen, LookAgain, Park, Presence, Refuse, Single};

/// A lookup or delete of one record of a large job that verifies, for the first time and before any record was seen.
const fn first(operation: Operation) -> Context {
    Context {
        operation,
        is_ambiguous: false,
        is_batch: false,
        is_interactive: false,
        is_last_try: false,
        needs_proof: true,
        looks_again: false,
        is_target_settled: false,
        is_lookup_only: false,
    }
}

const CHECK: Context = first(Operation::Check);
const LAST_CHECK: Context = Context { is_last_try: true, ..CHECK };
const OPTIONAL_CHECK: Context = Context { needs_proof: false, ..CHECK };
const DELETE: Context = first(Operation::Delete);
const LAST_DELETE: Context = Context { is_last_try: true, ..DELETE };
const LAST_FOR_FEW: Context = Context { is_interactive: true, ..LAST_DELETE };
const BATCH: Context = Context { is_batch: true, ..DELETE };
const AMBIGUOUS_DELETE: Context = Context { is_ambiguous: true, ..DELETE };
const LOOKUP: Context = first(Operation::Lookup);
const LAST_LOOKUP: Context = Context { is_last_try: true, ..LOOKUP };

/// Nothing is deleted.
const LOOKUP_ONLY: Context = Context { is_lookup_only: true, ..LOOKUP };

const COLUMNS: [Context; 11] = [
    CHECK,
    LAST_CHECK,
    OPTIONAL_CHECK,
    DELETE,
    LAST_DELETE,
    LAST_FOR_FEW,
    BATCH,
    AMBIGUOUS_DELETE,
    LOOKUP,
    LAST_LOOKUP,
    LOOKUP_ONLY,
];

/// The result of the delete is the outcome.
const DONE: Decision = Decision::Outcome;
/// The record may be the reason: it is repeated later, and fails in the end.
const LATER: Decision = Decision::Retry { is_own: true, is_ambiguous: false };
/// The same, and the delete may have taken effect.
const IN_DOUBT: Decision = Decision::Retry { is_own: true, is_ambiguous: true };
/// The record is not the reason: it is repeated as often as it takes.
const AGAIN: Decision = Decision::Retry { is_own: false, is_ambiguous: false };
/// The same of a record that was in doubt before.
const STILL: Decision = Decision::Retry { is_own: false, is_ambiguous: true };

const PERMANENT: bool = false;
const TRANSIENT: bool = true;
use Delivery::{Answered, MaybeDelivered, NotSent};

/// Makes the rows of the table.
macro_rules! table {
    ($($kind:ident $status:literal $retryable:ident $delivery:ident => $decisions:expr;)+) => {
        fn rows() -> Vec<(Error, [Decision; COLUMNS.len()])> {
            vec![$((error(ErrorKind::$kind, $status, $retryable, $delivery), $decisions),)+]
        }
    };
}

#[rustfmt::skip]
table! {
    //                                                   check   last     optional         delete    last   of few  batch     ambiguous lookup    last     only
    InvalidInput         0 PERMANENT NotSent        => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   DONE,     DONE,     Presence, Presence,  Presence];
    ClockSkew            0 PERMANENT NotSent        => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   DONE,     DONE,     Presence, Presence,  Presence];
    StillActive          0 PERMANENT NotSent        => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   DONE,     DONE,     Presence, Presence,  Presence];
    Interrupted          0 PERMANENT NotSent        => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   DONE,     DONE,     Presence, Presence,  Presence];
    NotFound           404 PERMANENT Answered       => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   DONE,     DONE,     Presence, Presence,  Presence];
    UnexpectedResponse 200 PERMANENT Answered       => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   DONE,     DONE,     Presence, Presence,  Presence];
    Rejected           400 PERMANENT Answered       => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   Single,   DONE,     Presence, Presence,  Presence];
    Rejected           409 TRANSIENT Answered       => [LATER,  Refuse,  LATER,           LATER,    DONE,  DONE,   LATER,    IN_DOUBT, LATER,    Presence,  LATER];
    Forbidden          403 PERMANENT Answered       => [Refuse, Refuse,  DeleteUnchecked, DONE,     DONE,  DONE,   Single,   DONE,     Presence, Presence,  Presence];
    MissingScope       403 PERMANENT Answered       => [AGAIN,  AGAIN,   DeleteUnchecked, AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     Presence];
    Unauthenticated    401 PERMANENT Answered       => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     Presence];
    PaymentRequired    402 PERMANENT Answered       => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     Presence];
    Configuration        0 PERMANENT NotSent        => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     Presence];
    WrongTarget          0 PERMANENT NotSent        => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     Presence];
    Tls                  0 PERMANENT NotSent        => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     Presence];
    RateLimited        429 TRANSIENT Answered       => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, AGAIN,  AGAIN,    STILL,    AGAIN,    AGAIN,     AGAIN];
    Connect              0 TRANSIENT NotSent        => [AGAIN,  AGAIN,   AGAIN,           AGAIN,    AGAIN, DONE,   AGAIN,    STILL,    AGAIN,    AGAIN,     AGAIN];
    Connection           0 TRANSIENT MaybeDelivered => [LATER,  Refuse,  LATER,           IN_DOUBT, DONE,  DONE,   IN_DOUBT, IN_DOUBT, LATER,    Presence,  LATER];
    Timeout            408 TRANSIENT MaybeDelivered => [LATER,  Refuse,  LATER,           IN_DOUBT, DONE,  DONE,   IN_DOUBT, IN_DOUBT, LATER,    Presence,  LATER];
    Server             503 TRANSIENT MaybeDelivered => [LATER,  Refuse,  LATER,           IN_DOUBT, DONE,  DONE,   IN_DOUBT, IN_DOUBT, LATER,    Presence,  LATER];
    Server             520 PERMANENT MaybeDelivered => [LATER,  Refuse,  LATER,           IN_DOUBT, DONE,  DONE,   IN_DOUBT, IN_DOUBT, LATER,    Presence,  LATER];
    Server             501 PERMANENT MaybeDelivered => [Refuse, Refuse,  Refuse,          DONE,     DONE,  DONE,   Single,   DONE,     Presence, Presence,  Presence];
}

fn error(kind: ErrorKind, status: u16, is_retryable: bool, delivery: Delivery) -> Error {
    let error = Error::builder(kind, "x").retryable(is_retryable).delivery(delivery);
    if status == 0 { error.build() } else { error.status(status).build() }
}

#[test]
fn every_kind_has_a_row() {
    for kind in ErrorKind::ALL {
        assert!(rows().iter().any(|(error, _)| error.kind() == *kind), "{kind}");
    }
}

#[test]
fn errors() {
    for (error, expected) in rows() {
        let result = Err(error);
        for (context, expected) in COLUMNS.into_iter().zip(expected) {
            assert_eq!(decide(&result, context), expected, "{result:?}\n{context:?}");
        }
    }
}

const SETTLED: Context = Context { is_target_settled: true, ..CHECK };
const AMBIGUOUS_CHECK: Context = Context { is_ambiguous: true, ..CHECK };
const NOT_YET: Context = Context { looks_again: true, ..LOOKUP };

fn seen(state: PresenceState) -> Answer {
    Answer::Seen(sighting(state))
}

fn sighting(state: PresenceState) -> Sighting {
    let (source, at) = (PresenceSource::Lookup, SystemTime::UNIX_EPOCH);
    Sighting { state, status: None, source, failure: None, at, is_over: false }
}

fn active() -> Answer {
    Answer::Active(sighting(PresenceState::Present), Status::new("active"))
}

fn deletion(outcome: Outcome) -> Answer {
    Answer::Deletion(Deletion::new(Vendor::new("tavus", "Tavus"), ConversationId::new("c1").unwrap(), outcome))
}

/// The row in which an answer begins. A new one does not compile without a row.
fn row(answer: &Answer) -> usize {
    match answer {
        Answer::Seen(Sighting { state: PresenceState::Present, .. }) => 0,
        Answer::Seen(Sighting { state: PresenceState::Absent, .. }) => 1,
        Answer::Seen(Sighting { state: PresenceState::Unknown, .. }) => 2,
        Answer::Active(..) => 3,
        Answer::Deletion(deletion) => match deletion.outcome() {
            Outcome::Deleted => 4,
            Outcome::Acknowledged => 5,
            Outcome::Gone => 6,
            Outcome::Unresolved => 7,
        },
        Answer::Held => 8,
        Answer::HoldsUnreadable => 9,
    }
}

#[test]
#[rustfmt::skip]
fn answers() {
    use PresenceState::{Absent, Present, Unknown};
    let rows: [(Answer, &[(Context, Decision)]); 10] = [
        (seen(Present),                  &[(CHECK, Delete), (SETTLED, Delete), (AMBIGUOUS_CHECK, Delete), (LOOKUP, Presence), (NOT_YET, LookAgain)]),
        (seen(Absent),                   &[(CHECK, Park),   (SETTLED, Delete), (AMBIGUOUS_CHECK, Delete), (LOOKUP, Presence), (NOT_YET, Presence)]),
        (seen(Unknown),                  &[(CHECK, Park),   (SETTLED, Delete), (AMBIGUOUS_CHECK, Delete), (LOOKUP, Presence), (NOT_YET, Presence)]),
        (active(),                       &[(CHECK, Refuse), (SETTLED, Refuse), (AMBIGUOUS_CHECK, Refuse), (OPTIONAL_CHECK, Refuse)]),
        (deletion(Outcome::Deleted),     &[(DELETE, DONE), (LAST_DELETE, DONE), (BATCH, DONE), (AMBIGUOUS_DELETE, DONE)]),
        (deletion(Outcome::Acknowledged),&[(DELETE, DONE), (LAST_DELETE, DONE), (BATCH, DONE), (AMBIGUOUS_DELETE, DONE)]),
        (deletion(Outcome::Gone),        &[(DELETE, DONE), (LAST_DELETE, DONE), (BATCH, DONE), (AMBIGUOUS_DELETE, DONE)]),
        (deletion(Outcome::Unresolved),  &[(DELETE, DONE), (LAST_DELETE, DONE), (BATCH, DONE), (AMBIGUOUS_DELETE, DONE)]),
        (Answer::Held,                   &[(DELETE, Hold), (LAST_DELETE, Hold), (BATCH, Hold), (AMBIGUOUS_DELETE, Hold)]),
        (Answer::HoldsUnreadable,        &[(DELETE, LeaveOpen), (LAST_DELETE, LeaveOpen), (BATCH, LeaveOpen), (AMBIGUOUS_DELETE, LeaveOpen)]),
    ];
    for (number, (answer, decisions)) in rows.into_iter().enumerate() {
        assert_eq!(row(&answer), number, "{answer:?}");
        let result = Ok(answer);
        for (context, expected) in decisions {
            assert_eq!(decide(&result, *context), *expected, "{result:?}\n{context:?}");
        }
    }
}

/// What a failed delete is in the end, first and after an ambiguous attempt.
#[test]
fn outcomes_of_errors() {
    for (error, _) in rows() {
        let expected = match error.kind() {
            ErrorKind::NotFound => [RecordOutcome::NotFound, RecordOutcome::Gone],
            ErrorKind::InvalidInput => [RecordOutcome::Refused; 2],
            _ => [RecordOutcome::Failed; 2],
        };
        let results = [false, true].map(|was_ambiguous| failed(1, &error, was_ambiguous, 1));
        assert_eq!([results[0].outcome, results[1].outcome], expected, "{error:?}");
        let deliveries = results.map(|result| result.error.map(|failure| failure.delivery));
        let in_doubt = (expected[1] != RecordOutcome::Gone).then_some(MaybeDelivered);
        assert_eq!(deliveries, [Some(error.delivery()), in_doubt], "{error:?}");
    }
}
