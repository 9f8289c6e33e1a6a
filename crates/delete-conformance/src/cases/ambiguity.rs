//! Attempts without a clear response.

use std::time::Duration;

use delete_core::{Deleter, Delivery, ErrorKind, Outcome, RetryPolicy};
use tokio::net::TcpSocket;

use super::{Harness, not_found, success};
use crate::{FaultAction, Setup, VendorUnderTest};

/// The vendor deleted the record, the response was lost, and the retry is not found.
pub async fn a_lost_response_then_not_found_is_gone<S: VendorUnderTest>() {
    for lost in [FaultAction::Close, FaultAction::Reset, FaultAction::RespondAndClose("HTTP/1.1 20".into())] {
        let harness = Harness::<S>::new([lost, not_found::<S>()]);
        let deletion = harness.delete().await.unwrap();
        assert_eq!(deletion.outcome(), Outcome::Gone);
        let deliveries: Vec<_> = deletion.attempts().iter().map(|attempt| attempt.delivery()).collect();
        assert_eq!(deliveries, [Delivery::MaybeDelivered, Delivery::Answered]);
        assert_eq!(harness.request_count(), 2);
    }
}

pub async fn a_lost_response_then_a_success_is_a_success<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([FaultAction::Close, success::<S>()]);
    assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
    assert_eq!(harness.request_count(), 2);
}

/// 408 and 5xx are ambiguous. 429 is not.
pub async fn a_server_error_then_not_found_is_gone<S: VendorUnderTest>() {
    for status in [408, 500, 502, 503, 504] {
        let harness = Harness::<S>::new([FaultAction::status(status, &[], "<html>"), not_found::<S>()]);
        assert_eq!(harness.delete().await.unwrap().outcome(), Outcome::Gone, "{status}");
    }
    let harness = Harness::<S>::new([FaultAction::status(429, &[], "{}"), not_found::<S>()]);
    assert_eq!(harness.fail().await.kind(), ErrorKind::NotFound);
}

pub async fn broken_connections_leave_the_outcome_unknown<S: VendorUnderTest>() {
    for broken in
        [FaultAction::Close, FaultAction::Reset, FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncont".into())]
    {
        let harness = Harness::<S>::new([broken]);
        let error = harness.fail().await;
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert_eq!(error.delivery(), Delivery::MaybeDelivered);
        assert_eq!((error.attempts().len(), harness.request_count()), (4, 4));
        assert!(error.is_retryable() && error.may_have_taken_effect());
        assert!(std::error::Error::source(&error).is_some());
        let seconds: Vec<_> = harness.setup.clock.slept().iter().map(Duration::as_secs_f64).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0]);
    }
}

pub async fn a_stalled_response_times_out_with_the_outcome_unknown<S: VendorUnderTest>() {
    times_out::<S>(FaultAction::Stall(Vec::new())).await;
}

pub async fn stalled_headers_time_out_with_the_outcome_unknown<S: VendorUnderTest>() {
    times_out::<S>(FaultAction::Stall("HTTP/1.1 204 No Content\r\nx-slow: 1".into())).await;
}

/// The status is known, so that the error keeps it.
pub async fn a_stalled_error_body_ends_with_the_attempt<S: VendorUnderTest>() {
    let head = "HTTP/1.1 422 X\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{".into();
    let harness = Harness::<S>::with([FaultAction::Stall(head)], |setup| {
        setup.attempt_timeout = Duration::from_secs(1);
    });
    let error = harness.fail().await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(422)));
    assert_eq!(error.delivery(), Delivery::Answered);
}

async fn times_out<S: VendorUnderTest>(action: FaultAction) {
    let harness = Harness::<S>::with([action], |setup| {
        setup.attempt_timeout = Duration::from_millis(200);
        setup.retry = RetryPolicy::none();
    });
    let error = harness.fail().await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.delivery(), Delivery::MaybeDelivered);
    assert_eq!(error.attempts().len(), 1);
    assert!(error.to_string().contains("0.2 s, the time for an attempt"), "{error}");
}

/// A refused connection is retried.
pub async fn a_refused_connection_means_nothing_was_sent<S: VendorUnderTest>() {
    // Bound, so that no other process gets the port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let client = S::client(S::KEY, &Setup::at(format!("http://127.0.0.1:{port}"))).unwrap();
    let error = client.delete(&client.parse_id(S::ID).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts().len(), 4);
    assert!(error.is_retryable() && !error.may_have_taken_effect());
}

/// The request in flight is the last of the dropped call. The client still works.
pub async fn dropping_a_call_sends_no_more_requests<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([FaultAction::Stall(Vec::new()), success::<S>()]);
    tokio::select! {
        result = harness.delete() => panic!("{result:?}"),
        () = harness.server.arrival() => {}
    }
    assert_eq!(harness.request_count(), 1);
    assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
    assert_eq!(harness.request_count(), 2);
}

/// The vendor received the request. A retry would get the same response.
pub async fn a_response_with_too_many_headers_is_too_large_and_not_retried<S: VendorUnderTest>() {
    let lines: Vec<String> = (0..150).map(|number| format!("x-line-{number}: {number}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let harness = Harness::<S>::new([FaultAction::status(204, &lines, "")]);
    let error = harness.fail().await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
    assert!(error.may_have_taken_effect() && error.to_string().contains("too large"), "{error}");
    assert_eq!(harness.request_count(), 1);
}
