//! The code of `docs/guide.md`, and that it does what the page says. Each block of the page is a part of a file here.

// A failed `unwrap` is a failed test. The rest is as a reader would write it in a crate of their own.
#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

mod batch;
mod clients;
mod evidence;
mod find;
mod job;
mod logging;
mod many;
mod one;
mod own_code;
mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use conversation_delete::http::{HttpOptions, HttpTransport};
use conversation_delete::testing::TestClock;
use conversation_delete::{
    ApiKey, Deleter, ErasureMode, ErrorKind, RecordId, RecordUuid, RetryPolicy, VerifyPolicy, fini, tavus,
};
use conversation_delete_evidence::SignerKey;
use conversation_delete_fake::{Fake, Fault, RecordState, RetryAfter, Role, Route, Seed, Vendor};
use conversation_delete_job::{Ending, Progress, ProgressEvent, StopHandle};

use one::Next;

fn tavus(fake: &Fake) -> tavus::Client {
    let builder = tavus::Client::builder(ApiKey::new(fake.key(Role::Full)).unwrap()).base_url(fake.base_url());
    let clock = TestClock::starting_at(SystemTime::now());
    builder.transport(fake.transport()).clock(clock).retry(RetryPolicy::none()).build().unwrap()
}

fn ids(fake: &Fake, ids: &[String]) -> Vec<RecordId> {
    let deleter = tavus(fake).with_erasure_mode(ErasureMode::Hard);
    ids.iter().map(|id| deleter.parse_id(id).unwrap()).collect()
}

#[tokio::test]
async fn what_to_do_next_depends_on_what_is_known() {
    let fake = Fake::in_process(Vendor::Tavus);
    let client = tavus(&fake);
    assert_eq!(one::erase(&client, "c404").await.unwrap(), Next::CheckTarget);
    assert_eq!(one::erase(&client, "../pals/p1").await.unwrap_err().kind(), ErrorKind::InvalidInput);
    fake.fault(Fault::throttle(Some(RetryAfter::Seconds(7))).once());
    let Next::TryLater(wait) = one::erase(&client, "c1").await.unwrap() else { panic!("it was throttled") };
    assert!(wait >= Duration::from_secs(7), "{wait:?}");
    client.clear_throttle();
    fake.revoke(Role::Full);
    assert!(one::erase(&client, "c1").await.unwrap_err().is_credential_refused());
}

#[tokio::test]
async fn a_batch_with_an_unknown_id_is_unresolved() {
    let fake = Fake::in_process(Vendor::Fini);
    let key = ApiKey::new(fake.key(Role::Full)).unwrap();
    let client = fini::Client::builder(key).base_url(fake.base_url()).transport(fake.transport()).build().unwrap();
    let ids: Vec<RecordUuid> = fake.seed(3).iter().map(|id| id.parse().unwrap()).collect();
    assert_eq!(batch::erase_batch(&client, &ids[..2]).await.unwrap(), []);
    assert_eq!(batch::erase_batch(&client, &ids[1..]).await.unwrap().len(), 2, "one of them is deleted already");
}

#[tokio::test]
async fn many_are_deleted_and_problems_are_named() {
    let fake = Fake::in_process(Vendor::Tavus);
    let mut all = fake.seed(5);
    all.push("c404".to_owned());
    let deleter: Arc<dyn Deleter> = Arc::new(tavus(&fake).with_erasure_mode(ErasureMode::Hard));
    let problems = many::erase_all(&deleter, ids(&fake, &all)).await;
    assert_eq!(problems.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(), ["c404"]);
}

#[tokio::test]
async fn old_records_are_found_and_what_is_left_is_named() {
    let fake = Fake::in_process(Vendor::Tavus);
    fake.seed(1);
    let old = fake.seed_with(Seed::count(2).created_at(SystemTime::now() - Duration::from_secs(91 * 24 * 60 * 60)));
    let client = tavus(&fake);
    let found = find::old_records(&client).await.unwrap();
    assert!(found.len() == 2 && ids(&fake, &old).iter().all(|id| found.contains(id)), "{found:?}");
    fake.remove(&found[0].to_string());
    assert_eq!(find::not_absent(&client, &found, VerifyPolicy::once()).await, found[1..]);
}

struct Quiet;

impl Progress for Quiet {
    fn on_event(&self, _: ProgressEvent<'_>) {}
}

#[tokio::test]
async fn a_job_runs_and_its_evidence_proves_a_record() {
    let fake = Fake::in_process(Vendor::Tavus);
    let records = fake.seed(3);
    let folder = tempfile::tempdir().unwrap();
    let (file, bundle) = (folder.path().join("old.job"), folder.path().join("e.zip"));
    let target = job::target("https://tavusapi.com", "0123456789abcdef");
    let all = ids(&fake, &records);
    let plan = job::plan(&file, &target, &all, &all[2..]).unwrap();
    assert_eq!((plan.planned, plan.held), (2, 1));
    for _ in 0..2 {
        let run = job::run(&file, tavus(&fake), target.clone(), &StopHandle::default(), &Quiet).await.unwrap();
        assert_eq!(run, [Ending::Finished], "a finished job sends nothing");
    }
    let states = records.iter().map(|id| fake.state_of(id).unwrap());
    assert!(states.eq([RecordState::Deleted, RecordState::Deleted, RecordState::Present]));
    assert_eq!(fake.requests().iter().filter(|request| request.method() == "DELETE").count(), 2);

    let signer = SignerKey::generate("example.com-erasure").unwrap();
    let proof = evidence::evidence(&file, &bundle, signer, &records[0]).unwrap();
    assert!(proof.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n"), "{proof}");
}

#[tokio::test]
async fn a_transport_of_ones_own_sees_every_request() {
    let fake = Fake::start(Vendor::Tavus).await.unwrap();
    let requests = Arc::new(AtomicU64::new(0));
    let inner = HttpTransport::new(&HttpOptions::default().with_system_roots(false)).unwrap();
    let transport = transport::Counted { inner, requests: Arc::clone(&requests) };
    let key = ApiKey::new(fake.key(Role::Full)).unwrap();
    let client = tavus::Client::builder(key).base_url(fake.base_url()).transport(transport).build().unwrap();
    fake.fault(Fault::reply(503).on(Route::Delete).once());
    assert_eq!(one::erase(&client, &fake.seed(1)[0]).await.unwrap(), Next::Nothing);
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}

#[test]
fn clients_are_built_from_options() {
    assert!(clients::with_options("key").is_ok());
    assert!(clients::through_a_proxy("secret", "not a certificate").is_err());
}
