//! What ends a whole run does so in the same way with few ids and with many.
//!
//! `LONG_TESTS=1` adds 10,000 ids.

use std::collections::{BTreeSet, HashSet};

use conversation_delete_fake::{Fault, RetryAfter, Role, Route, Vendor};

use crate::job::{Stage, summary};
use crate::same_at_any_size::{FEW, MANY, delete, is_long, sizes};
use crate::support::{Run, World};
use crate::traffic::{Traffic, deleted_by};

/// Every record has the same outcome, with so many ids.
#[track_caller]
fn all_end(run: &Run, count: usize, outcome: &str, code: i32) {
    let outcomes: BTreeSet<String> = run.outcomes().into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, BTreeSet::from([outcome.to_owned()]), "{count} ids: {run:?}");
    assert_eq!((run.code, run.outcomes().len()), (Some(code), count), "{run:?}");
}

#[test]
fn a_refused_credential_costs_one_request_at_any_size() {
    for count in sizes() {
        let world = World::new(Vendor::ElevenLabs);
        let ids = world.fake.seed(count);
        world.fake.revoke(Role::Full);
        let run = delete(&world, &[], &ids);
        all_end(&run, count, "not_attempted", 6);
        assert_eq!(world.fake.stats().requests, 1, "{count} ids");
    }
}

#[test]
fn several_ids_that_are_all_absent_are_refused_at_any_size() {
    for count in sizes() {
        let world = World::new(Vendor::ElevenLabs);
        let ids = world.fake.seed(count);
        ids.iter().for_each(|id| world.fake.remove(id));
        let run = delete(&world, &[], &ids);
        if count == 1 {
            all_end(&run, count, "not_found", 3);
            continue;
        }
        all_end(&run, count, "not_attempted", 5);
        assert!(world.deletes().is_empty(), "{count} ids: nothing shows that it is the right workspace");
        let traffic = Traffic::of(&world.fake.requests(), &ids);
        assert!(traffic.sum().lookups <= count.min(20), "{count} ids: {:?}", traffic.sum());
        let run = delete(&world, &["--all-absent-ok"], &ids);
        all_end(&run, count, "not_found", 0);
    }
}

#[test]
fn several_ids_that_are_all_absent_are_refused_however_they_are_deleted() {
    for count in sizes().into_iter().filter(|count| *count > 1) {
        for args in [&[][..], &["--allow-active"], &["--absent-ok"], &["--verify", "--wait", "0"]] {
            let world = World::new(Vendor::Tavus);
            world.fake.seed(1);
            let ids: Vec<String> = (0..count).map(|number| format!("c{number:012x}")).collect();
            let run = delete(&world, args, &ids);
            assert_eq!((run.code, run.outcomes().len()), (Some(5), count), "{args:?}: {run:?}");
            assert!(run.stderr.contains("--all-absent-ok"), "{count} {args:?}: {run:?}");
            let run = delete(&world, &[args, &["--all-absent-ok"]].concat(), &ids);
            all_end(&run, count, "not_found", 0);
        }
    }
}

#[test]
fn what_stops_a_run_stops_it_at_any_size() {
    let faults = [Fault::reply(402), Fault::throttle(Some(RetryAfter::Seconds(3600)))];
    for fault in faults {
        for count in sizes() {
            let world = World::new(Vendor::Tavus);
            let ids = world.fake.seed(count);
            world.fake.fault(fault.clone().on(Route::Delete));
            let run = delete(&world, &["--concurrency", "16"], &ids);
            all_end(&run, count, "not_attempted", 4);
            assert_eq!(world.deletes().len(), 1, "{count} ids: {fault:?}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_is_closed_stops_a_delete_of_any_size() {
    use std::fs::OpenOptions;
    use std::process::Stdio;

    for count in sizes() {
        let world = World::new(Vendor::ElevenLabs);
        let ids = world.fake.seed(count);
        let list = world.folder.path().join("ids.txt");
        std::fs::write(&list, ids.join("\n")).unwrap();
        let mut command = world.command(Role::Full);
        command.args(["delete", "elevenlabs", "--yes", "--output", "json", "--ids-from"]).arg(&list);
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdin(Stdio::null()).stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{count} ids: {stderr}");
        assert!(stderr.contains("stdout cannot be written to"), "{count} ids: {stderr}");
        // What was deleted is in the job that stays.
        let jobs = std::fs::read_dir(world.state.path()).unwrap().map(|entry| entry.unwrap().path());
        let job = jobs.into_iter().find(|path| path.extension().is_some_and(|end| end == "job")).unwrap();
        assert!(stderr.contains(job.to_str().unwrap()), "{count} ids: {stderr}");
        let mut export = world.command(Role::Full);
        let exported = world.run(export.args(["export", "--output", "json"]).arg(&job), "");
        let deleted: HashSet<String> = world.fake.requests().iter().flat_map(deleted_by).collect();
        let outcome = |id: &String| if deleted.contains(id) { "deleted" } else { "not_attempted" };
        let expected: Vec<(String, String)> = ids.iter().map(|id| (id.clone(), outcome(id).to_owned())).collect();
        assert_eq!(exported.outcomes(), expected, "{count} ids");
    }
}

/// An outage fails the records of an interactive job only: whoever waits for it wants to know.
#[test]
fn an_outage_fails_few_ids_and_stops_many() {
    let few = if is_long() { &FEW[..] } else { &FEW[..1] };
    for count in few.iter().copied().chain(MANY) {
        let stage = Stage::new(&[Vendor::ElevenLabs]);
        let ids = stage.world().fake.seed(count);
        let list = stage.file("ids.txt", &ids);
        assert_eq!(stage.plan(&["--ids-from", &list]).code, Some(0));
        // The first request passes: the credential check, or a lookup.
        stage.world().fake.fault(Fault::reply(503).nth(2).times(u64::MAX));
        let deadline: &[&str] = if count <= 10 { &[] } else { &["--deadline", "3s"] };
        let run = stage.run(count, deadline);
        let (code, outcome, ending) =
            if count <= 10 { (3, "failed", "finished") } else { (4, "not_attempted", "deadline_reached") };
        let line = summary(&run);
        assert_eq!((run.code, &line["ending"], &line[outcome]), (Some(code), &ending.into(), &count.into()), "{run:?}");
    }
}
