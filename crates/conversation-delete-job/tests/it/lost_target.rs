//! Whether it is the right target, after outcomes were lost with the log.

use std::io::{Seek, SeekFrom, Write};

use conversation_delete_job::{Ending, Job, RunOptions, StopHandle};

use crate::stage::{Act, Stage};

/// Marks the file as one whose log is needed, as a run that was killed leaves it, and there is no log.
fn lose_log(stage: &Stage) {
    let mut file = std::fs::OpenOptions::new().write(true).open(stage.path()).unwrap();
    file.seek(SeekFrom::Start(18)).unwrap();
    file.write_all(&[2, 2]).unwrap();
    assert!(stage.status().outcomes_may_be_missing);
}

fn planned(count: usize, is_there: impl Fn(usize) -> bool) -> Stage {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(count);
    let mut state = stage.state.lock().unwrap();
    for (_, id) in ids.iter().enumerate().filter(|(number, _)| !is_there(*number)) {
        state.present.remove(id);
        state.removed.insert(id.clone());
    }
    drop(state);
    lose_log(&stage);
    stage
}

#[tokio::test]
async fn a_lost_log_is_no_sign_of_the_right_target() {
    let stage = planned(60, |_| false);
    assert_eq!(stage.run().await, Ending::NothingFound { looked: 20 });
    assert_eq!(stage.heard(), 20);
    let options = RunOptions { absent_ok: true, ..RunOptions::default() };
    assert_eq!(stage.try_run(&options, &StopHandle::default()).await.unwrap(), Ending::Finished, "there is a way on");
    assert_eq!(stage.heard(), 60);
}

/// The run that lost its log began at the beginning of the plan.
#[tokio::test]
async fn one_record_at_the_end_of_the_plan_shows_that_the_target_is_right() {
    let stage = planned(3000, |number| number == 2999);
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.heard(), 3000, "each record is sent once");
}

#[tokio::test]
async fn a_record_in_doubt_can_show_that_another_credential_is_right() {
    let stage = planned(3, |_| true);
    let job = Job::open(stage.path()).unwrap();
    let target = job.targets().unwrap()[0].0;
    assert_eq!(job.open_ids(target, false, 10).unwrap(), ["c000000", "c000001", "c000002"]);
}
