//! Jobs in memory, where no file can be written: like those in files, except that they end with the process.

use std::sync::{Arc, OnceLock};

use conversation_delete_job::{
    Ending, EntryReport, Follower, Job, JobErrorKind, JobLocation, Milestone, Planner, RecordOutcome, RunOptions,
    Status, StopHandle, Verify, add_holds, export, save,
};

use crate::stage::{Act, Silent, Stage, target};

/// A job in memory for so many records that are there; the first one is held.
fn plan(stage: &Stage, count: usize) -> JobLocation {
    let ids: Vec<String> = (0..count).map(|number| format!("c{number:06}")).collect();
    stage.state.lock().unwrap().present.extend(ids.iter().cloned());
    let mut planner = Planner::in_memory("test").unwrap();
    let target = planner.target(&target()).unwrap();
    let ids: Vec<_> = ids.iter().map(|id| stage.deleter().parse_id(id).unwrap()).collect();
    planner.hold(&ids[0]).unwrap();
    for id in &ids {
        assert!(planner.add(target, id).unwrap());
    }
    let location = planner.location();
    assert_eq!(location.path(), None);
    planner.finish().unwrap();
    location
}

async fn run(stage: &Stage, location: &JobLocation, stop: &StopHandle) -> Ending {
    let job = Job::open(location).unwrap();
    let lane = stage.lane(&job);
    let options = RunOptions { verify: Verify::Lookup, ..RunOptions::default() };
    let endings = job.run(vec![lane], Arc::new(stage.clock.clone()), &options, stop, &Silent).await.unwrap();
    endings.into_iter().next().unwrap()
}

fn outcomes(location: &JobLocation) -> Vec<RecordOutcome> {
    let mut outcomes = Vec::new();
    export(location, |report| {
        outcomes.push(report.outcome);
        true
    })
    .unwrap();
    outcomes
}

#[tokio::test]
async fn a_job_in_memory_is_run_stopped_resumed_read_and_held_like_one_in_a_file() {
    let stop = StopHandle::default();
    let (drain, known): (_, Arc<OnceLock<JobLocation>>) = (stop.clone(), Arc::default());
    let location = Arc::clone(&known);
    let stage = Stage::new(move |state, _| {
        if state.heard.len() == 10 {
            let location = location.get().unwrap();
            assert_eq!(Job::open(location).unwrap_err().kind(), JobErrorKind::Busy);
            assert_eq!(Status::read(location).unwrap().holder.as_deref(), Some("this process"));
            drain.drain();
        }
        Act::Right
    });
    let location = plan(&stage, 40);
    known.set(location.clone()).unwrap();
    let mut follower = Follower::open(&location).unwrap();
    assert_eq!(run(&stage, &location, &stop).await, Ending::Interrupted);
    let deleted = stage.heard();
    assert!((10..40).contains(&deleted));
    assert_eq!(
        follower.next(100, Milestone::Outcome).unwrap().len(),
        deleted + 1,
        "the held one and those that were deleted"
    );

    let last = stage.deleter().parse_id("c000039").unwrap();
    assert_eq!(add_holds(&location, [&last]).unwrap().held, 1);
    assert_eq!(run(&stage, &location, &StopHandle::default()).await, Ending::Finished);
    assert_eq!(follower.next(100, Milestone::Outcome).unwrap().len(), 39 - deleted);
    let mut expected = vec![RecordOutcome::Deleted; 40];
    (expected[0], expected[39]) = (RecordOutcome::Held, RecordOutcome::Held);
    assert_eq!(outcomes(&location), expected);
    let status = Status::read(&location).unwrap();
    assert_eq!((status.holder, status.targets[0].verified, stage.heard()), (None, 38, 38));
}

#[tokio::test]
async fn jobs_in_memory_do_not_share_anything() {
    let stage = Stage::new(|_, _| Act::Right);
    let (first, second) = (plan(&stage, 5), plan(&stage, 7));
    assert_eq!(run(&stage, &first, &StopHandle::default()).await, Ending::Finished);
    let open = |location: &JobLocation| {
        outcomes(location).iter().filter(|outcome| **outcome == RecordOutcome::NotAttempted).count()
    };
    assert_eq!((open(&first), open(&second)), (0, 6));
    drop(first);
    assert_eq!(open(&second), 6);
}

#[tokio::test]
async fn a_job_in_memory_is_saved_as_the_same_plan_and_never_over_a_file() {
    let stage = Stage::new(|_, _| Act::Right);
    let location = plan(&stage, 30);
    let planned = Status::read(&location).unwrap().plan_hash;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("with space's.job");
    save(&location, &path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(Status::read(&path).unwrap().plan_hash, planned);
    assert_eq!(save(&location, &path).unwrap_err().kind(), JobErrorKind::Exists);
    assert_eq!(run(&stage, &path.into(), &StopHandle::default()).await, Ending::Finished);
    assert_eq!(stage.heard(), 29);
    assert_eq!(outcomes(&location)[1], RecordOutcome::NotAttempted, "the one in memory is as it was");
}

#[test]
fn entries_come_in_the_order_of_the_input_however_many_are_read_at_once() {
    let stage = Stage::new(|_, _| Act::Right);
    let input = ["..", "c1", "a/b", "", "c1", "c2", "c3", "?"];
    let mut planner = Planner::in_memory("test").unwrap();
    let target = planner.target(&target()).unwrap();
    for (line, text) in (1..).zip(input) {
        match stage.deleter().parse_id(text) {
            Ok(id) => assert_eq!(planner.add(target, &id).unwrap(), line != 5),
            Err(_) => planner.refuse("test", "file", Some(line), text, "no").unwrap(),
        }
    }
    planner.hold(&stage.deleter().parse_id("c1").unwrap()).unwrap();
    assert_eq!(planner.first_planned(1).unwrap(), ["c2"]);
    planner.set_options(target, "other").unwrap();
    let location = planner.location();
    planner.finish().unwrap();
    assert_eq!(Status::read(&location).unwrap().targets[0].target.options, "other");
    for count in 1..10 {
        let mut follower = Follower::open(&location).unwrap();
        let mut texts = Vec::new();
        let mut settled = follower.next(count, Milestone::Outcome).unwrap();
        assert_eq!(settled.len(), count.min(4), "up to the first that is open");
        while !settled.is_empty() {
            texts.append(&mut settled);
            settled = follower.rest(count).unwrap();
            assert!(settled.len() <= count);
        }
        let texts: Vec<String> = texts
            .into_iter()
            .map(|entry| match entry {
                EntryReport::Record(record) => record.id,
                EntryReport::Refused(refused) => format!("!{}", refused.text),
            })
            .collect();
        assert_eq!(texts, ["!..", "c1", "!a/b", "!", "c2", "c3", "!?"], "{count}");
    }
}
