//! `RejectActive`: only records that are over are deleted.

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
struct FixedReader {
    statuses: HashMap<RecordId, Result<Option<Status>, Error>>,
    lookups: AtomicUsize,
}

impl FixedReader {
    fn new(statuses: impl IntoIterator<Item = (u128, Result<Option<Status>, Error>)>) -> Self {
        let statuses = statuses.into_iter().map(|(number, status)| (id(number), status)).collect();
        Self { statuses, lookups: AtomicUsize::default() }
    }
}

#[async_trait]
impl RecordReader for FixedReader {
    fn vendor(&self) -> Vendor {
        Vendor::new("recorder", "Recorder")
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        Err(Error::invalid_input("it does not list"))
    }

    async fn lookup(&self, _: &RecordId) -> Presence {
        Presence::Unknown(Error::invalid_input("it does not look up"))
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        self.lookups.fetch_add(1, SeqCst);
        self.statuses.get(id).cloned().unwrap_or(Ok(None))
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        Err(Error::invalid_input("it does not check"))
    }
}

/// Deletes everything and records each call. It may leave out the last results of a batch.
#[derive(Default)]
struct Recorder {
    calls: Mutex<Vec<Vec<RecordId>>>,
    left_out: usize,
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
        let returned = ids.len() - self.left_out.min(ids.len());
        ids[..returned].iter().map(|id| Ok(Deletion::new(self.vendor(), id.clone(), Outcome::Deleted))).collect()
    }
}

type Brief = Result<Outcome, ErrorKind>;

fn brief(result: &Result<Deletion, Error>) -> Brief {
    result.as_ref().map(Deletion::outcome).map_err(Error::kind)
}

/// The result of deleting record 1 if its lookup has this result; whether its delete was sent; and the kind of
/// `first_unchecked`.
async fn delete_after(lookup: Result<Option<Status>, Error>) -> (Brief, bool, Option<ErrorKind>) {
    let (deleter, reader) = (Recorder::default(), FixedReader::new([(1, lookup)]));
    let checked = RejectActive::new(&deleter, &reader);
    let result = checked.delete(&id(1)).await;
    (brief(&result), !deleter.calls().is_empty(), checked.first_unchecked().map(|error| error.kind()))
}

#[tokio::test]
async fn a_record_that_is_over_is_deleted() {
    assert_eq!(delete_after(Ok(None)).await, (Ok(Outcome::Deleted), true, None));
}

#[tokio::test]
async fn an_active_record_is_rejected_and_nothing_is_sent() {
    for status in [Status::new("active"), Status::new("processing"), Status::new("x")] {
        let kind = Err(ErrorKind::StillActive);
        assert_eq!(delete_after(Ok(Some(status))).await, (kind, false, None));
    }
    let (deleter, reader) = (Recorder::default(), FixedReader::new([(1, Ok(Some(Status::new("paused"))))]));
    let error = RejectActive::new(&deleter, &reader).delete(&id(1)).await.unwrap_err();
    assert_eq!((error.delivery(), error.vendor()), (Delivery::NotSent, Some(deleter.vendor())));
    assert!(error.to_string().contains("paused") && !error.is_retryable() && !error.is_fatal_for_client(), "{error}");
}

#[tokio::test]
async fn the_delete_reports_a_record_that_does_not_exist() {
    let absent = Error::builder(ErrorKind::NotFound, "there is no such record").for_reading().build();
    assert_eq!(delete_after(Err(absent)).await, (Ok(Outcome::Deleted), true, None));
}

#[tokio::test]
async fn a_record_that_may_not_be_read_is_deleted_and_reported() {
    for denied in [missing_scope(), error_of(403, "").await] {
        let kind = denied.kind();
        assert_eq!(delete_after(Err(denied)).await, (Ok(Outcome::Deleted), true, Some(kind)));
    }
}

