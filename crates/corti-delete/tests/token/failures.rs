//! Refused tokens, and token endpoints that fail.

use std::sync::Mutex;

use corti_delete::http::Method;
use corti_delete::testing::response;
use corti_delete::{Delivery, ErrorKind, Outcome};

use crate::vendor::{Vendor, fresh};

#[tokio::test]
async fn many_at_once_share_one_refusal() {
    let refusal = r#"{"error":"unauthorized_client","error_description":"Invalid client secret s3cret"}"#;
    let vendor = Vendor::new(move |_| response(401, refusal), |_| response(204, ""));
    for result in futures_util::future::join_all((0..20).map(|_| vendor.delete())).await {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::NotSent));
        assert_eq!((error.status(), error.vendor_code()), (Some(401), Some("unauthorized_client")));
        assert!(error.is_credential_refused());
        assert!(!format!("{error}{error:?}").contains("s3cret"), "{error}");
    }
    assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 0));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    for (status, body) in [(401, ""), (403, r#"{"type":"x#A0004"}"#), (403, r#"{"type":"x#A0005"}"#)] {
        let refuse = move || response(status, body);
        let vendor = Vendor::new(
            |number| fresh(number, 300),
            move |token| if token == "Bearer token1" { refuse() } else { response(204, "") },
        );
        assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
        assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (2, 2));

        let vendor = Vendor::new(|number| fresh(number, 300), move |_| refuse());
        let error = vendor.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::Answered));
        assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (2, 2));
    }
}

#[tokio::test]
async fn many_refused_at_once_renew_one_token() {
    let vendor = Vendor::new(
        |number| fresh(number, 300),
        |token| response(if token == "Bearer token1" { 401 } else { 204 }, ""),
    );
    let outcomes = futures_util::future::join_all((0..20).map(|_| vendor.delete())).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap() == Outcome::Deleted));
    assert_eq!(vendor.count(Method::POST), 2);
}

#[tokio::test]
async fn a_forbidden_record_renews_nothing() {
    let vendor = Vendor::new(|n| fresh(n, 300), |_| response(403, r#"{"type":"x#A0001"}"#));
    assert_eq!(vendor.delete().await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 1));
}

#[tokio::test]
async fn a_failed_renewal_after_an_ambiguous_attempt_leaves_the_outcome_unknown() {
    let statuses = Mutex::new(vec![401, 504]);
    let vendor = Vendor::new(
        |number| {
            if number == 1 { fresh(1, 300) } else { response(401, r#"{"error":"invalid_client"}"#) }
        },
        move |_| response(statuses.lock().unwrap().pop().unwrap(), ""),
    );
    let error = vendor.delete().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::MaybeDelivered));
    assert_eq!(error.attempts().len(), 2);
}

#[tokio::test]
async fn a_failing_token_endpoint_is_retried_and_only_a_token_is_accepted() {
    let vendor =
        Vendor::new(|number| if number < 3 { response(503, "") } else { fresh(number, 300) }, |_| response(204, ""));
    assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
    assert_eq!(vendor.count(Method::POST), 3);

    for body in [
        "",
        "{}",
        "<html>",
        r#"{"access_token":""}"#,
        r#"{"access_token":"a b"}"#,
        r#"{"access_token":"x","token_type":"mac"}"#,
    ] {
        let vendor = Vendor::new(move |_| response(200, body), |_| response(204, ""));
        let error = vendor.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::NotSent), "{body}");
        assert!(!error.may_have_taken_effect());
        assert_eq!(vendor.count(Method::DELETE), 0);
    }
}

#[tokio::test]
async fn a_refusal_of_the_token_endpoint_is_fatal_and_no_delete_is_sent() {
    for (status, body, kind) in [
        (400, r#"{"error":"invalid_client"}"#, ErrorKind::Unauthenticated),
        (401, "", ErrorKind::Unauthenticated),
        (403, "", ErrorKind::Unauthenticated),
        (404, r#"{"error":"Realm does not exist"}"#, ErrorKind::Unauthenticated),
        (404, "<html>", ErrorKind::UnexpectedResponse),
        (400, r#"{"error":"bad_request"}"#, ErrorKind::Rejected),
        (200, "<html>", ErrorKind::UnexpectedResponse),
    ] {
        let vendor = Vendor::new(move |_| response(status, body), |_| response(204, ""));
        let error = vendor.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{status} {body}");
        assert!(error.is_fatal_for_client() && !error.may_have_taken_effect());
        assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 0));
    }
    let vendor = Vendor::new(|_| response(503, ""), |_| response(204, ""));
    assert!(!vendor.delete().await.unwrap_err().is_fatal_for_client());
}
