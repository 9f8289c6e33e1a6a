//! A run sends the ids of a target to that target alone.

use std::fs;
use std::sync::Arc;

use async_trait::async_trait;
use conversation_delete_job::{
    CredentialEvidence, Ending, JobError, JobErrorKind, Lane, Planner, RunOptions, StopHandle, Target,
    TargetDifference, Verify,
};
use tavus_delete::{Deleter, Deletion, Error, RecordId, Vendor};

use crate::stage::{Act, Silent, Stage, target};

/// A client of another vendor.
struct Other(Arc<dyn Deleter>);

#[async_trait]
impl Deleter for Other {
    fn vendor(&self) -> Vendor {
        Vendor::new("other", "Other")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.0.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.0.delete(id).await
    }
}

fn id(text: &str) -> RecordId {
    tavus_delete::ConversationId::new(text).unwrap().into()
}

/// Runs the lanes that `make` makes of the target's number.
async fn run(stage: &Stage, now: &[Target], deleter: Arc<dyn Deleter>) -> Result<Vec<Ending>, JobError> {
    let job = stage.open().unwrap();
    let number = job.targets().unwrap()[0].0;
    let lane = |now: &Target| Lane::new(number, now.clone(), Arc::clone(&deleter), Arc::new(stage.client()));
    let lanes = now.iter().map(lane).collect();
    let options = RunOptions { retry_failed: true, verify: Verify::Lookup, ..RunOptions::default() };
    job.run(lanes, Arc::new(stage.clock.clone()), &options, &StopHandle::default(), &Silent).await
}

#[tokio::test]
async fn a_lane_that_is_not_of_the_planned_target_changes_nothing_and_sends_nothing() {
    let stage = Stage::new(|state, _| if state.heard.len() == 2 { Act::Status(403) } else { Act::Right });
    stage.plan(3);
    stage.run().await;
    let before = fs::read(stage.path()).unwrap();
    let sent = (stage.heard(), stage.looked());
    let planned = target();
    let elsewhere = |url: &str| Target { base_url: Some(url.to_owned()), ..planned.clone() };
    for (case, now) in [
        ("another path prefix", vec![elsewhere("https://tavusapi.com/tenant-b")]),
        ("another host", vec![elsewhere("https://other.example")]),
        ("no base URL", vec![Target { base_url: None, ..planned.clone() }]),
        ("another key", vec![Target { credential: "other".to_owned(), ..planned.clone() }]),
        ("another mode", vec![Target { mode: None, ..planned.clone() }]),
        ("another vendor", vec![Target { vendor: "fini".to_owned(), ..planned.clone() }]),
        ("two lanes", vec![planned.clone(), planned.clone()]),
        ("one lane that is right and one that is not", vec![planned.clone(), elsewhere("https://other.example")]),
    ] {
        let error = run(&stage, &now, stage.deleter()).await.unwrap_err();
        assert_eq!(error.kind(), JobErrorKind::WrongTarget, "{case}: {error}");
    }
    let error = run(&stage, std::slice::from_ref(&planned), Arc::new(Other(stage.deleter()))).await.unwrap_err();
    assert!(error.kind() == JobErrorKind::WrongTarget && error.to_string().contains("Other"), "{error}");
    assert_eq!((stage.heard(), stage.looked()), sent);
    assert!(fs::read(stage.path()).unwrap() == before, "not a byte of the file is changed");
    assert_eq!(run(&stage, &[planned], stage.deleter()).await.unwrap(), [Ending::Finished]);
}

#[tokio::test]
async fn a_target_number_of_another_job_is_refused() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(1);
    let other = stage.path().with_extension("other");
    let mut planner = Planner::create(&other, "test").unwrap();
    planner.target(&Target { vendor: "fini".to_owned(), ..target() }).unwrap();
    let foreign = planner.target(&target()).unwrap();
    planner.finish().unwrap();
    let job = stage.open().unwrap();
    let lane = Lane::new(foreign, target(), stage.deleter(), Arc::new(stage.client()));
    let (options, stop) = (RunOptions::default(), StopHandle::default());
    let error = job.run(vec![lane], Arc::new(stage.clock.clone()), &options, &stop, &Silent).await.unwrap_err();
    assert_eq!((error.kind(), stage.heard()), (JobErrorKind::WrongTarget, 0), "{error}");
}

#[tokio::test]
async fn a_rotated_key_is_accepted_and_both_fingerprints_and_the_hash_stay() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(2);
    let hash = stage.status().plan_hash;
    let rotated = Target { credential: "rotated".to_owned(), ..target() };
    let mut job = stage.open().unwrap();
    let number = job.targets().unwrap()[0].0;
    let foreign = job.accept_credential(number, &rotated, CredentialEvidence::Record(&id("c999999")), "test");
    assert_eq!(foreign.unwrap_err().kind(), JobErrorKind::WrongTarget, "a record of another job proves nothing");
    for other in [
        Target { base_url: Some("https://tavusapi.com/b".to_owned()), ..rotated.clone() },
        Target { options: "children".to_owned(), ..rotated.clone() },
    ] {
        let refused = job.accept_credential(number, &other, CredentialEvidence::Tenant, "test").unwrap_err();
        assert_eq!(refused.kind(), JobErrorKind::WrongTarget);
    }
    job.accept_credential(number, &rotated, CredentialEvidence::Record(&id("c000001")), "test").unwrap();
    drop(job);
    let status = stage.status();
    let known = &status.targets[0];
    assert_eq!((&known.target.credential, known.accepted.len()), (&target().credential, 1));
    assert_eq!(known.accepted[0].credential, "rotated");
    assert_eq!((known.difference(&rotated), known.difference(&target())), (None, None));
    let third = known.difference(&Target { credential: "third".to_owned(), ..target() });
    assert!(matches!(third, Some(TargetDifference::Credential { .. })), "{third:?}");
    assert_eq!(run(&stage, &[rotated], stage.deleter()).await.unwrap(), [Ending::Finished]);
    assert_eq!((stage.status().plan_hash, stage.heard()), (hash, 2));
}

#[tokio::test]
async fn the_ids_for_another_credential_are_those_that_must_still_be_there() {
    let stage = Stage::new(|state, _| match state.heard.len() {
        1 => Act::Status(403),
        3.. => Act::Status(401),
        _ => Act::Right,
    });
    stage.plan(12);
    stage.run().await;
    stage.hold(&["c000011"]);
    let job = stage.open().unwrap();
    let number = job.targets().unwrap()[0].0;
    let open = |with_failed, count| job.open_ids(number, with_failed, count).unwrap();
    let numbers = |ids: &[usize]| ids.iter().map(|number| format!("c{number:06}")).collect::<Vec<_>>();
    assert_eq!(open(false, 4), numbers(&[2, 3, 9, 10]), "of both ends of the plan");
    assert_eq!(open(true, 2), numbers(&[0, 10]));
    assert_eq!(open(false, 100), numbers(&[2, 3, 4, 5, 6, 7, 8, 9, 10]));
}