#[tokio::test]
async fn the_first_record_that_was_not_checked_is_reported() {
    let lookups = [(1, Ok(None)), (2, Err(missing_scope())), (3, Err(error_of(403, "").await))];
    let checked = RejectActive::new(Recorder::default(), FixedReader::new(lookups));
    for number in 1..4 {
        assert!(checked.delete(&id(number)).await.unwrap().outcome().is_success());
    }
    assert_eq!(checked.first_unchecked().unwrap().kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn a_refused_credential_and_a_transient_failure_prevent_the_delete() {
    for (status, kind) in [
        (401, ErrorKind::Unauthenticated),
        (402, ErrorKind::PaymentRequired),
        (408, ErrorKind::Timeout),
        (429, ErrorKind::RateLimited),
        (503, ErrorKind::Server),
    ] {
        assert_eq!(delete_after(Err(error_of(status, "").await)).await, (Err(kind), false, None), "{status}");
    }
    let elsewhere = Err(Error::wrong_target("x"));
    assert_eq!(delete_after(elsewhere).await, (Err(ErrorKind::WrongTarget), false, None));
}

#[tokio::test]
async fn a_lookup_that_is_neither_a_record_nor_a_missing_permission_prevents_the_delete() {
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
        assert_eq!(delete_after(Err(error_of(status, body).await)).await, (Err(kind), false, None), "{status} {body}");
    }
}

#[tokio::test]
async fn the_active_records_of_a_batch_are_rejected_and_the_others_deleted_in_one_call() {
    let active = || Ok(Some(Status::new("active")));
    let failed = error_of(503, "").await;
    let reader = FixedReader::new([(1, active()), (3, active()), (5, Err(failed)), (6, Err(missing_scope()))]);
    let deleter = Recorder::default();
    let checked = RejectActive::new(&deleter, &reader);
    let ids: Vec<RecordId> = (1..8).map(id).collect();
    let results = checked.delete_batch(&ids).await;
    let (active, deleted) = (Err(ErrorKind::StillActive), Ok(Outcome::Deleted));
    let expected = [active, deleted, active, deleted, Err(ErrorKind::Server), deleted, deleted];
    assert_eq!(results.iter().map(brief).collect::<Vec<_>>(), expected);
    let is_its_own =
        |(id, result): (&RecordId, &Result<Deletion, Error>)| result.as_ref().map_or(true, |own| own.id() == id);
    assert!(ids.iter().zip(&results).all(is_its_own));
    assert_eq!(deleter.calls(), [[2, 4, 6, 7].map(id)]);
    assert_eq!(checked.first_unchecked().unwrap().kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn nothing_is_sent_for_a_batch_of_active_records() {
    let reader = FixedReader::new([(1, Ok(Some(Status::new("active")))), (2, Ok(Some(Status::new("active"))))]);
    let deleter = Recorder::default();
    let results = RejectActive::new(&deleter, &reader).delete_batch(&[1, 2].map(id)).await;
    assert!(results.iter().all(|result| brief(result) == Err(ErrorKind::StillActive)) && results.len() == 2);
    assert!(deleter.calls().is_empty());
}

#[tokio::test]
async fn a_batch_with_too_few_results_keeps_each_with_its_record() {
    let deleter = Recorder { left_out: 1, ..Recorder::default() };
    let reader = FixedReader::new([(3, Ok(Some(Status::new("active"))))]);
    let results = RejectActive::new(&deleter, &reader).delete_batch(&[1, 2, 3].map(id)).await;
    let expected = [Ok(Outcome::Deleted), Err(ErrorKind::UnexpectedResponse), Err(ErrorKind::StillActive)];
    assert_eq!(results.iter().map(brief).collect::<Vec<_>>(), expected);
    assert!(results[1].as_ref().unwrap_err().may_have_taken_effect());
}

#[tokio::test]
async fn a_refused_credential_ends_the_lookups_of_a_batch() {
    let refused = error_of(401, "").await;
    let reader = FixedReader::new((1..50).map(|number| (number, Err(refused.clone()))));
    let deleter = Recorder::default();
    let ids: Vec<RecordId> = (1..50).map(id).collect();
    let results = RejectActive::new(&deleter, &reader).delete_batch(&ids).await;
    assert_eq!((results.len(), deleter.calls().len()), (49, 0));
    assert_eq!(reader.lookups.load(SeqCst), 1);
}

#[tokio::test]
async fn vendor_ids_and_batch_size_are_those_of_the_deleter() {
    let (deleter, reader): (Box<dyn Deleter>, Box<dyn RecordReader>) =
        (Box::new(Recorder::default()), Box::new(FixedReader::default()));
    let checked = RejectActive::new(deleter, reader);
    assert_eq!((checked.vendor().as_str(), checked.max_batch()), ("recorder", 50));
    assert_eq!(checked.parse_id("x").unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(checked.first_unchecked().is_none());
}

fn missing_scope() -> Error {
    Error::builder(ErrorKind::MissingScope, "x").build()
}
