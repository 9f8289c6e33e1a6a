//! Deleting only what is over.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::example_client::Client;
use async_trait::async_trait;
use delete_core::http;
use delete_core::testing::response;
use delete_core::vendor_kit::{Auth, ResponseRules, VendorError, Verdict};
use delete_core::{
    ApiKey, CredentialCheck, Deleter, Deletion, Delivery, Error, ErrorKind, Filter, Listing, Outcome, Presence,
    RecordId, RecordReader, RejectActive, RetryPolicy, Status, Vendor,
};
use uuid::Uuid;

fn id(number: u128) -> RecordId {
    Uuid::from_u128(number).into()
}

const LOOKUP: ResponseRules = ResponseRules {
    classify_success: |_| Verdict::Ok,
    read_error: |_| VendorError::default(),
    override_by_code: |_, _| None,
};

/// The error of a lookup with this response.
async fn error_of(status: u16, body: &'static str) -> Error {
    #[derive(Debug, serde::Deserialize)]
    struct Record {
        #[serde(rename = "id")]
        _id: String,
    }

    let auth = Auth::api_key("x-api-key", &ApiKey::new("k").unwrap()).unwrap();
    let transport = http::from_fn(move |_| ready(Ok(response(status, body))));
    let Client { pipeline, records } = Client::new(auth, transport, |options| options.retry = RetryPolicy::none());
    pipeline.read_record::<Record>(&records, &id(1), &LOOKUP).await.unwrap_err()
}

/// Reports the given statuses. Every other record is over.
#[derive(Default)]
struct Says {
    of: HashMap<RecordId, Result<Option<Status>, Error>>,
    looks: AtomicUsize,
}

impl Says {
    fn of(answers: impl IntoIterator<Item = (u128, Result<Option<Status>, Error>)>) -> Self {
        let of = answers.into_iter().map(|(number, answer)| (id(number), answer)).collect();
        Self { of, looks: AtomicUsize::default() }
    }
}

#[async_trait]
impl RecordReader for Says {
    fn vendor(&self) -> Vendor {
        Vendor::new("recorder", "Recorder")
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        Err(Error::invalid_input("it does not list"))
    }

    async fn lookup(&self, _: &RecordId) -> Presence {
        Presence::Unknown(Error::invalid_input("it does not look"))
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        self.looks.fetch_add(1, SeqCst);
        self.of.get(id).cloned().unwrap_or(Ok(None))
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        Err(Error::invalid_input("it does not check"))
    }
}

/// Deletes everything that it is given, and notes each call. It may keep the last results of a batch to itself.
#[derive(Default)]
struct Recorder {
    calls: Mutex<Vec<Vec<RecordId>>>,
    untold: usize,
}

