//! The JSON of the results: its keys, types and words, and that it reads back.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime};

use delete_core::http::{HeaderMap, HeaderValue};
use delete_core::{
    Attempt, BatchDeletion, ConversationId, Deletion, Delivery, ErasureMode, Error, ErrorKind, Outcome, Presence,
    RecordId, RecordMeta, RecordUuid, Status, Vendor,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

// A vendor that was read is displayed by its name for machines.
const EXAMPLE: Vendor = Vendor::new("example", "example");

const DELIVERIES: [Delivery; 3] = [Delivery::NotSent, Delivery::MaybeDelivered, Delivery::Answered];
const OUTCOMES: [Outcome; 4] = [Outcome::Deleted, Outcome::Acknowledged, Outcome::Gone, Outcome::Unresolved];
const KINDS: [ErrorKind; 19] = [
    ErrorKind::InvalidInput,
    ErrorKind::Configuration,
    ErrorKind::WrongTarget,
    ErrorKind::ClockSkew,
    ErrorKind::StillActive,
    ErrorKind::Unauthenticated,
    ErrorKind::MissingScope,
    ErrorKind::Forbidden,
    ErrorKind::PaymentRequired,
    ErrorKind::NotFound,
    ErrorKind::Rejected,
    ErrorKind::RateLimited,
    ErrorKind::Timeout,
    ErrorKind::Connect,
    ErrorKind::Tls,
    ErrorKind::Connection,
    ErrorKind::Server,
    ErrorKind::Interrupted,
    ErrorKind::UnexpectedResponse,
];

fn write(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn read<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_867_200)
}

fn attempts() -> Vec<Attempt> {
    vec![
        Attempt::new(noon(), Duration::from_micros(1500), Delivery::MaybeDelivered),
        Attempt::new(noon() + Duration::from_millis(500), Duration::ZERO, Delivery::Answered).with_status(204),
    ]
}

fn headers() -> HeaderMap {
    let values = [("sunset", "a"), ("sunset", "b")];
    values.into_iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

fn full_deletion() -> Deletion {
    Deletion::new(EXAMPLE, Uuid::nil(), Outcome::Gone)
        .with_erasure_mode(ErasureMode::Hard)
        .with_request_id("r-1")
        .with_endpoint("https://example.com/records")
        .with_attempts(attempts())
        .with_headers(headers())
}

fn full_error() -> Error {
    Error::builder(ErrorKind::Server, "the vendor failed")
        .vendor(EXAMPLE)
        .status(503)
        .vendor_code("A1")
        .request_id("r-1")
        .retry_after(Duration::from_secs(3))
        .retryable(true)
        .attempts(attempts())
        .headers(headers())
        .source(std::io::Error::other("reset by peer"))
        .build()
}

/// Requests, as JSON.
fn requests() -> Value {
    json!([
        {"started_at": "2026-11-28T12:00:00Z", "duration_ms": 1.5, "delivery": "maybe_delivered", "status": null},
        {"started_at": "2026-11-28T12:00:00.5Z", "duration_ms": 0.0, "delivery": "answered", "status": 204},
    ])
}

#[test]
fn a_deletion_has_these_fields() {
    let expected = json!({
        "vendor": "example", "id": "00000000-0000-0000-0000-000000000000", "outcome": "gone", "mode": "hard",
        "attempts": 2, "status": 204, "request_id": "r-1", "endpoint": "https://example.com/records",
        "body_incomplete": false, "headers": {"sunset": ["a", "b"]}, "requests": requests(),
    });
    assert_eq!(write(&full_deletion()), expected);
    assert_eq!(read::<Deletion>(expected), full_deletion());

    let id = ConversationId::new("c1").unwrap();
    let bare = Deletion::new(EXAMPLE, id, Outcome::Deleted);
    let expected = json!({
        "vendor": "example", "id": "c1", "outcome": "deleted", "mode": null, "attempts": 0, "status": null,
        "request_id": null, "endpoint": null, "body_incomplete": false, "headers": {}, "requests": [],
    });
    assert_eq!(write(&bare), expected);
    assert_eq!(read::<Deletion>(json!({"vendor": "example", "id": "c1", "outcome": "deleted", "new": 1})), bare);
}

#[test]
fn the_longest_times_and_durations_read_back() {
    let attempt = Attempt::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 60), Duration::MAX, Delivery::NotSent);
    let error = Error::builder(ErrorKind::RateLimited, "x").retry_after(Duration::MAX).attempts([attempt]).build();
    let read = read::<Error>(write(&error));
    assert_eq!((write(&read), read.attempts().len()), (write(&error), 1));
    assert!(read.retry_after() > Some(Duration::from_secs(500 * 365 * 24 * 60 * 60)));
}

