use std::sync::Mutex;

use async_trait::async_trait;
use delete_core::http::{self, Transport, TransportError, TransportErrorKind};
use delete_core::testing::{ResponseExt, TestClock, response};
use delete_core::{ApiKey, CredentialCheck, Deletion, Vendor};

use super::*;
use crate::ids::{IdCollector, IdForm, Place};
use crate::look::tests::{Scripted, error_of, there};
use crate::report::Outcome;

fn ids(texts: &[&str]) -> IdList {
    let mut collector = IdCollector::new(Vendor::new("tavus", "Tavus"), IdForm::Opaque);
    for (number, text) in (1..).zip(texts) {
        collector.add(Place::Line(number), text.as_bytes());
    }
    collector.finish()
}

/// Deletes that answer each path with what `status` says; 0 is a connection that broke.
fn answering(status: impl Fn(&str) -> u16 + Send + Sync + 'static) -> impl Deleter {
    tavus(http::from_fn(move |request| {
        let status = status(&request.uri().to_string());
        async move {
            match status {
                0 => Err(TransportError::new(TransportErrorKind::Interrupted, "reset by peer")),
                status => Ok(response(status, "")),
            }
        }
    }))
}

fn tavus(transport: impl Transport) -> impl Deleter {
    let builder = tavus_delete::Client::builder(ApiKey::new("k").unwrap()).transport(transport);
    builder.clock(TestClock::new()).build().unwrap().with_erasure_mode(ErasureMode::Hard)
}

fn job<'a>(deleter: &'a dyn Deleter, reader: &'a Scripted, ids: &'a IdList) -> ProofJob<'a> {
    ProofJob {
        vendor: VendorName::Tavus,
        deleter,
        reader,
        clock: &reader.clock,
        children: None,
        ids,
        concurrency: 1,
        batch: 1,
        looks: VerifyPolicy::default(),
        erasure: Some(ErasureMode::Hard),
        is_all_absent_ok: false,
    }
}

async fn prove(job: &ProofJob<'_>) -> Proven {
    let (_sender, mut signals) = mpsc::unbounded_channel();
    run(job, &Progress::hidden(), &mut signals).await
}

/// Id, outcome and what was seen of each record.
fn lines(proven: &Proven) -> Vec<(&str, Outcome, Option<&str>, Option<&str>)> {
    let mut lines = Vec::new();
    for Record { id, outcome, proof, .. } in &proven.records {
        let proof = proof.as_deref().unwrap();
        lines.push((id.as_str(), *outcome, proof.before, proof.after));
    }
    lines
}

const THERE: Option<&str> = Some("present");
const GONE: Option<&str> = Some("absent");

#[tokio::test]
async fn what_was_seen_and_is_absent_is_deleted_or_gone_whatever_was_said() {
    let list = ids(&["deleted", "not_there", "lost", "forbidden", "never"]);
    let deleter = answering(|path| match path {
        path if path.contains("/deleted?") => 204,
        path if path.contains("/lost?") => 0,
        path if path.contains("/forbidden?") => 403,
        _ => 404,
    });
    let reader = Scripted::new(|id, before| match (id, before) {
        ("never", _) => Presence::Absent,
        ("forbidden", _) | (_, 0) => there(),
        _ => Presence::Absent,
    });
    let proven = prove(&job(&deleter, &reader, &list)).await;
    assert_eq!(
        lines(&proven),
        [
            ("deleted", Outcome::Deleted, THERE, GONE),
            ("not_there", Outcome::Gone, THERE, GONE),
            ("lost", Outcome::Gone, THERE, GONE),
            ("forbidden", Outcome::Failed, THERE, THERE),
            ("never", Outcome::NotFound, GONE, GONE),
        ]
    );
    assert_eq!(proven.proof, ProofTally { verified: 3, still_present: 1, unverified: 0 });
    assert_eq!(proven.still_present, ["forbidden"]);
    assert!(proven.records[1].error.is_none() && proven.records[2].error.is_none());
    assert!(proven.records[3].error.is_some() && proven.stop.is_none());
}

#[tokio::test]
async fn a_liar_is_named_exactly() {
    let list = ids(&["c1", "c2", "c3"]);
    let deleter = answering(|_| 204);
    let reader = Scripted::new(|id, before| if before == 0 || id == "c2" { there() } else { Presence::Absent });
    let proven = prove(&job(&deleter, &reader, &list)).await;
    assert_eq!(proven.still_present, ["c2"]);
    assert_eq!(proven.proof, ProofTally { verified: 2, still_present: 1, unverified: 0 });
    assert_eq!(lines(&proven)[1], ("c2", Outcome::Deleted, THERE, THERE));
    assert_eq!(reader.clock.slept().len(), 3, "a deletion may show late");
}

