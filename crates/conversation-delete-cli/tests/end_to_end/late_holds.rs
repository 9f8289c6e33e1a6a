//! What is held between the requests of one delete.

use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Seed, Vendor};

use crate::job::{Stage, summary};
use crate::support::{Run, spawn};

/// Waits until the fake has got a request with this method whose path contains `part`.
fn await_request(stage: &Stage, method: &str, part: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    let is_there = || {
        let requests = stage.world().fake.requests();
        requests.iter().any(|request| request.method() == method && request.path().contains(part))
    };
    while !is_there() {
        assert!(Instant::now() < end, "no {method} {part}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_hold_that_comes_during_the_lookup_before_a_delete_keeps_the_record() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs] {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(3);
        let list = stage.file("ids.txt", &ids);
        assert_eq!(stage.plan(&["--ids-from", &list]).code, Some(0));
        stage.world().fake.fault(Fault::delay(Duration::from_secs(3)).on(Route::Get).for_id(ids[0].as_str()));
        let arguments = ["run", "job", "--yes", "--expect-count", "3", "--output", "json", "--concurrency", "1"];
        let child = spawn(&mut stage.command_as(Role::Full, &arguments));
        await_request(&stage, "GET", &ids[0]);
        let keep = stage.file("keep.txt", &ids[..1]);
        let late = stage.run(3, &["--hold", &keep]);
        assert!(stage.world().deletes().is_empty(), "the hold came too late: {late:?}");
        let run = Run::of(child.wait_with_output().unwrap());
        let line = summary(&run);
        assert_eq!((run.code, &line["held"], &line["deleted"]), (Some(0), &1.into(), &2.into()), "{run:?}");
        assert_eq!(stage.world().deletes().len(), 2, "{vendor:?}");
        assert_eq!(stage.world().fake.state_of(&ids[0]), Some(RecordState::Present));
    }
}

#[test]
fn a_hold_that_comes_while_the_children_are_deleted_keeps_the_rest_and_the_interaction() {
    let stage = Stage::new(&[Vendor::Corti]);
    let id = stage.world().fake.seed_with(Seed::count(1).transcripts(2).documents(1)).remove(0);
    let list = stage.file("ids.txt", std::slice::from_ref(&id));
    assert_eq!(stage.plan(&["--ids-from", &list, "--children", "--allow-live"]).code, Some(0));
    let first = stage.world().fake.children(&id).remove(0).id;
    stage.world().fake.fault(Fault::delay(Duration::from_secs(3)).on(Route::Child).for_id(first.as_str()));
    let arguments = ["run", "job", "--yes", "--expect-count", "1", "--output", "json"];
    let child = spawn(&mut stage.command_as(Role::Full, &arguments));
    await_request(&stage, "DELETE", &first);
    let keep = stage.file("keep.txt", std::slice::from_ref(&id));
    let late = stage.run(1, &["--hold", &keep]);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(summary(&run)["held"], 1, "{run:?} {late:?}");
    assert_eq!(stage.world().deletes().len(), 1, "{run:?}");
    assert_eq!(stage.world().fake.state_of(&id), Some(RecordState::Present));
    let left = stage.world().fake.children(&id).into_iter().filter(|child| child.state == RecordState::Present);
    assert_eq!(left.count(), 2);
}
