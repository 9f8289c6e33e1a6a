//! States of a gate, and what it permits in each.

use delete_core::{ConversationId, Deletion, Delivery, Outcome, Vendor};

use super::*;

const CONCURRENCY: usize = 4;
const BREAK: Duration = Duration::from_secs(90);

fn config() -> GateConfig {
    GateConfig {
        limits: Limits { concurrency: CONCURRENCY, ..Limits::default() },
        limiter: None,
        not_before: None,
        max_outage: None,
        is_interactive: false,
        absent_ok: false,
        is_scanned: false,
        is_confirmed: false,
        is_batching: false,
        is_bulk: false,
    }
}

fn batching() -> GateConfig {
    GateConfig { is_batching: true, ..config() }
}

/// A gate and its time.
struct Case {
    gate: Gate,
    now: Instant,
}

impl Case {
    fn new(config: GateConfig) -> Self {
        let now = Instant::now();
        Self { gate: Gate::new(config, now), now }
    }

    /// Calls of this kind end with this result, one after the other.
    fn after(mut self, operation: Operation, count: usize, result: impl Fn() -> Result<Answer, Error>) -> Self {
        for _ in 0..count {
            self.gate.on_sent(self.now, operation);
            let sent_at = self.now;
            self.now += Duration::from_millis(10);
            self.gate.on_end(self.now, operation, sent_at);
            self.gate.observe(self.now, operation, sent_at, &[result()]);
        }
        self
    }

    /// Deletes and lookups got a response.
    fn answered(self) -> Self {
        self.after(Operation::Check, 1, deleted).after(Operation::Delete, 1, deleted)
    }

    fn confirmed(mut self) -> Self {
        self.gate.guard.confirm();
        self
    }

    fn missed(mut self, count: usize) -> Self {
        (0..count).for_each(|_| drop(self.gate.guard.record_miss()));
        self
    }
}

fn deleted() -> Result<Answer, Error> {
    let id = ConversationId::new("c1").unwrap();
    Ok(Answer::Deletion(Deletion::new(Vendor::new("tavus", "Tavus"), id, Outcome::Deleted)))
}

fn failed(kind: ErrorKind) -> impl Fn() -> Result<Answer, Error> {
    move || {
        let is_retryable = matches!(kind, ErrorKind::Connection | ErrorKind::RateLimited);
        Err(Error::builder(kind, "x").retryable(is_retryable).delivery(Delivery::Answered).build())
    }
}

/// Whether a check, a delete and a lookup are sent on their own, and whether a delete takes one record.
type Answers = ([bool; 3], bool);

#[rustfmt::skip]
fn states() -> Vec<(&'static str, Case, Answers)> {
    use ErrorKind::{Connection, Forbidden, NotFound, Rejected, UnexpectedResponse};
    use Operation::{Check, Delete};
    let case = || Case::new(config()).answered();
    let known = || case().confirmed();
    let batches = || Case::new(batching()).answered();
    let absent_ok = || Case::new(GateConfig { absent_ok: true, ..config() }).answered();
    let scanned = || Case::new(GateConfig { absent_ok: true, is_scanned: true, ..config() }).answered();
    let few = || Case::new(GateConfig { is_interactive: true, ..config() }).answered().confirmed();
    vec![
        //                                                                                                       check  delete lookup  one by one
        ("nothing was sent",                        Case::new(config()),                                       ([true,  true,  true],  true)),
        ("of a known target nothing was sent",      Case::new(config()).confirmed(),                           ([true,  true,  true],  false)),
        ("only reads got a response",               Case::new(config()).confirmed().after(Check, 1, deleted),  ([false, true,  false], false)),
        ("only deletes got a response",             Case::new(config()).confirmed().after(Delete, 1, deleted), ([true,  false, true],  false)),
        ("no response came to a delete",            Case::new(config()).confirmed().after(Check, 1, deleted)
                                                        .after(Delete, 1, failed(Connection)),                 ([false, true,  false], false)),
        ("responses came, nothing was found",       case(),                                                    ([false, false, false], true)),
        ("the target is known",                     known(),                                                   ([false, false, false], false)),
        ("records are missing",                     case().missed(1),                                          ([true,  true,  true],  true)),
        ("some are missing of a known target",      known().missed(3),                                         ([false, false, false], false)),
        ("records may be missing",                  absent_ok().missed(19),                                    ([false, false, false], true)),
        ("many may be missing, and are",            absent_ok().missed(20),                                    ([false, false, false], false)),
        ("many are missing of all, which are known", scanned().missed(20),                                     ([false, false, false], true)),
        ("several records a delete",                batches(),                                                 ([false, true,  false], true)),
        ("several of a known target",               batches().confirmed(),                                     ([false, false, false], false)),
        ("several, after a strange response",       batches().confirmed().after(Delete, 1, failed(UnexpectedResponse)), ([false, true, false], true)),
        ("one, after a strange response",           known().after(Delete, 1, failed(UnexpectedResponse)),      ([false, false, false], true)),
        ("strange responses to reads",              known().after(Check, 1, failed(UnexpectedResponse)),       ([false, false, false], false)),
        ("a strange response, then a valid one",    known().after(Delete, 1, failed(UnexpectedResponse)).after(Delete, 1, deleted), ([false, false, false], false)),
        ("four failures in a row",                  known().after(Delete, 4, failed(Connection)),              ([false, false, false], false)),
        ("an outage of the deletes",                known().after(Delete, 5, failed(Connection)),              ([true,  true,  true],  false)),
        ("an outage of the reads",                  known().after(Check, 5, failed(Connection)),               ([true,  true,  true],  false)),
        ("an outage that is over",                  known().after(Delete, 5, failed(Connection)).after(Delete, 1, deleted), ([false, false, false], false)),
        ("an outage of a few records",              few().after(Delete, 5, failed(Connection)),                ([false, false, false], false)),
        ("four rejections",                         known().after(Delete, 4, failed(Rejected)),                ([false, false, false], false)),
        ("five rejections",                         known().after(Delete, 5, failed(Rejected)),                ([true,  true,  true],  true)),
        ("a first delete that is rejected",         Case::new(config()).confirmed().after(Check, 1, deleted)
                                                        .after(Delete, 1, failed(Rejected)),                   ([true,  true,  true],  true)),
        ("five that are forbidden",                 known().after(Delete, 5, failed(Forbidden)),               ([true,  true,  true],  true)),
        ("five that are not found",                 known().after(Delete, 5, failed(NotFound)),                ([false, false, false], false)),
        ("a lookup reads a whole list",             Case::new(GateConfig { is_bulk: true, ..config() }).answered().confirmed(), ([true, false, true], false)),
    ]
}

