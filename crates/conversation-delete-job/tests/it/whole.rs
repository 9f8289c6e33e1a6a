//! Every id ends with one true outcome, whatever happens on the way.

use conversation_delete_job::{Ending, JobErrorKind, RecordOutcome, RunOptions, StopHandle};
use delete_core::Delivery;

use crate::stage::{Act, Stage};

#[tokio::test]
async fn a_job_deletes_what_was_planned_and_a_second_run_sends_nothing() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(1000);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(stage.outcomes().iter().all(|(_, outcome)| outcome.as_deref() == Some("deleted")));
    assert!(stage.state.lock().unwrap().present.is_empty());
    let heard = stage.heard();
    assert_eq!(heard, 1000);
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.heard(), heard);
}

#[tokio::test]
async fn what_is_held_is_never_asked_for() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids: Vec<String> = (0..50).map(|number| format!("c{number}")).collect();
    stage.state.lock().unwrap().present.extend(ids.iter().cloned());
    stage.plan_ids(&ids, &ids[10..20]);
    stage.run().await;
    let state = stage.state.lock().unwrap();
    assert_eq!(state.present.iter().cloned().collect::<Vec<_>>(), {
        let mut held = ids[10..20].to_vec();
        held.sort();
        held
    });
    assert!(state.heard.iter().all(|(id, _)| !ids[10..20].contains(id)));
}

#[tokio::test]
async fn what_is_held_after_the_plan_is_not_asked_for_any_more() {
    let stop = StopHandle::default();
    let stage = Stage::new({
        let stop = stop.clone();
        move |state, _| match state.heard.len() {
            ..20 => Act::Right,
            20 => {
                stop.abort();
                Act::Lost
            }
            _ => Act::Right,
        }
    });
    let ids = stage.plan(50);
    assert_eq!(stage.try_run(&RunOptions::default(), &stop).await.unwrap(), Ending::Interrupted);
    let in_doubt = stage.reports().iter().position(|report| report.outcome.as_str() == "failed").unwrap();
    assert_eq!(stage.hold(&[&ids[0], &ids[in_doubt], &ids[40], "c999999"]).matched(), 3);
    let heard = stage.heard();
    assert_eq!(stage.run().await, Ending::Finished);
    let reports = stage.reports();
    assert_eq!((reports[0].outcome, reports[40].outcome), (RecordOutcome::Deleted, RecordOutcome::Held));
    assert_eq!(reports[in_doubt].outcome, RecordOutcome::Failed);
    assert_eq!(reports[in_doubt].error.as_ref().unwrap().delivery, Delivery::MaybeDelivered);
    let state = stage.state.lock().unwrap();
    assert!(state.heard[heard..].iter().all(|(id, _)| *id != ids[40] && *id != ids[in_doubt]));
    assert!(state.present.contains(&ids[40]));
    drop(state);
    let counts = &stage.status().targets[0].outcomes;
    assert_eq!(
        (counts.get(RecordOutcome::Held), counts.get(RecordOutcome::Failed), counts.get(RecordOutcome::NotAttempted)),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn what_failed_can_be_tried_again_and_what_may_be_deleted_is_remembered() {
    // The first answer is a page from somebody else after the record was removed, the second one a refusal.
    let stage = Stage::new(|state, _| match state.heard.len() {
        2 => Act::LatePage,
        3 => Act::Status(403),
        _ => Act::Right,
    });
    stage.plan(10);
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.status().targets[0].outcomes.get(RecordOutcome::Failed), 2);
    assert_eq!(stage.reopen_failed(), 2);
    let counts = stage.status().targets[0].outcomes;
    assert_eq!(
        (
            counts.get(RecordOutcome::Failed),
            counts.get(RecordOutcome::NotAttempted),
            counts.get(RecordOutcome::Deleted)
        ),
        (0, 2, 8)
    );
    assert_eq!(stage.run().await, Ending::Finished);
    let counts = stage.status().targets[0].outcomes;
    assert_eq!(
        (counts.get(RecordOutcome::Deleted), counts.get(RecordOutcome::Gone), counts.total()),
        (9, 1, 10),
        "{counts:?}"
    );
    assert_eq!((stage.reopen_failed(), stage.heard()), (0, 12));
}

#[tokio::test]
async fn a_hold_that_somebody_writes_into_the_file_is_heeded() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(10);
    let connection = rusqlite::Connection::open(stage.path()).unwrap();
    connection.execute("INSERT INTO late_hold (id, held_at) VALUES (?, '')", [&ids[4]]).unwrap();
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(stage.state.lock().unwrap().heard.iter().all(|(id, _)| *id != ids[4]));
    assert_eq!(stage.status().targets[0].outcomes.get(RecordOutcome::Held), 1);
}

#[tokio::test]
async fn where_none_of_the_first_is_there_it_stops() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids: Vec<String> = (0..500).map(|number| format!("c{number}")).collect();
    stage.plan_ids(&ids, &[]);
    assert!(matches!(stage.run().await, Ending::NothingFound { .. }));
    assert!(stage.heard() <= 24, "{}", stage.heard());
}

#[tokio::test]
async fn a_refused_credential_stops_at_once_and_leaves_the_rest() {
    let stage = Stage::new(|state, _| if state.heard.len() > 30 { Act::Status(401) } else { Act::Right });
    stage.plan(200);
    assert!(matches!(stage.run().await, Ending::CredentialRefused(_)));
    let open = stage.outcomes().iter().filter(|(_, outcome)| outcome.is_none()).count();
    assert_eq!(open, 170);
    assert!(stage.heard() <= 34, "{}", stage.heard());
}

#[tokio::test]
async fn a_changed_plan_and_a_second_runner_are_refused() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(3);
    let first = conversation_delete_job::Job::open(stage.path()).unwrap();
    let busy = conversation_delete_job::Job::open(stage.path()).unwrap_err();
    assert_eq!(busy.kind(), JobErrorKind::Busy);
    assert!(busy.to_string().contains(&std::process::id().to_string()), "{busy}");
    drop(first);
    let connection = rusqlite::Connection::open(stage.path()).unwrap();
    connection.execute("UPDATE record SET id = 'c999' WHERE record = 1", []).unwrap();
    let changed = stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap_err();
    assert_eq!(changed.kind(), JobErrorKind::Changed);
    assert_eq!(stage.heard(), 0);
}
