//! `list`: what it finds, what it reports if a list breaks off, and that it prints nothing personal.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Seed, Vendor};

use crate::support::{Run, World};

fn ids(run: &Run) -> BTreeSet<String> {
    run.stdout.lines().map(str::to_owned).collect()
}

fn set(ids: &[String]) -> BTreeSet<String> {
    ids.iter().cloned().collect()
}

#[test]
fn finds_all_records_and_prints_their_ids_alone() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let seeded = world.fake.seed(125);
        world.fake.seed_with(Seed::count(3).foreign());
        let run = world.go("list", ["--verbose"; 0]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(ids(&run), set(&seeded), "{vendor:?}");
        assert!(run.stderr.is_empty(), "{run:?}");
        let run = world.go("list", ["-vv"]);
        assert_eq!(run.code, Some(0), "a log holds no content either");
    }
}

#[test]
fn a_line_of_json_is_exactly_as_promised() {
    let world = World::new(Vendor::Tavus);
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_777_464_000);
    let ids = world.fake.seed_with(Seed::count(1).created_at(noon).updated_at(noon + Duration::from_millis(1_500)));
    let undated = world.fake.seed_with(Seed::count(1).without_dates());
    let run = world.go("list", ["--output", "json", "--status", "ended"]);
    let expected = |id: &str, created: &str, updated: &str| {
        format!(
            "{{\"type\":\"found\",\"schema\":1,…,\"vendor\":\"tavus\",\"id\":\"{id}\",\"created_at\":{created},\
             \"updated_at\":{updated},\"record_status\":\"ended\"}}"
        )
    };
    let stdout = run.bodies();
    let lines: BTreeSet<&str> = stdout.lines().collect();
    let dated = expected(&ids[0], "\"2026-04-29T12:00:00Z\"", "\"2026-04-29T12:00:01.5Z\"");
    assert_eq!(lines, BTreeSet::from([dated.as_str(), &expected(&undated[0], "null", "null")]), "{run:?}");
    assert_eq!(run.code, Some(0), "no summary, so that it can be piped: {run:?}");
}

#[test]
fn what_is_listed_can_be_deleted_even_while_others_arrive() {
    for &vendor in Vendor::ALL {
        for format in ["ids", "json"] {
            let world = World::new(vendor);
            let seeded = world.fake.seed(25);
            world.fake.set_option("arrivals", "3").unwrap();
            let run = world.go("list", ["--output", format]);
            assert_eq!(run.code, Some(0), "{run:?}");
            let mode = world.mode();
            let args: Vec<&str> = mode.iter().map(String::as_str).chain(["--ids-from", "-", "--absent-ok"]).collect();
            let deleted = world.delete_with_stdin(&args, &run.stdout);
            assert_eq!(deleted.code, Some(0), "{deleted:?}");
            assert!(
                seeded.iter().all(|id| world.fake.state_of(id) == Some(RecordState::Deleted)),
                "{vendor:?}: {deleted:?}"
            );
        }
    }
}

#[test]
fn dates_and_spans_narrow_the_list_even_where_the_vendor_ignores_them() {
    for &vendor in Vendor::ALL {
        for ignores in ["no", "yes"] {
            let world = World::new(vendor);
            let ago = |days: u64| SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
            let old = world.fake.seed_with(Seed::count(2).created_at(ago(200)));
            let middle = world.fake.seed_with(Seed::count(2).created_at(ago(100)));
            let new = world.fake.seed_with(Seed::count(2).created_at(ago(1)));
            if vendor != Vendor::Fini {
                // There, windows in time are the way through the list.
                world.fake.set_option("ignore_filters", ignores).unwrap();
            }
            let find = |args: &[&str]| {
                let run = world.go("list", args);
                assert_eq!(run.code, Some(0), "{vendor:?} {args:?}: {run:?}");
                ids(&run)
            };
            assert_eq!(find(&["--until", "150d"]), set(&old), "{vendor:?}");
            assert_eq!(find(&["--since", "3w"]), set(&new), "{vendor:?}");
            assert_eq!(find(&["--since", "150d", "--until", "48h"]), set(&middle), "{vendor:?}");
            assert_eq!(find(&["--since", "2000-01-01", "--until", "2000-01-01T02:00:00+01:00"]).len(), 0);
        }
    }
}

#[test]
fn a_record_without_a_date_is_told_where_the_filter_asks_for_one() {
    let world = World::new(Vendor::Tavus);
    let dated = world.fake.seed(2);
    let undated = world.fake.seed_with(Seed::count(1).without_dates());
    let run = world.go("list", ["--since", "1d"]);
    assert_eq!((run.code, ids(&run)), (Some(3), set(&dated)), "{run:?}");
    assert!(run.stderr.contains(&undated[0]) && !run.stderr.contains("NOT complete"), "{run:?}");
}

