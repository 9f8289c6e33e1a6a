//! A 404 or 400 that is not the vendor's own: a gateway, a framework or a wrong base URL answers so for any record.

use delete_core::{Delivery, ErrorKind, Filter, Presence, RecordReader};

use super::Stage;
use crate::{Behaviour, Subject};

/// What gateways and frameworks answer for a route that they do not know.
const BODIES: &[&str] = &[
    "",
    "{}",
    "null",
    "[]",
    // Kong
    r#"{"message":"no Route matched with those values"}"#,
    // AWS API Gateway
    r#"{"message":"Not Found"}"#,
    r#"{"message":"Missing Authentication Token"}"#,
    // NestJS
    r#"{"statusCode":404,"message":"Cannot DELETE /v2/conversations/x","error":"Not Found"}"#,
    // Spring
    r#"{"timestamp":"2026-01-01T00:00:00Z","status":404,"error":"Not Found","path":"/v2/conversations/x"}"#,
    // FastAPI
    r#"{"detail":"Not Found"}"#,
    "<!doctype html><title>404 Not Found</title>",
];

fn bare_errors() -> impl Iterator<Item = (u16, &'static str, Behaviour)> {
    [400, 404].into_iter().flat_map(|status| {
        BODIES.iter().map(move |body| {
            let content_type = match body.starts_with('<') {
                true => "content-type: text/html",
                false => "content-type: application/json",
            };
            (status, *body, Behaviour::status(status, &[content_type], body))
        })
    })
}

/// After an attempt that may have deleted the record, a bare error leaves that unknown. On the first attempt it is a
/// failure.
pub async fn a_bare_404_or_400_never_proves_that_a_record_is_gone<S: Subject>() {
    for (status, body, bare) in bare_errors() {
        let stage = Stage::<S>::new([Behaviour::status(503, &[], ""), bare.clone()]).await;
        let error = stage.fail().await;
        assert_eq!(error.delivery(), Delivery::MaybeDelivered, "{status} {body}: {error}");
        assert_ne!(error.kind(), ErrorKind::NotFound, "{status} {body}: {error}");
        assert!(error.may_have_taken_effect(), "{status} {body}: {error}");
        assert_eq!(stage.sent(), 2);

        let first = Stage::<S>::new([bare]).await.fail().await;
        assert_eq!(first.status(), Some(status), "{body}: {first}");
    }
}

/// A lookup that gets nothing but a bare error says nothing of the record.
pub async fn a_bare_404_or_400_never_proves_absence<S: Subject>() {
    for (status, body, bare) in bare_errors() {
        let presence = Stage::<S>::new([bare]).await.look().await;
        assert!(matches!(presence, Presence::Unknown(_)), "{presence:?} after {status} {body}");
    }
}

/// A 200 that says that something failed shows no record and no absence, and is not an empty list.
pub async fn an_error_in_a_read_with_status_200_proves_nothing<S: Subject>() {
    let within = |field: &str| S::PRESENT.replacen('{', &format!("{{{field},"), 1);
    let bodies = [
        r#"{"error":"x"}"#.to_owned(),
        r#"{"detail":"x"}"#.to_owned(),
        r#"{"success":false}"#.to_owned(),
        r#"{"statusCode":503,"message":"x"}"#.to_owned(),
        "false".to_owned(),
        within(r#""error":"index unavailable""#),
        within(r#""success":false"#),
        within(r#""statusCode":503"#),
        within(r#""errors":[{"message":"x"}]"#),
    ];
    for body in bodies {
        let stage = Stage::<S>::new([Behaviour::status(200, &[], &body)]).await;
        let presence = stage.look().await;
        assert!(matches!(presence, Presence::Unknown(_)), "{presence:?} after {body}");
        let mut listing = S::reader(&stage.client).list(&Filter::new()).unwrap();
        assert!(matches!(listing.next().await, Some(Err(_))), "{body}");
        assert!(!listing.is_complete());
    }
}
