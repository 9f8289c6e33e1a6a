//! Lookups of all records, which delete nothing: each record is reported once, and as what its lookup showed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use conversation_delete_job::{Ending, EntryReport, Follower, Milestone, PresenceState, RunOptions, StopHandle};
use delete_core::{
    CredentialCheck, Error, Filter, Listing, Presence, RecordId, RecordReader, Status, Vendor, VerifyPolicy,
};

use crate::ground::Ground;
use crate::vendor::{Call, Model, Reply};

fn ground(script: impl Fn(&mut Model, &Call) -> Reply + Send + Sync + 'static) -> Ground {
    let options = RunOptions { verify_policy: VerifyPolicy::once(), ..RunOptions::default() };
    Ground::new(script).with_options(options)
}

/// What is known of each record after its lookup: `-` if nothing is.
fn states(ground: &Ground) -> Vec<&'static str> {
    let reports = ground.reports().into_iter();
    reports.map(|report| report.after.map_or("-", |after| after.state.as_str())).collect()
}

#[tokio::test]
async fn each_record_costs_one_request_whether_it_is_present_or_not() {
    for (is_there, state) in [(true, "present"), (false, "absent")] {
        let ground = ground(|_, _| Reply::Right);
        ground.plan(40, |_| is_there);
        assert_eq!(ground.look_up(&StopHandle::default()).await, Ending::Finished);
        assert_eq!((states(&ground), ground.lookups().len()), (vec![state; 40], 40));
    }
}

#[tokio::test]
async fn a_present_record_is_looked_up_again_as_the_policy_says() {
    let ground = ground(|_, _| Reply::Right);
    let options = RunOptions { verify_policy: VerifyPolicy::new(3, Duration::from_secs(1)), ..ground.options.clone() };
    let ground = ground.with_options(options);
    let ids = ground.plan(2, |number| number == 0);
    assert_eq!(ground.look_up(&StopHandle::default()).await, Ending::Finished);
    let lookups_of = |id: &String| ground.lookups().iter().filter(|ids| ids.contains(id)).count();
    assert_eq!([&ids[0], &ids[1]].map(lookups_of), [3, 1]);
}

/// A credential may read other records than these.
#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_ends_nothing() {
    let ground = ground(|_, _| Reply::Status(403));
    ground.plan(20, |_| true);
    assert_eq!(ground.look_up(&StopHandle::default()).await, Ending::Finished);
    assert_eq!((states(&ground), ground.lookups().len()), (vec!["unknown"; 20], 20));
    let requests = ground.vendor.model.lock().unwrap().requests.len();
    assert_eq!(requests, 20, "no check of the credential");
}

#[tokio::test]
async fn a_refused_credential_ends_it_after_one_lookup() {
    for scans in [false, true] {
        let ground = ground(|_, _| Reply::Status(401));
        let ground = if scans { ground.scanning() } else { ground };
        ground.plan(20, |_| true);
        let ending = ground.look_up(&StopHandle::default()).await;
        assert!(matches!(ending, Ending::CredentialRefused(_)), "{ending:?}");
        assert_eq!(ground.lookups().len(), 1);
        let states = states(&ground);
        let unknown = if scans { 20 } else { 1 };
        assert_eq!(states.iter().filter(|state| **state == "unknown").count(), unknown, "{states:?}");
        assert_eq!(states.iter().filter(|state| **state == "-").count(), 20 - unknown, "{states:?}");
    }
}

#[tokio::test]
async fn a_scan_that_fails_leaves_every_record_unknown_with_the_reason() {
    let ground = ground(|_, _| Reply::Status(422)).scanning();
    ground.plan(30, |_| true);
    assert_eq!(ground.look_up(&StopHandle::default()).await, Ending::Finished);
    assert_eq!(ground.lookups().len(), 1);
    for report in ground.reports() {
        let after = report.after.unwrap();
        assert_eq!(after.state, PresenceState::Unknown);
        assert!(after.reason.as_deref().is_some_and(|reason| reason.contains("422")), "{after:?}");
    }
}

/// A reader that never gets a response.
struct Mute(StopHandle);

#[async_trait]
impl RecordReader for Mute {
    fn vendor(&self) -> Vendor {
        Vendor::new("tavus", "Tavus")
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        Err(Error::invalid_input("it cannot be listed"))
    }

    async fn lookup(&self, _: &RecordId) -> Presence {
        self.0.drain();
        std::future::pending().await
    }

    async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
        Ok(None)
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        Ok(CredentialCheck::new("https://tavusapi.com", true))
    }
}

#[tokio::test]
async fn an_interrupted_lookup_is_not_awaited_and_not_reported() {
    let ground = ground(|_, _| Reply::Right);
    ground.plan(3, |_| true);
    let stop = StopHandle::default();
    let reader = Arc::new(Mute(stop.clone()));
    assert_eq!(ground.look_up_by(Some(reader), &stop).await, Ending::Interrupted);
    assert_eq!((states(&ground), stop.in_flight()), (vec!["-"; 3], 0));
}

fn id_of(entry: EntryReport) -> String {
    match entry {
        EntryReport::Record(record) => record.id,
        EntryReport::Refused(refused) => panic!("{refused:?}"),
    }
}

#[tokio::test]
async fn a_follower_gives_what_is_looked_up_and_all_before_it() {
    let ground = ground(|model, _| if model.lookups().len() == 4 { Reply::Status(401) } else { Reply::Right });
    let ids = ground.plan(12, |_| true);
    let mut follower = Follower::open(ground.path()).unwrap();
    assert!(follower.next(100, Milestone::Lookup).unwrap().is_empty());
    let ending = ground.look_up(&StopHandle::default()).await;
    assert!(matches!(ending, Ending::CredentialRefused(_)), "{ending:?}");
    let known: Vec<String> = follower.next(100, Milestone::Lookup).unwrap().into_iter().map(id_of).collect();
    assert!((1..12).contains(&known.len()), "{known:?}");
    assert_eq!(known, ids[..known.len()]);
    assert!(follower.next(100, Milestone::Outcome).unwrap().is_empty(), "none of them has an outcome");
    assert_eq!(follower.rest(100).unwrap().len(), 12 - known.len());
}
