//! A list after the deletes proves that they took effect.

use std::sync::Arc;

use conversation_delete_job::{Ending, PresenceSource, PresenceState, RunOptions, Verify};
use delete_core::{Error, ErrorKind};
use tavus_delete::VerifyPolicy;

use crate::lane::{Run, Setup, page, page_of, plan_listed};
use crate::stage::{Act, Stage};

const LISTED_ONCE: Run = Run { ending: Ending::Finished, lists: 1, unchecked: 0 };

fn afters(stage: &Stage) -> Vec<Option<(PresenceState, PresenceSource)>> {
    stage.reports().into_iter().map(|report| report.after.map(|after| (after.state, after.source))).collect()
}

fn interrupted() -> Error {
    Error::builder(ErrorKind::Connection, "the connection broke").retryable(true).for_reading().build()
}

#[tokio::test]
async fn records_from_a_list_cost_one_request_each_and_one_list() {
    let stage = Stage::new(|_, _| Act::Right);
    plan_listed(&stage, 50);
    assert_eq!(Setup::verifying(Verify::List).run(&stage).await, LISTED_ONCE);
    assert_eq!((stage.looked(), stage.heard()), (0, 50));
    assert_eq!(afters(&stage), vec![Some((PresenceState::Absent, PresenceSource::List)); 50]);
}

#[tokio::test]
async fn ids_are_looked_up_before_their_delete_and_not_after_it() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(30);
    assert_eq!(Setup::verifying(Verify::List).run(&stage).await, LISTED_ONCE);
    assert_eq!((stage.looked(), stage.heard()), (30, 30));
    assert_eq!(afters(&stage), vec![Some((PresenceState::Absent, PresenceSource::List)); 30]);
}

#[tokio::test]
async fn only_what_is_still_listed_is_looked_up() {
    let stage = Stage::new(|state, _| if state.heard.len() == 3 { Act::Lie } else { Act::Right });
    let ids = plan_listed(&stage, 20);
    let gone = ids[7].clone();
    let lists = move |_, state: &_| vec![page(state), page_of(&[&gone, "c999999"])];
    let options = RunOptions { verify: Verify::List, verify_policy: VerifyPolicy::once(), ..RunOptions::default() };
    let setup = Setup { options, lists: Arc::new(lists), ..Setup::default() };
    assert_eq!(setup.run(&stage).await, LISTED_ONCE);
    assert_eq!((stage.looked(), stage.heard()), (2, 20), "one that is there, and one that the list shows too long");
    let lied = stage.state.lock().unwrap().present.first().cloned().unwrap();
    for (id, after) in ids.iter().zip(afters(&stage)) {
        let expected = match id {
            id if *id == lied => (PresenceState::Present, PresenceSource::Lookup),
            id if *id == ids[7] => (PresenceState::Absent, PresenceSource::Lookup),
            _ => (PresenceState::Absent, PresenceSource::List),
        };
        assert_eq!(after, Some(expected), "{id}");
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_read_again_from_its_beginning() {
    let stage = Stage::new(|_, _| Act::Right);
    plan_listed(&stage, 20);
    let lists = |number, state: &_| match number {
        1 | 2 => vec![page(state), Err(interrupted())],
        _ => vec![page(state)],
    };
    let setup = Setup { lists: Arc::new(lists), ..Setup::verifying(Verify::List) };
    assert_eq!(setup.run(&stage).await, Run { lists: 3, ..LISTED_ONCE });
    assert_eq!(afters(&stage), vec![Some((PresenceState::Absent, PresenceSource::List)); 20]);
}

#[tokio::test]
async fn a_list_without_an_end_proves_nothing_and_gives_the_reason() {
    let stage = Stage::new(|_, _| Act::Right);
    plan_listed(&stage, 5);
    let lists = |_, state: &_| vec![page(state), Err(interrupted())];
    let setup = Setup { lists: Arc::new(lists), ..Setup::verifying(Verify::List) };
    assert_eq!(setup.run(&stage).await, Run { lists: 4, ..LISTED_ONCE });
    assert_eq!((stage.looked(), stage.heard()), (0, 5), "lookups do not replace the list");
    for report in stage.reports() {
        let after = report.after.unwrap();
        assert_eq!((after.state, after.source), (PresenceState::Unknown, PresenceSource::List));
        assert!(after.reason.is_some_and(|reason| reason.contains("the connection broke")));
    }
}

#[tokio::test]
async fn no_list_is_read_if_nothing_was_sent() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = plan_listed(&stage, 3);
    stage.hold(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(Setup::verifying(Verify::List).run(&stage).await, Run { lists: 0, ..LISTED_ONCE });
    assert_eq!((stage.looked(), stage.heard()), (0, 0));
}

#[tokio::test]
async fn no_list_is_read_again_if_everything_is_proved() {
    let stage = Stage::new(|_, _| Act::Right);
    plan_listed(&stage, 3);
    assert_eq!(Setup::verifying(Verify::List).run(&stage).await, LISTED_ONCE);
    assert_eq!(Setup::verifying(Verify::List).run(&stage).await, Run { lists: 0, ..LISTED_ONCE });
    assert_eq!((stage.looked(), stage.heard()), (0, 3));
}