#[tokio::test]
async fn a_soft_delete_is_expected_to_show_and_looked_at_once() {
    let list = ids(&["c1"]);
    let (deleter, reader) = (answering(|_| 204), Scripted::new(|_, _| there()));
    let proven = prove(&ProofJob { erasure: Some(ErasureMode::Soft), ..job(&deleter, &reader, &list) }).await;
    assert!(proven.still_present.is_empty() && reader.clock.slept().is_empty());
    assert_eq!(proven.proof.still_present, 1);
}

#[tokio::test]
async fn a_look_that_fails_is_no_proof() {
    let failure = error_of(500).await;
    let list = ids(&["c1", "c2"]);
    let deleter = answering(|_| 204);
    let reader = Scripted::new(move |id, before| match (id, before) {
        (_, 0) => there(),
        ("c1", _) => Presence::Unknown(failure.clone()),
        _ => Presence::Absent,
    });
    let proven = prove(&job(&deleter, &reader, &list)).await;
    assert_eq!(lines(&proven)[0], ("c1", Outcome::Deleted, THERE, Some("unknown")));
    assert_eq!(proven.proof, ProofTally { verified: 1, still_present: 0, unverified: 1 });
    let line = serde_json::to_value(proven.records[0].proof.as_deref().unwrap()).unwrap();
    assert!(line["reason"].as_str().unwrap().contains("status 500"), "{line}");
    assert_eq!((&line["before_status"], line.get("after_status")), (&"ended".into(), None));
}

#[tokio::test]
async fn nothing_is_deleted_where_none_is_there() {
    let list = ids(&["c1", "c2"]);
    let deleter = answering(|_| panic!("nothing must be sent"));
    let reader = Scripted::new(|_, _| Presence::Absent);
    let proven = prove(&job(&deleter, &reader, &list)).await;
    let (exit, reason) = proven.refusal.as_ref().unwrap();
    assert_eq!(*exit, Exit::Unsafe);
    assert!(reason.contains("none of the 2 ids") && reason.contains("TAVUS_API_KEY, TAVUS_BASE_URL"), "{reason}");
    assert_eq!(lines(&proven)[1], ("c2", Outcome::NotAttempted, GONE, None));
}

#[tokio::test]
async fn one_absent_id_and_a_wish_for_absence_are_no_reason_to_stop() {
    let deleter = answering(|_| 404);
    let reader = Scripted::new(|_, _| Presence::Absent);
    let one = ids(&["c1"]);
    assert_eq!(lines(&prove(&job(&deleter, &reader, &one)).await)[0].1, Outcome::NotFound);
    let two = ids(&["c1", "c2"]);
    let proven = prove(&ProofJob { is_all_absent_ok: true, ..job(&deleter, &reader, &two) }).await;
    assert!(proven.refusal.is_none() && proven.proof == ProofTally::default());
}

#[tokio::test]
async fn nothing_is_deleted_at_the_wrong_place_or_without_sight() {
    let list = ids(&["c1"]);
    for (error, expected, part) in [
        (Error::wrong_target("the token is of realm x"), Exit::Unsafe, "realm x"),
        (Error::configuration("no"), Exit::Usage, "TAVUS_API_KEY"),
        (error_of(401).await, Exit::CredentialRefused, "without --verify"),
        (error_of(500).await, Exit::Stopped, "nothing was deleted"),
    ] {
        let deleter = answering(|_| panic!("nothing must be sent"));
        let mut reader = Scripted::new(|_, _| there());
        reader.check = Err(error);
        let proven = prove(&job(&deleter, &reader, &list)).await;
        let (exit, reason) = proven.refusal.as_ref().unwrap();
        assert_eq!(*exit, expected, "{reason}");
        assert!(reason.contains(part), "{reason}");
        assert_eq!(lines(&proven)[0], ("c1", Outcome::NotAttempted, None, None));
    }
}

#[tokio::test]
async fn nothing_is_deleted_where_the_list_that_shows_all_cannot_be_read() {
    let failure = error_of(500).await;
    let list = ids(&["c1", "c2"]);
    let deleter = answering(|_| panic!("nothing must be sent"));
    let mut reader = Scripted::new(move |_, _| Presence::Unknown(failure.clone()));
    reader.prefers_bulk_lookup = true;
    let proven = prove(&job(&deleter, &reader, &list)).await;
    assert_eq!(proven.refusal.as_ref().unwrap().0, Exit::Stopped);
    assert_eq!(lines(&proven)[0], ("c1", Outcome::NotAttempted, Some("unknown"), None));
}

