//! A 2xx that the vendor does not document as the success of a delete.

use delete_core::{Delivery, ErrorKind};

use super::Harness;
use crate::{FaultAction, VendorUnderTest};

/// None of these is a success with any status, because the body contradicts it.
const FAILURES: &[&str] = &[
    r#"{"detail":{"status":"x","message":"m"}}"#,
    r#"{"detail":"x"}"#,
    "false",
    r#"{"success":false}"#,
    r#"{"ok":false}"#,
    r#"{"error":"x"}"#,
];

const JSON: &str = "content-type: application/json";

/// A 2xx is a success only with the documented status and body. Any other leaves the effect unknown, and is not sent
/// again.
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
    // A challenge of a firewall, and a status that is in the body.
    assert_unexpected::<S>(FaultAction::status(202, &["x-amzn-waf-action: challenge"], "")).await;
    let multi_status = format!(r#"{{"results":[{{"id":"{}","status":500,"error":"not deleted"}}]}}"#, S::ID);
    assert_unexpected::<S>(FaultAction::status(207, &[JSON], &multi_status)).await;
}

fn success_body<S: VendorUnderTest>() -> &'static str {
    S::SUCCESS.0.split_once("\r\n\r\n").unwrap().1
}

async fn assert_unexpected<S: VendorUnderTest>(action: FaultAction) {
    let told = format!("{action:?}");
    let harness = Harness::<S>::new([action]).await;
    let error = harness.fail().await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::Answered), "{told}");
    assert!(error.may_have_taken_effect(), "{told}");
    assert_eq!(harness.request_count(), 1, "{told}");
}
