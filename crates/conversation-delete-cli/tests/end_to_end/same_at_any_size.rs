//! One engine: the same input ends in the same way, and costs the same, with few ids and with many.
//!
//! `LONG_TESTS=1` adds 10,000 ids at one vendor, and more sizes at the other.

use std::collections::BTreeSet;
use std::env;
use std::thread;

use conversation_delete_fake::{Fault, RetryAfter, Role, Route, Vendor};
use serde_json::Value;

use crate::support::{Run, World};
use crate::traffic::{Requests, Traffic};

/// The jobs of these sizes are interactive: the first request is the credential check, and an outage is not waited for.
pub(crate) const FEW: [usize; 2] = [1, 10];
pub(crate) const MANY: [usize; 3] = [11, 100, 101];
const VERY_MANY: usize = 10_000;

/// Whether tests may take minutes.
pub(crate) fn is_long() -> bool {
    env::var_os("LONG_TESTS").is_some()
}

pub(crate) fn sizes() -> Vec<usize> {
    let very_many = is_long().then_some(VERY_MANY);
    FEW.into_iter().chain(MANY).chain(very_many).collect()
}

/// The case that is quick enough for very many ids in every run of the tests.
const QUICK: &str = "deleted unseen";

fn all_sizes(case: &Case) -> Vec<usize> {
    let very_many = (is_long() || case.name == QUICK).then_some(VERY_MANY);
    FEW.into_iter().chain(MANY).chain(very_many).collect()
}

fn fewer_sizes(_: &Case) -> Vec<usize> {
    if is_long() { FEW.into_iter().chain(MANY).collect() } else { vec![FEW[0], MANY[0]] }
}

/// Deletes ids of which one is special.
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    /// What is special about the record.
    prepare: fn(&World, &str),
    /// The outcome of the special record.
    outcome: &'static str,
    code: i32,
}

const CASES: &[Case] = &[
    Case { name: "deleted", args: &[], prepare: |_, _| {}, outcome: "deleted", code: 0 },
    Case { name: QUICK, args: &["--allow-active"], prepare: |_, _| {}, outcome: "deleted", code: 0 },
    Case { name: "absent", args: &[], prepare: |world, id| world.fake.remove(id), outcome: "not_found", code: 3 },
    Case {
        name: "absent and deleted unseen",
        args: &["--allow-active"],
        prepare: |world, id| world.fake.remove(id),
        outcome: "not_found",
        code: 3,
    },
    Case {
        name: "absent, as expected",
        args: &["--absent-ok"],
        prepare: |world, id| world.fake.remove(id),
        outcome: "not_found",
        code: 0,
    },
    Case { name: "still active", args: &[], prepare: make_active, outcome: "failed", code: 3 },
    Case {
        name: "still active, and that is fine",
        args: &["--allow-active"],
        prepare: make_active,
        outcome: "deleted",
        code: 0,
    },
    Case {
        name: "forbidden",
        args: &[],
        prepare: |world, id| fault(world, Fault::reply(403), id),
        outcome: "failed",
        code: 3,
    },
    Case {
        name: "rejected",
        args: &[],
        prepare: |world, id| fault(world, Fault::reply(422), id),
        outcome: "failed",
        code: 3,
    },
    Case {
        name: "a page instead of a response",
        args: &[],
        prepare: |world, id| fault(world, Fault::html(200).without_effect(), id),
        outcome: "failed",
        code: 3,
    },
    Case {
        name: "throttled",
        args: &[],
        prepare: |world, id| fault(world, Fault::throttle(Some(RetryAfter::Seconds(1))).once(), id),
        outcome: "deleted",
        code: 0,
    },
    Case {
        name: "unavailable for a moment",
        args: &[],
        prepare: |world, id| fault(world, Fault::reply(503).once(), id),
        outcome: "deleted",
        code: 0,
    },
    Case {
        name: "lost response",
        args: &[],
        prepare: |world, id| fault(world, Fault::close().after_effect().once(), id),
        outcome: "gone",
        code: 0,
    },
    Case {
        name: "success without effect",
        args: &[],
        prepare: |world, id| fault(world, Fault::no_effect(), id),
        outcome: "deleted",
        code: 0,
    },
    Case {
        name: "success without effect, verified",
        args: &["--verify", "--wait", "0"],
        prepare: |world, id| fault(world, Fault::no_effect(), id),
        outcome: "deleted",
        code: 7,
    },
    Case { name: "verified", args: &["--verify", "--wait", "0"], prepare: |_, _| {}, outcome: "deleted", code: 0 },
    Case {
        name: "lost response, verified",
        args: &["--verify", "--wait", "0"],
        prepare: |world, id| fault(world, Fault::close().after_effect().once(), id),
        outcome: "gone",
        code: 0,
    },
];