#[tokio::test]
async fn a_credential_that_may_not_delete_is_refused_before() {
    let list = ids(&["c1"]);
    let deleter = answering(|_| panic!("nothing must be sent"));
    let mut reader = Scripted::new(|_, _| there());
    let mut checked = CredentialCheck::new("https://example.com", true);
    checked.may_delete = Some(false);
    reader.check = Ok(checked);
    assert_eq!(prove(&job(&deleter, &reader, &list)).await.refusal.unwrap().0, Exit::CredentialRefused);
}

#[tokio::test]
async fn an_interrupt_while_looking_leaves_the_rest_open() {
    let list = ids(&["c1", "c2"]);
    let (sender, mut signals) = mpsc::unbounded_channel();
    let reader = Scripted::new(move |id, before| {
        if (id, before) == ("c2", 1) {
            sender.send(()).unwrap();
        }
        if before == 0 || id == "c2" { there() } else { Presence::Absent }
    });
    let deleter = answering(|_| 204);
    let proven = run(&job(&deleter, &reader, &list), &Progress::hidden(), &mut signals).await;
    assert_eq!(lines(&proven)[0], ("c1", Outcome::Deleted, THERE, GONE), "what is known is reported");
    assert_eq!(proven.stop, Some(Stop::Interrupted));
    let (sender, mut signals) = mpsc::unbounded_channel();
    sender.send(()).unwrap();
    let deleter = answering(|_| panic!("nothing must be sent"));
    let reader = Scripted::new(|_, _| there());
    let proven = run(&job(&deleter, &reader, &list), &Progress::hidden(), &mut signals).await;
    assert_eq!(proven.refusal.unwrap().0, Exit::Stopped);
}

/// A bulk route that tells nobody apart: every batch of several is refused with 406.
struct Bulk {
    inner: fini_delete::Client,
    batches: Mutex<Vec<Vec<String>>>,
}

#[async_trait]
impl Deleter for Bulk {
    fn vendor(&self) -> Vendor {
        fini_delete::VENDOR
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.inner.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.inner.delete(id).await
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        self.batches.lock().unwrap().push(ids.iter().map(ToString::to_string).collect());
        self.inner.delete_batch(ids).await
    }
}

#[tokio::test]
async fn what_was_seen_travels_in_batches_and_the_rest_alone() {
    let texts: Vec<String> = (0..6).map(|number| uuid::Uuid::from_u128(number).to_string()).collect();
    let mut collector = IdCollector::new(fini_delete::VENDOR, IdForm::Uuid);
    texts.iter().for_each(|text| collector.add(Place::Line(1), text.as_bytes()));
    let list = collector.finish();
    let body = r#"{"message":"One or more interactions not accessible to the user","statusCode":406}"#;
    let refusal = move || response(406, body).with_header("content-type", "application/json");
    let transport = http::from_fn(move |_| async move { Ok(refusal()) });
    let builder = fini_delete::Client::builder(ApiKey::new("k").unwrap()).transport(transport);
    let inner = builder.clock(TestClock::new()).build().unwrap();
    let deleter = Bulk { inner, batches: Mutex::default() };
    let unseen = [texts[1].clone(), texts[4].clone()];
    let others = unseen.clone();
    let mut reader =
        Scripted::new(
            move |id, before| {
                if before == 0 && !others.iter().any(|other| other == id) { there() } else { Presence::Absent }
            },
        );
    reader.prefers_bulk_lookup = true;
    let job = ProofJob { vendor: VendorName::Fini, erasure: None, batch: 3, ..job(&deleter, &reader, &list) };
    let proven = prove(&job).await;
    let at = |numbers: &[usize]| numbers.iter().map(|number| texts[*number].clone()).collect::<Vec<_>>();
    assert_eq!(*deleter.batches.lock().unwrap(), [at(&[0, 2, 3]), at(&[5]), at(&[1]), at(&[4])]);
    let outcomes: Vec<Outcome> = proven.records.iter().map(|record| record.outcome).collect();
    // The batch is unresolved by its answer, the single one not found; both were seen, and are absent.
    let (seen, gone, unseen) = (Outcome::Deleted, Outcome::Gone, Outcome::NotFound);
    assert_eq!(outcomes, [seen, unseen, seen, seen, unseen, gone]);
    assert_eq!(proven.records.iter().map(|record| &record.id).collect::<Vec<_>>(), texts.iter().collect::<Vec<_>>());
}
