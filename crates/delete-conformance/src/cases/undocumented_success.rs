//! A 2xx that the vendor does not document as the success of a delete.

use delete_core::{Delivery, ErrorKind};

use super::Harness;
use crate::{FaultAction, VendorUnderTest};

/// Bodies that contradict a success.
const FAILURES: &[&str] = &[
    r#"{"detail":{"status":"x","message":"m"}}"#,
    r#"{"detail":"x"}"#,
    "false",
    r#"{"success":false}"#,
    r#"{"ok":false}"#,
    r#"{"error":"x"}"#,
];

const JSON: &str = "content-type: application/json";

/// The outcome is unknown, and the request is not retried.
pub async fn an_undocumented_2xx_is_an_error<S: VendorUnderTest>() {
    for status in [200, 201, 202, 203, 206, 207, 208, 226] {
        for body in FAILURES {
            assert_unexpected::<S>(FaultAction::status(status, &[JSON], body)).await;
        }
    }
    for status in [201, 202, 203, 206, 207, 208, 226] {
        for body in ["", "{}", "null", success_body::<S>()] {
            assert_unexpected::<S>(FaultAction::status(status, &[JSON], body)).await;
        }
    }
    // A challenge of a firewall, and a response whose status is in the body.
    assert_unexpected::<S>(FaultAction::status(202, &["x-amzn-waf-action: challenge"], "")).await;
    let multi_status = format!(r#"{{"results":[{{"id":"{}","status":500,"error":"not deleted"}}]}}"#, S::ID);
    assert_unexpected::<S>(FaultAction::status(207, &[JSON], &multi_status)).await;
}

fn success_body<S: VendorUnderTest>() -> &'static str {
    S::SUCCESS.0.split_once("\r\n\r\n").unwrap().1
}

async fn assert_unexpected<S: VendorUnderTest>(action: FaultAction) {
    let name = format!("{action:?}");
    let harness = Harness::<S>::new([action]);
    let error = harness.fail().await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::Answered), "{name}");
    assert!(error.may_have_taken_effect(), "{name}");
    assert_eq!(harness.request_count(), 1, "{name}");
}
