//! The number of ids changes nothing of what is reported, but for outages and the credential check.

use conversation_delete_fake::{Fault, Role, Route, Vendor};

use crate::support::{Run, World};

/// What happens to a run.
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    /// Prepares the fake. The last of the ids is the one that something happens to.
    prepare: fn(&World, &[String]),
    code: i32,
    /// The outcome of the last id, and of all others.
    outcomes: (&'static str, &'static str),
    /// How many requests each record costs.
    requests: usize,
}

const CASES: [Case; 9] = [
    Case {
        name: "all deleted",
        args: &["--allow-active"],
        prepare: |_, _| {},
        code: 0,
        outcomes: ("deleted", "deleted"),
        requests: 1,
    },
    Case {
        name: "all deleted, each checked before",
        args: &[],
        prepare: |_, _| {},
        code: 0,
        outcomes: ("deleted", "deleted"),
        requests: 2,
    },
    Case {
        name: "a lost response",
        args: &["--allow-active"],
        prepare: |world, ids| {
            world.fake.fault(Fault::close().after_effect().once().on(Route::Delete).for_id(last(ids)));
        },
        code: 0,
        outcomes: ("gone", "deleted"),
        requests: 1,
    },
    Case {
        name: "a record that is forbidden",
        args: &["--allow-active"],
        prepare: |world, ids| {
            world.fake.fault(Fault::reply(403).on(Route::Delete).for_id(last(ids)));
        },
        code: 3,
        outcomes: ("failed", "deleted"),
        requests: 1,
    },
    Case {
        name: "a page instead of a response",
        args: &["--allow-active"],
        prepare: |world, ids| {
            world.fake.fault(Fault::html(200).without_effect().on(Route::Delete).for_id(last(ids)));
        },
        code: 3,
        outcomes: ("failed", "deleted"),
        requests: 1,
    },
    Case {
        name: "a delete without an effect",
        args: &["--allow-active", "--verify", "--wait", "0"],
        prepare: |world, ids| {
            world.fake.fault(Fault::no_effect().on(Route::Delete).for_id(last(ids)));
        },
        code: 7,
        outcomes: ("deleted", "deleted"),
        requests: 3,
    },
    Case {
        name: "a throttle that is too long",
        args: &["--allow-active"],
        prepare: |world, _| {
            world.fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete));
        },
        code: 4,
        outcomes: ("not_attempted", "not_attempted"),
        requests: 0,
    },
    Case {
        name: "a credential that is refused",
        args: &["--allow-active"],
        prepare: |world, _| world.fake.revoke(Role::Full),
        code: 6,
        outcomes: ("not_attempted", "not_attempted"),
        requests: 0,
    },
    Case {
        name: "no credit",
        args: &["--allow-active"],
        prepare: |world, _| {
            world.fake.fault(Fault::reply(402).on(Route::Delete));
        },
        code: 4,
        outcomes: ("not_attempted", "not_attempted"),
        requests: 0,
    },
];

fn last(ids: &[String]) -> &str {
    ids.last().unwrap()
}

fn delete(world: &World, args: &[&str], ids: &[String]) -> Run {
    let args = [&["--hard", "--concurrency", "16", "--ids-from", "-"], args].concat();
    world.delete_with_stdin(&args, ids.join("\n"))
}

/// Whether everything is as expected with so many ids.
#[track_caller]
fn holds(case: &Case, count: usize) {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(count);
    (case.prepare)(&world, &ids);
    let run = delete(&world, case.args, &ids);
    let name = format!("{}, {count} ids", case.name);
    assert_eq!(run.code, Some(case.code), "{name}: {}", run.stderr);
    let outcomes = run.outcomes();
    assert!(outcomes.iter().map(|(id, _)| id).eq(&ids), "{name}");
    let (rest, end) = outcomes.split_at(count - 1);
    assert_eq!(end[0].1, case.outcomes.0, "{name}: {}", run.stderr);
    assert!(rest.iter().all(|(_, outcome)| outcome == case.outcomes.1), "{name}: {}", run.stderr);
    // The check of the credential, the first request that ends the run, a second attempt, its lookup.
    let requests = usize::try_from(world.fake.stats().requests).unwrap();
    assert!((requests - case.requests * count) <= 3, "{name}: {requests} requests");
}

#[test]
fn few_and_many_ids_have_the_same_outcomes_exit_code_and_requests() {
    for case in &CASES {
        for count in [1, 10, 11, 100, 101] {
            holds(case, count);
        }
    }
    holds(&CASES[0], 10_000);
}

#[test]
fn none_of_several_records_is_a_safety_check_for_any_number_of_them() {
    for count in [2, 10, 11, 100, 101] {
        let world = World::new(Vendor::Tavus);
        world.fake.seed(1);
        let ids: Vec<String> = (0..count).map(|number| format!("c{number:012x}")).collect();
        for verify in [&[][..], &["--verify", "--wait", "0"]] {
            let run = delete(&world, &[&["--allow-active"], verify].concat(), &ids);
            assert_eq!(run.code, Some(5), "{count} {verify:?}: {run:?}");
            assert!(run.stderr.contains("--all-absent-ok"), "{count} {verify:?}: {run:?}");
        }
        let run = delete(&world, &["--allow-active", "--all-absent-ok"], &ids);
        assert_eq!(run.code, Some(0), "{count}: {run:?}");
    }
}

#[test]
fn an_outage_fails_few_ids_and_none_of_many() {
    for (count, code, outcome) in
        [(1, 3, "failed"), (10, 3, "failed"), (11, 4, "not_attempted"), (101, 4, "not_attempted")]
    {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        // So many ids are not waited for longer than a person waits.
        let status = if count > 10 { Fault::reply(503).with_header("retry-after", "3600") } else { Fault::reply(503) };
        world.fake.fault(status.without_effect());
        let run = delete(&world, &["--allow-active"], &ids);
        assert_eq!(run.code, Some(code), "{count}: {run:?}");
        assert!(run.outcomes().iter().all(|(_, own)| own == outcome), "{count}: {run:?}");
    }
}
