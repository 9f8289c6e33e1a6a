//! 404 and 400 that do not come from the vendor's API, but from a gateway, a framework or a wrong base URL.

use delete_core::{Delivery, ErrorKind, Filter, Presence, RecordReader};

use super::Harness;
use crate::{FaultAction, VendorUnderTest};

/// Bodies of gateways and frameworks for an unknown route.
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

fn bare_errors() -> impl Iterator<Item = (u16, &'static str, FaultAction)> {
    [400, 404].into_iter().flat_map(|status| {
        BODIES.iter().map(move |body| {
            let content_type = match body.starts_with('<') {
                true => "content-type: text/html",
                false => "content-type: application/json",
            };
            (status, *body, FaultAction::status(status, &[content_type], body))
        })
    })
}

/// After an ambiguous attempt the outcome stays unknown. On the first attempt the error has the status.
pub async fn a_bare_404_or_400_never_proves_that_a_record_is_gone<S: VendorUnderTest>() {
    for (status, body, bare) in bare_errors() {
        let harness = Harness::<S>::new([FaultAction::status(503, &[], ""), bare.clone()]);
        let error = harness.fail().await;
        assert_eq!(error.delivery(), Delivery::MaybeDelivered, "{status} {body}: {error}");
        assert_ne!(error.kind(), ErrorKind::NotFound, "{status} {body}: {error}");
        assert!(error.may_have_taken_effect(), "{status} {body}: {error}");
        assert_eq!(harness.request_count(), 2);

        let first = Harness::<S>::new([bare]).fail().await;
        assert_eq!(first.status(), Some(status), "{body}: {first}");
    }
}

pub async fn a_bare_404_or_400_never_proves_absence<S: VendorUnderTest>() {
    for (status, body, bare) in bare_errors() {
        let presence = Harness::<S>::new([bare]).lookup().await;
        assert!(matches!(presence, Presence::Unknown(_)), "{presence:?} after {status} {body}");
    }
}

/// Nor is it an empty list.
pub async fn an_error_body_with_status_200_is_neither_present_nor_absent<S: VendorUnderTest>() {
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
        let harness = Harness::<S>::new([FaultAction::status(200, &[], &body)]);
        let presence = harness.lookup().await;
        assert!(matches!(presence, Presence::Unknown(_)), "{presence:?} after {body}");
        let mut listing = S::reader(&harness.client).list(&Filter::new()).unwrap();
        assert!(matches!(listing.next().await, Some(Err(_))), "{body}");
        assert!(!listing.is_complete());
    }
}