#[test]
fn elevenlabs_is_narrowed_by_agent_user_and_status() {
    let world = World::new(Vendor::ElevenLabs);
    let wanted = world.fake.seed_with(Seed::count(3).agent("agent_1").user("zoe").status("failed"));
    world.fake.seed_with(Seed::count(3).agent("agent_1").user("zoe").status("done"));
    world.fake.seed_with(Seed::count(3).agent("agent_2").user("zoe").status("failed"));
    let run = world.go("list", ["--agent", "agent_1", "--user", "zoe", "--status", "failed,initiated"]);
    assert_eq!((run.code, ids(&run)), (Some(0), set(&wanted)), "{run:?}");
    let run = world.go("list", ["--agent", "agent_1", "--status", "failed", "--status", "done"]);
    assert_eq!(ids(&run).len(), 6, "{run:?}");
}

#[test]
fn what_could_mean_everything_or_nothing_sends_nothing() {
    for (vendor, args) in [
        (Vendor::ElevenLabs, &["--agent", ""][..]),
        (Vendor::ElevenLabs, &["--user", " "]),
        (Vendor::ElevenLabs, &["--status", ""]),
        (Vendor::ElevenLabs, &["--status", "done,"]),
        (Vendor::ElevenLabs, &["--since", ""]),
        (Vendor::ElevenLabs, &["--until", "tomorrow"]),
        (Vendor::ElevenLabs, &["--since", "1d", "--until", "2d"]),
        (Vendor::Corti, &["--agent", "a"]),
        (Vendor::Corti, &["--status", "nonsense"]),
        (Vendor::Fini, &["--status", "closed"]),
        (Vendor::Fini, &["--user", "zoe"]),
        (Vendor::Tavus, &["--agent", "a"]),
    ] {
        let world = World::new(vendor);
        world.fake.seed(3);
        let run = world.go("list", args);
        assert_eq!(run.code, Some(2), "{args:?}: {run:?}");
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{args:?}: {run:?}");
        assert_eq!(world.fake.stats().requests, 0, "{args:?}");
    }
}

#[test]
fn a_list_that_breaks_off_is_called_incomplete() {
    for (vendor, option) in [(Vendor::Tavus, "stuck_page"), (Vendor::Corti, "stuck_page")] {
        let world = World::new(vendor);
        world.fake.seed(250);
        world.fake.set_option(option, "yes").unwrap();
        let run = world.go("list", [""; 0]);
        assert_eq!(run.code, Some(4), "{run:?}");
        assert!(run.stderr.contains("the list is NOT complete"), "{run:?}");
    }
    for (fault, code) in
        [(Fault::reply(403), 6), (Fault::html(200), 4), (Fault::redirect(302, "http://127.0.0.1:9/"), 4)]
    {
        let world = World::new(Vendor::Tavus);
        world.fake.seed(250);
        world.fake.fault(fault.on(Route::List).nth(2));
        let run = world.go("list", [""; 0]);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.stderr.contains("the list is NOT complete, ") && run.stderr.contains("TAVUS_API_KEY"), "{run:?}");
    }
}

#[test]
fn a_credential_that_may_not_read_is_told_as_such() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        world.fake.seed(3);
        let run = world.go_as(Role::WriteOnly, "list", [""; 0]);
        assert_eq!(run.code, Some(6), "{run:?}");
        assert!(run.stdout.is_empty() && run.stderr.contains("NOT complete"), "{run:?}");
        world.fake.revoke(Role::Full);
        assert_eq!(world.go("list", [""; 0]).code, Some(6), "{vendor:?}");
    }
}

#[test]
fn a_reader_who_has_seen_enough_ends_it_quietly() {
    use std::io::{BufRead, BufReader, Read};

    let world = World::new(Vendor::Tavus);
    world.fake.seed(20_000);
    let mut command = world.command(Role::Full);
    let mut child = crate::support::spawn(command.args(["list", "tavus"]));
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(4), ""));
    assert!(line.starts_with('c'));
}

#[test]
fn an_age_is_refused_if_the_clocks_differ_unless_ours_is_trusted() {
    let long_ago = "Fri, 01 Jan 2021 00:00:00 GMT";
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let old = SystemTime::now() - Duration::from_secs(30 * 24 * 60 * 60);
        let seeded = world.fake.seed_with(Seed::count(2).created_at(old).updated_at(old));
        world.fake.fault(Fault::delay(Duration::ZERO).with_header("date", long_ago).on(Route::List));
        for (args, code) in [
            (&["--until", "1d"][..], 5),
            (&["--since", "60d"], 5),
            (&["--until", "1d", "--trust-clock"], 0),
            (&["--since", "2026-01-01"], 0),
            (&[], 0),
        ] {
            let run = world.go("list", args.iter().copied());
            assert_eq!(run.code, Some(code), "{vendor:?} {args:?}: {run:?}");
            let listed = if code == 0 { set(&seeded) } else { BTreeSet::new() };
            assert_eq!(ids(&run), listed, "{vendor:?} {args:?}");
            assert!(code == 0 || run.stderr.contains("our clock is"), "{run:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("old.job");
        let mut command = world.command(Role::Full);
        command.args(["plan", vendor.as_str(), "--until", "1d", "--out"]).arg(&out);
        if vendor == Vendor::Tavus {
            command.arg("--hard");
        }
        let run = world.run(&mut command, "");
        assert_eq!((run.code, out.exists()), (Some(5), false), "{run:?}");
    }
}