impl Recorder {
    fn calls(&self) -> Vec<Vec<RecordId>> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Deleter for Recorder {
    fn vendor(&self) -> Vendor {
        Vendor::new("recorder", "Recorder")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        RecordId::parse_uuid(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.delete_batch(std::slice::from_ref(id)).await.remove(0)
    }

    fn max_batch(&self) -> usize {
        50
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        self.calls.lock().unwrap().push(ids.to_vec());
        let told = ids.len() - self.untold.min(ids.len());
        ids[..told].iter().map(|id| Ok(Deletion::new(self.vendor(), id.clone(), Outcome::Deleted))).collect()
    }
}

type Told = Result<Outcome, ErrorKind>;

fn told(result: &Result<Deletion, Error>) -> Told {
    result.as_ref().map(Deletion::outcome).map_err(Error::kind)
}

/// What comes of deleting record 1, of which a look says this; whether it was passed on; and what is `unseen` then.
async fn guarded(look: Result<Option<Status>, Error>) -> (Told, bool, Option<ErrorKind>) {
    let (deleter, reader) = (Recorder::default(), Says::of([(1, look)]));
    let guard = RejectActive::new(&deleter, &reader);
    let result = guard.delete(&id(1)).await;
    (told(&result), !deleter.calls().is_empty(), guard.first_unchecked().map(|error| error.kind()))
}

#[tokio::test]
async fn what_is_over_is_deleted() {
    assert_eq!(guarded(Ok(None)).await, (Ok(Outcome::Deleted), true, None));
}

#[tokio::test]
async fn what_is_live_is_refused_and_nothing_is_sent() {
    for status in [Status::new("active"), Status::new("processing"), Status::new("x")] {
        let kind = Err(ErrorKind::StillActive);
        assert_eq!(guarded(Ok(Some(status))).await, (kind, false, None));
    }
    let (deleter, reader) = (Recorder::default(), Says::of([(1, Ok(Some(Status::new("paused"))))]));
    let error = RejectActive::new(&deleter, &reader).delete(&id(1)).await.unwrap_err();
    assert_eq!((error.delivery(), error.vendor()), (Delivery::NotSent, Some(deleter.vendor())));
    assert!(error.to_string().contains("paused") && !error.is_retryable() && !error.is_fatal_for_client(), "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_left_to_the_delete_to_tell() {
    let absent = Error::builder(ErrorKind::NotFound, "there is no such record").for_reading().build();
    assert_eq!(guarded(Err(absent)).await, (Ok(Outcome::Deleted), true, None));
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_deleted_and_told() {
    for denied in [Error::missing_scope("x"), error_of(403, "").await] {
        let kind = denied.kind();
        assert_eq!(guarded(Err(denied)).await, (Ok(Outcome::Deleted), true, Some(kind)));
    }
}

#[tokio::test]
async fn the_first_that_was_not_seen_is_told() {
    let looks = [(1, Ok(None)), (2, Err(Error::missing_scope("x"))), (3, Err(error_of(403, "").await))];
    let guard = RejectActive::new(Recorder::default(), Says::of(looks));
    for number in 1..4 {
        assert!(guard.delete(&id(number)).await.unwrap().outcome().is_success());
    }
    assert_eq!(guard.first_unchecked().unwrap().kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn a_refused_credential_and_a_failure_that_may_pass_stop_the_delete() {
    for (status, kind) in [
        (401, ErrorKind::Unauthenticated),
        (402, ErrorKind::PaymentRequired),
        (408, ErrorKind::Timeout),
        (429, ErrorKind::RateLimited),
        (503, ErrorKind::Server),
    ] {
        assert_eq!(guarded(Err(error_of(status, "").await)).await, (Err(kind), false, None), "{status}");
    }
    let elsewhere = Err(Error::wrong_target("x"));
    assert_eq!(guarded(elsewhere).await, (Err(ErrorKind::WrongTarget), false, None));
}

#[tokio::test]
async fn a_lookup_that_is_neither_a_record_nor_a_missing_permission_stops_the_delete() {
    for (status, body, kind) in [
        (200, "<html>", ErrorKind::UnexpectedResponse),
        (200, "[]", ErrorKind::UnexpectedResponse),
        (200, "", ErrorKind::UnexpectedResponse),
        (200, "null", ErrorKind::UnexpectedResponse),
        (204, "", ErrorKind::UnexpectedResponse),
        (206, "<html>", ErrorKind::UnexpectedResponse),
        (302, "", ErrorKind::UnexpectedResponse),
        (400, "", ErrorKind::Rejected),
        (404, "", ErrorKind::UnexpectedResponse),
        (404, "<html>", ErrorKind::UnexpectedResponse),
        (403, "<html>Attention Required</html>", ErrorKind::UnexpectedResponse),
        (405, "", ErrorKind::Rejected),
        (501, "", ErrorKind::Server),
    ] {
        assert_eq!(guarded(Err(error_of(status, body).await)).await, (Err(kind), false, None), "{status} {body}");
    }
}

#[tokio::test]
async fn of_a_batch_what_is_live_stays_and_the_rest_goes_in_one_call() {
    let live = || Ok(Some(Status::new("active")));
    let failed = error_of(503, "").await;
    let reader = Says::of([(1, live()), (3, live()), (5, Err(failed)), (6, Err(Error::missing_scope("x")))]);
    let deleter = Recorder::default();
    let guard = RejectActive::new(&deleter, &reader);
    let ids: Vec<RecordId> = (1..8).map(id).collect();
    let results = guard.delete_batch(&ids).await;
    let (live, deleted) = (Err(ErrorKind::StillActive), Ok(Outcome::Deleted));
    let expected = [live, deleted, live, deleted, Err(ErrorKind::Server), deleted, deleted];
    assert_eq!(results.iter().map(told).collect::<Vec<_>>(), expected);
    let is_its_own =
        |(id, result): (&RecordId, &Result<Deletion, Error>)| result.as_ref().map_or(true, |of| of.id() == id);
    assert!(ids.iter().zip(&results).all(is_its_own));
    assert_eq!(deleter.calls(), [[2, 4, 6, 7].map(id)]);
    assert_eq!(guard.first_unchecked().unwrap().kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn of_a_batch_that_is_all_live_nothing_is_sent() {
    let reader = Says::of([(1, Ok(Some(Status::new("active")))), (2, Ok(Some(Status::new("active"))))]);
    let deleter = Recorder::default();
    let results = RejectActive::new(&deleter, &reader).delete_batch(&[1, 2].map(id)).await;
    assert!(results.iter().all(|result| told(result) == Err(ErrorKind::StillActive)) && results.len() == 2);
    assert!(deleter.calls().is_empty());
}

#[tokio::test]
async fn a_batch_of_which_too_little_is_told_keeps_each_result_with_its_record() {
    let deleter = Recorder { untold: 1, ..Recorder::default() };
    let reader = Says::of([(3, Ok(Some(Status::new("active"))))]);
    let results = RejectActive::new(&deleter, &reader).delete_batch(&[1, 2, 3].map(id)).await;
    let expected = [Ok(Outcome::Deleted), Err(ErrorKind::UnexpectedResponse), Err(ErrorKind::StillActive)];
    assert_eq!(results.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(results[1].as_ref().unwrap_err().may_have_taken_effect());
}

#[tokio::test]
async fn a_refused_credential_ends_the_looks_of_a_batch() {
    let refused = error_of(401, "").await;
    let reader = Says::of((1..50).map(|number| (number, Err(refused.clone()))));
    let deleter = Recorder::default();
    let ids: Vec<RecordId> = (1..50).map(id).collect();
    let results = RejectActive::new(&deleter, &reader).delete_batch(&ids).await;
    assert_eq!((results.len(), deleter.calls().len()), (49, 0));
    assert_eq!(reader.looks.load(SeqCst), 1);
}

#[tokio::test]
async fn a_guard_speaks_for_its_deleter() {
    let (deleter, reader): (Box<dyn Deleter>, Box<dyn RecordReader>) =
        (Box::new(Recorder::default()), Box::new(Says::default()));
    let guard = RejectActive::new(deleter, reader);
    assert_eq!((guard.vendor().as_str(), guard.max_batch()), ("recorder", 50));
    assert_eq!(guard.parse_id("x").unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(guard.first_unchecked().is_none());
}