#[test]
fn each_state_sends_on_its_own_what_it_must() {
    for (name, case, expected) in states() {
        let gate = &case.gate;
        let single = [Operation::Check, Operation::Delete, Operation::Lookup].map(|op| gate.is_single_flight(op));
        assert_eq!((single, gate.is_one_by_one()), expected, "{name}");
        assert!(gate.is_single_flight(Operation::List) && gate.is_single_flight(Operation::CheckCredential), "{name}");
    }
}

#[test]
fn a_permit_depends_on_what_is_in_flight() {
    for (name, mut case, (single, _)) in states() {
        // After the pause of an outage.
        let now = case.now + BREAK;
        let operations = [Operation::Check, Operation::Delete, Operation::Lookup];
        for (operation, is_single) in operations.into_iter().zip(single) {
            let mut permit = |in_flight| case.gate.permit(now, operation, in_flight);
            assert_eq!(permit(0), Permit::Now, "{name}, {operation:?}");
            let second = if is_single { Permit::Busy } else { Permit::Now };
            assert_eq!(permit(1), second, "{name}, {operation:?}");
            assert_eq!(permit(CONCURRENCY), Permit::Busy, "{name}, {operation:?}");
        }
    }
}

#[test]
fn nothing_is_sent_beside_a_call_on_its_own() {
    let mut case = Case::new(config()).answered().confirmed();
    case.gate.on_sent(case.now, Operation::List);
    let now = case.now + BREAK;
    assert_eq!(case.gate.permit(now, Operation::Delete, 1), Permit::Busy);
    case.gate.on_end(now, Operation::List, case.now);
    assert_eq!(case.gate.permit(now, Operation::Delete, 1), Permit::Now);
}

#[test]
fn waits_are_kept_for_every_operation() {
    let throttled = || {
        let case = Case::new(config()).answered().confirmed();
        let error = Error::builder(ErrorKind::RateLimited, "x").status(429).retry_after(BREAK).retryable(true);
        let error = error.attempts(vec![attempt()]).build();
        case.after(Operation::Delete, 1, move || Err(error.clone()))
    };
    let later = |time: Instant| Case::new(GateConfig { not_before: Some(time + BREAK), ..config() });
    let outage =
        || Case::new(config()).answered().confirmed().after(Operation::Delete, 5, failed(ErrorKind::Connection));
    for (name, mut case, least, most) in [
        ("Retry-After", throttled(), BREAK, BREAK + Duration::from_secs(1)),
        ("not before", later(Instant::now()), BREAK - Duration::from_secs(1), BREAK),
        ("an outage", outage(), Duration::from_millis(900), Duration::from_secs(2)),
    ] {
        for operation in [Operation::Check, Operation::Delete, Operation::Lookup, Operation::List] {
            let Permit::Wait(wait) = case.gate.permit(case.now, operation, 0) else { panic!("{name}, {operation:?}") };
            assert!((least..=most).contains(&wait), "{name}, {operation:?}: {wait:?}");
            assert_eq!(case.gate.permit(case.now + most, operation, 0), Permit::Now, "{name}, {operation:?}");
        }
    }
}

fn attempt() -> delete_core::Attempt {
    delete_core::Attempt::new(std::time::SystemTime::UNIX_EPOCH, Duration::ZERO, Delivery::Answered).with_status(429)
}