#[test]
fn a_batch_is_the_list_of_its_results() {
    let batch = BatchDeletion::new([full_deletion()]);
    let expected = json!([write(&full_deletion())]);
    assert_eq!(write(&batch), expected);
    assert_eq!(read::<BatchDeletion>(expected), batch);
}

#[test]
fn an_error_has_these_fields() {
    let expected = json!({
        "kind": "server", "delivery": "maybe_delivered", "message": "the vendor failed", "cause": "reset by peer",
        "vendor": "example", "status": 503, "vendor_code": "A1", "request_id": "r-1", "retry_after_ms": 3000.0,
        "retryable": true, "operation": "delete", "stage": "request", "without_token": false, "attempts": 2,
        "headers": {"sunset": ["a", "b"]}, "requests": requests(),
    });
    assert_eq!(write(&full_error()), expected);
    assert_same(&read(expected), &full_error());

    let types = |error: &Error| {
        let json = write(error);
        let fields = json.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        fields.map(|(name, value)| (name.clone(), std::mem::discriminant(value))).collect::<Vec<_>>()
    };
    let all = types(&full_error());
    for kind in KINDS {
        let error = Error::builder(kind, "x").for_reading().build();
        assert!(types(&error).iter().all(|field| all.contains(field)), "{error:?}");
        assert_same(&read(write(&error)), &error);
    }
    let least = json!({"kind": "not_found", "delivery": "answered", "message": "x"});
    assert_eq!(read::<Error>(least).kind(), ErrorKind::NotFound);
}

/// `Debug` shows the source, which comes back as text.
fn assert_same(one: &Error, other: &Error) {
    assert_eq!((one.to_string(), one.attempts()), (other.to_string(), other.attempts()));
    assert_eq!((one.kind(), one.delivery(), one.message()), (other.kind(), other.delivery(), other.message()));
    assert_eq!((one.status(), one.vendor_code()), (other.status(), other.vendor_code()));
    assert_eq!((one.request_id(), one.retry_after()), (other.request_id(), other.retry_after()));
    assert_eq!((one.vendor(), one.headers()), (other.vendor(), other.headers()));
    assert_eq!(one.may_have_taken_effect(), other.may_have_taken_effect());
    assert_eq!((one.is_retryable(), one.is_fatal_for_client()), (other.is_retryable(), other.is_fatal_for_client()));
}

#[test]
fn a_listed_record_has_these_fields() {
    let record = RecordMeta::new(ConversationId::new("c1").unwrap());
    let full = record.clone().with_created_at(Some(noon())).with_status(Some(Status::new("ended")));
    let expected = json!({"id": "c1", "created_at": "2026-11-28T12:00:00Z", "updated_at": null, "status": "ended"});
    assert_eq!(write(&full), expected);
    assert_eq!(read::<RecordMeta>(expected), full);
    assert_eq!(read::<RecordMeta>(json!({"id": "c1"})), record);
    assert_eq!(read::<Status>(json!("a name, a number")).as_str(), "unreadable");
}