fn fault(world: &World, fault: Fault, id: &str) {
    world.fake.fault(fault.on(Route::Delete).for_id(id));
}

fn make_active(world: &World, id: &str) {
    let status = match world.fake.vendor() {
        Vendor::Tavus => "active",
        _ => "in-progress",
    };
    world.fake.set_status(id, status);
}

/// All that is reported of a record but its id and times, and what it cost.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fate {
    outcome: String,
    error: Option<(String, String)>,
    attempts: u64,
    before: Option<String>,
    after: Option<String>,
    requests: Requests,
}

impl Fate {
    fn of(record: &Value, traffic: &Traffic) -> Self {
        let word = |value: &Value| value.as_str().map(str::to_owned);
        let error = &record["error"];
        Self {
            outcome: word(&record["outcome"]).unwrap(),
            error: word(&error["kind"]).zip(word(&error["delivery"])),
            attempts: record["attempts"].as_u64().unwrap(),
            before: presence(&record["presence"]["before"]),
            after: presence(&record["presence"]["after"]),
            requests: traffic.for_id(record["id"].as_str().unwrap()),
        }
    }
}

/// The state of a presence.
fn presence(value: &Value) -> Option<String> {
    value["state"].as_str().or(value.as_str()).map(str::to_owned)
}

/// How one size ends.
#[derive(Debug, PartialEq, Eq)]
struct End {
    code: Option<i32>,
    special: Fate,
    /// The same for all that are not special.
    plain: Option<Fate>,
}

/// How a case ends with so many ids, and how many requests named none of them.
fn end_of(vendor: Vendor, case: &Case, count: usize) -> (End, usize) {
    let world = World::new(vendor);
    let ids = world.fake.seed(count);
    let special = &ids[count / 2];
    (case.prepare)(&world, special);
    let run = delete(&world, case.args, &ids);
    let traffic = Traffic::of(&world.fake.requests(), &ids);
    let records: Vec<Value> = run.lines().into_iter().filter(|line| line["type"] == "record").collect();
    assert_eq!(run.outcomes().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ids, "{}: {run:?}", case.name);
    let (of_special, of_plain): (Vec<_>, Vec<_>) = records.iter().partition(|record| record["id"] == special.as_str());
    let mut plain: BTreeSet<Fate> = of_plain.iter().map(|record| Fate::of(record, &traffic)).collect();
    assert!(plain.len() <= 1, "{vendor:?} {}: {count} ids: {plain:?}", case.name);
    let special = Fate::of(of_special[0], &traffic);
    (End { code: run.code, special, plain: plain.pop_first() }, traffic.others)
}

pub(crate) fn delete(world: &World, args: &[&str], ids: &[String]) -> Run {
    let mut command = world.command(Role::Full);
    command.args(["delete", world.fake.vendor().as_str(), "--yes", "--output", "json", "--ids-from", "-"]);
    command.args(world.mode()).args(args);
    world.run(&mut command, ids.join("\n"))
}

fn check(vendor: Vendor, case: &Case, sizes: &[usize]) {
    let context = format!("{} {}", vendor.as_str(), case.name);
    let mut expected: Option<(End, usize)> = None;
    // From many to few: only many have all that there is to compare.
    for &count in sizes.iter().rev() {
        let (end, others) = end_of(vendor, case, count);
        assert_eq!((end.code, end.special.outcome.as_str()), (Some(case.code), case.outcome), "{context}: {count} ids");
        let Some((expected, expected_others)) = &expected else {
            expected = Some((end, others));
            continue;
        };
        assert_eq!((end.code, &end.special), (expected.code, &expected.special), "{context}: {count} ids");
        assert!(count == 1 || end.plain == expected.plain, "{context}: {count} ids: {end:?} instead of {expected:?}");
        let is_check_left_out = FEW.contains(&count) && others < *expected_others;
        assert!(others == *expected_others || is_check_left_out, "{context}: {count} ids: {others} other requests");
    }
}

fn check_all(vendor: Vendor, sizes: fn(&Case) -> Vec<usize>) {
    thread::scope(|scope| {
        CASES.iter().for_each(|case| drop(scope.spawn(move || check(vendor, case, &sizes(case)))));
    });
}

#[test]
fn elevenlabs_ends_and_costs_the_same_at_any_size() {
    check_all(Vendor::ElevenLabs, all_sizes);
}

#[test]
fn tavus_ends_and_costs_the_same_at_any_size() {
    check_all(Vendor::Tavus, fewer_sizes);
}
