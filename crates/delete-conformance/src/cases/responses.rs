//! The results of responses.

use delete_core::{Deleter, Delivery, ErrorKind, RetryPolicy};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::{Harness, not_found, success};
use crate::{FaultAction, VendorUnderTest};

/// The request is compared byte for byte.
pub async fn a_success_has_the_documented_request_and_outcome<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([success::<S>()]);
    let deletion = harness.delete().await.unwrap();
    assert_eq!(deletion.outcome(), S::SUCCESS.1);
    assert_eq!(deletion.id().to_string(), S::ID);
    assert_eq!(deletion.vendor(), harness.client.vendor());
    assert_eq!(deletion.attempts().len(), 1);

    assert_eq!(harness.server.requests_without_host(), [S::REQUEST]);
}

/// A wrong tenant, region or key looks the same.
pub async fn a_success_that_arrives_byte_by_byte_is_a_success<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([FaultAction::RespondInPieces(S::SUCCESS.0.into())]);
    assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
    assert_eq!(harness.request_count(), 1);
}

pub async fn not_found_on_the_first_attempt_is_an_error<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([not_found::<S>()]);
    let error = harness.fail().await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert!(!error.is_retryable() && !error.may_have_taken_effect());
    assert_eq!(harness.request_count(), 1);
}

/// A login page or a captive portal, with any content type.
pub async fn an_html_page_with_status_200_is_an_error<S: VendorUnderTest>() {
    for content_type in ["text/html", "application/json", "text/plain"] {
        for status in [200, 202] {
            let header = format!("content-type: {content_type}");
            let page = FaultAction::status(status, &[&header], "<!doctype html><title>Sign in</title>");
            let harness = Harness::<S>::new([page]);
            let error = harness.fail().await;
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
            assert_eq!(error.status(), Some(status));
            assert!(error.may_have_taken_effect());
            assert_eq!(harness.request_count(), 1);
        }
    }
}

/// The beginning cannot be that of JSON, whether the rest was lost or too long.
pub async fn a_truncated_page_with_status_200_is_an_error<S: VendorUnderTest>() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100000\r\n\r\n";
    for page in ["Sign in", "\u{feff}<!doctype html>", "<html>", "GIF89a"] {
        for broken in [
            FaultAction::RespondAndClose(format!("{head}{page}").into()),
            FaultAction::RespondEndlessly(format!("{head}{page}").into()),
        ] {
            let harness = Harness::<S>::new([broken]);
            assert_eq!(harness.fail().await.kind(), ErrorKind::UnexpectedResponse, "{page}");
            assert_eq!(harness.request_count(), 1);
        }
    }
}

/// With an empty body only 200 and 204 can be a success.
pub async fn every_status_is_kept_and_only_transient_ones_are_retried<S: VendorUnderTest>() {
    let tries = |status| if matches!(status, 408 | 429 | 500 | 502 | 503 | 504) { 4 } else { 1 };
    let actions = (200..600).flat_map(|status| vec![FaultAction::status(status, &[], ""); tries(status)]);
    let harness = Harness::<S>::new(actions);
    let mut sent = 0;
    for status in 200..600 {
        match harness.delete().await {
            Ok(deletion) => {
                assert!(matches!(status, 200 | 204), "{status} reported as {}", deletion.outcome());
                assert_eq!(deletion.status(), Some(status));
            }
            Err(error) => {
                assert_eq!(error.status(), Some(status));
                let ambiguous = status == 408 || status >= 500;
                assert_eq!(error.delivery() == Delivery::MaybeDelivered, ambiguous, "{status}: {error}");
            }
        }
        sent += tries(status);
        assert_eq!(harness.request_count(), sent, "{status}");
    }
}

pub async fn error_bodies_of_any_kind_keep_the_status<S: VendorUnderTest>() {
    let deep = "[".repeat(10_000);
    let bodies = [
        "",
        "null",
        "0",
        "[]",
        "{}",
        "\"text\"",
        "[[1]]",
        "{\"detail\":0,\"message\":[0],\"error\":{},\"type\":7}",
        "{\"detail\":[{\"loc\":0}]}",
        "{\"detail\":{\"code\":[]}}",
        "<html>busy</html>",
        "\u{1}\u{fffd}",
        "{\"a",
        &deep,
    ];
    let statuses = [400, 401, 403, 404, 406, 409, 418, 422, 500, 503];
    let responses: Vec<_> = statuses.iter().flat_map(|status| bodies.map(|body| (*status, body))).collect();
    let actions = responses.iter().map(|(status, body)| FaultAction::status(*status, &[], body));
    let harness = Harness::<S>::with(actions, |setup| setup.retry = RetryPolicy::none());
    for (status, body) in responses {
        assert_eq!(harness.fail().await.status(), Some(status), "{body:?}");
    }
}

/// The message of the error stays short and on one line.
pub async fn error_bodies_of_any_bytes_keep_the_status_and_stay_bounded<S: VendorUnderTest>() {
    let texts = proptest::collection::vec(proptest::prelude::any::<char>(), 0..2000);
    let mut runner = TestRunner::deterministic();
    let mut body = |round| {
        let text: String = texts.new_tree(&mut runner).unwrap().current().into_iter().collect();
        let escaped = text.escape_default();
        match round % 4 {
            0 => text,
            1 => format!("{{\"detail\":{{\"code\":\"{escaped}\",\"message\":\"{escaped}\"}}}}"),
            2 => format!("{{\"message\":\"{}\",\"error\":\"{}\"}}", "m".repeat(9_000), "e".repeat(9_000)),
            _ => format!("{{\"requestid\":\"{0}\",\"type\":\"{0}A0001\",\"detail\":\"{0}\"}}", "r".repeat(9_000)),
        }
    };
    let actions: Vec<_> = (0..100).map(|round| FaultAction::status(400 + round, &[], &body(round))).collect();
    let harness = Harness::<S>::with(actions, |setup| setup.retry = RetryPolicy::none());
    for round in 0..100 {
        let error = harness.fail().await;
        assert_eq!(error.status(), Some(400 + round));
        let shown = error.to_string();
        assert!(shown.chars().count() < 3000, "{} characters", shown.chars().count());
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
}

pub async fn an_endless_body_is_read_up_to_a_limit<S: VendorUnderTest>() {
    for status in [400, 500] {
        let head = format!("HTTP/1.1 {status} X\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n");
        let harness = Harness::<S>::with([FaultAction::RespondEndlessly(head.into())], |setup| {
            setup.retry = RetryPolicy::none();
        });
        assert_eq!(harness.fail().await.status(), Some(status));
    }
    let page = "HTTP/1.1 200 X\r\ncontent-type: text/html\r\ncontent-length: 10485760\r\n\r\n<html>";
    let harness = Harness::<S>::new([FaultAction::RespondEndlessly(page.into())]);
    assert_eq!(harness.fail().await.kind(), ErrorKind::UnexpectedResponse);
}