#[test]
fn a_presence_has_these_fields() {
    let seen = Presence::present(Some(Status::new("ended"))).with_listed_since(Some(noon()));
    for (presence, status, listed_since) in [
        (Presence::Absent, json!(null), json!(null)),
        (Presence::present(None), json!(null), json!(null)),
        (seen, json!("ended"), json!("2026-11-28T12:00:00Z")),
    ] {
        let expected =
            json!({"state": presence.as_str(), "status": status, "listed_since": listed_since, "error": null});
        assert_eq!(write(&presence), expected);
        assert_eq!(write(&read::<Presence>(expected.clone())), expected);
    }
    let unknown = write(&Presence::Unknown(full_error()));
    assert_eq!((&unknown["state"], &unknown["error"]), (&json!("unknown"), &write(&full_error())));
    assert_eq!(write(&read::<Presence>(unknown.clone())), unknown);
    assert!(serde_json::from_value::<Presence>(json!({"state": "unknown"})).is_err());
}

#[test]
fn words_are_those_for_machines() {
    fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, word: &str) {
        assert_eq!(write(&value), json!(word));
        assert_eq!(read::<T>(json!(word)), value);
        assert!(serde_json::from_value::<T>(json!("other")).is_err());
    }
    OUTCOMES.into_iter().for_each(|outcome| check(outcome, outcome.as_str()));
    DELIVERIES.into_iter().for_each(|delivery| check(delivery, delivery.as_str()));
    KINDS.into_iter().for_each(|kind| check(kind, kind.as_str()));
    [ErasureMode::Hard, ErasureMode::Soft].into_iter().for_each(|mode| check(mode, mode.as_str()));
}

#[test]
fn an_id_reads_back_in_its_form() {
    let uuid = RecordId::from(Uuid::from_u128(7));
    let opaque = |id: &str| RecordId::from(ConversationId::new(id).unwrap());
    for id in [uuid, opaque("c1"), opaque("F47AC10B-58CC-4372-A567-0E02B2C3D479")] {
        assert_eq!(read::<RecordId>(write(&id)), id);
    }
    let uuid = RecordUuid::from(Uuid::from_u128(7));
    assert_eq!((write(&uuid), read::<RecordUuid>(write(&uuid))), (json!(uuid.to_string()), uuid));
    assert!(serde_json::from_value::<RecordUuid>(json!("c1")).is_err());
    assert!(serde_json::from_value::<RecordId>(json!("../agents/x")).is_err());
    assert!(serde_json::from_value::<ConversationId>(json!("..")).is_err());
}

#[test]
fn a_vendor_reads_back_and_cannot_fill_the_memory() {
    assert_eq!(read::<Vendor>(write(&EXAMPLE)), EXAMPLE);
    for name in ["", "Example", "a b", &"x".repeat(33)] {
        assert!(serde_json::from_value::<Vendor>(json!(name)).is_err(), "{name:?}");
    }
    let read = (0..100).filter(|n| serde_json::from_value::<Vendor>(json!(format!("v{n}"))).is_ok()).count();
    assert!((40..=64).contains(&read), "{read} names were kept");
    assert!(serde_json::from_value::<Vendor>(json!("v0")).is_ok());
}

#[test]
fn what_is_not_a_time_a_duration_or_a_header_is_refused() {
    for (field, bad) in [("started_at", json!("noon")), ("duration_ms", json!(-1)), ("duration_ms", json!(1e300))] {
        let mut attempt = requests()[0].clone();
        attempt[field] = bad;
        assert!(serde_json::from_value::<Attempt>(attempt).is_err(), "{field}");
    }
    let mut deletion = write(&full_deletion());
    deletion["headers"] = json!({"a b": ["x"]});
    assert!(serde_json::from_value::<Deletion>(deletion).is_err());
}

proptest! {
    #[test]
    fn every_attempt_reads_back(
        seconds in 0..4_000_000_000_u64,
        nanos in 0..1_000_000_000_u32,
        took in 0..86_400_000_000_000_u64,
        delivery in prop::sample::select(&DELIVERIES[..]),
        status in prop::option::of(100..600_u16),
    ) {
        let started_at = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
        let attempt = Attempt::new(started_at, Duration::from_nanos(took), delivery);
        let attempt = status.map_or(attempt.clone(), |status| attempt.with_status(status));
        let json = serde_json::to_string(&attempt).unwrap();
        prop_assert_eq!(serde_json::from_str::<Attempt>(&json).unwrap(), attempt);
    }
}
