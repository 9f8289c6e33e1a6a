//! Keys, ids and server text that must not reach another host, a log or a terminal.

use std::error::Error as _;

use delete_core::{Deleter, Delivery, Error, ErrorKind, RecordId, RetryPolicy};

use super::{Harness, success};
use crate::{CapturedLog, FaultAction, FaultServer, Setup, VendorUnderTest};

/// The error names at most the origin of the target.
pub async fn redirects_are_not_followed<S: VendorUnderTest>() {
    let other = FaultServer::start([success::<S>()]);
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let location = format!("location: {}/elsewhere?token=t0ken", other.url());
        let harness = Harness::<S>::new([FaultAction::status(status, &[&location], "<html>moved</html>")]);
        let error = harness.fail().await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert_eq!(error.status(), Some(status));
        assert!(!error.to_string().contains("t0ken") && !error.to_string().contains("elsewhere"), "{error}");
        assert_eq!(harness.request_count(), 1);

        let harness = Harness::<S>::new([FaultAction::status(status, &["location: /elsewhere"], "")]);
        assert_eq!(harness.fail().await.kind(), ErrorKind::UnexpectedResponse);
        assert_eq!(harness.request_count(), 1);
    }
    assert_eq!(other.requests(), Vec::<String>::new());
}

pub async fn hostile_ids_are_never_sent<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([success::<S>()]);
    let id = S::ID;
    let hostile = [
        "",
        ".",
        "..",
        "/",
        "%2e%2e",
        "%2E.",
        "..%2f",
        "\u{0}",
        "\n",
        "\u{202e}",
        "🕛",
        &format!("{id}/"),
        &format!("/{id}"),
        &format!("{id}/../x"),
        &format!("../agents/{id}"),
        &format!("{id}?hard=true"),
        &format!("{id}#x"),
        &format!("{id}%00"),
        &format!("{id}\n"),
        &format!("{id}\r"),
        &format!("\t{id}"),
        &format!("{id} "),
        &format!(" {id}"),
        &format!("{id};x"),
        &format!("{id}\\x"),
        &format!("{id}{}", "x".repeat(300)),
    ];
    for text in hostile {
        let error = harness.client.parse_id(text).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{text:?}");
    }
    let foreign: RecordId = match RecordId::parse_uuid(S::FOREIGN_ID) {
        Ok(id) => id,
        Err(_) => S::FOREIGN_ID.parse::<delete_core::ConversationId>().unwrap().into(),
    };
    assert_eq!(harness.client.delete(&foreign).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let results = harness.client.delete_batch(std::slice::from_ref(&foreign)).await;
    assert_eq!(results[0].as_ref().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(harness.request_count(), 0);
}

pub async fn unusable_keys_are_rejected_and_not_shown<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([success::<S>()]);
    for key in ["", " ", "h1dden\n", "h1dden\r\nx-evil: 1", " h1dden", "\u{200b}h1dden", "h1dden\u{e9}", "h1\0dden"] {
        let error = S::client(key, &harness.setup).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent), "{key:?}");
        assert!(!format!("{error} {error:?}").contains("dden"));
    }
    assert_eq!(harness.request_count(), 0);
}

/// The server echoes the key in every field and header.
pub async fn no_output_shows_a_secret<S: VendorUnderTest>() {
    let log = CapturedLog::start();
    let key = S::KEY;
    let echo = format!(
        "{{\"detail\":{{\"code\":\"{key}\",\"status\":\"{key}\",\"message\":\"{key}\",\"request_id\":\"{key}\"}},\
         \"message\":\"bad key {key}\",\"error\":\"{key}\",\"requestid\":\"{key}\",\"type\":\"{key}\"}}"
    );
    let headers = [format!("request-id: {key}"), format!("location: https://{key}.example/{key}")];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut shown = String::new();
    for action in [
        success::<S>(),
        FaultAction::status(200, &headers, &echo),
        FaultAction::status(302, &headers, &echo),
        FaultAction::status(400, &headers, &echo),
        FaultAction::status(401, &headers, &echo),
        FaultAction::status(404, &headers, &echo),
        FaultAction::status(500, &headers, &echo),
        FaultAction::Close,
    ] {
        let harness = Harness::<S>::with([action], |setup| setup.retry = RetryPolicy::none());
        shown += &format!("{:?} {:?}", harness.client, harness.setup);
        match harness.delete().await {
            Ok(deletion) => shown += &format!("{deletion:?}"),
            Err(error) => shown += &everything_shown(&error),
        }
    }
    let unreachable = Setup::at("http://127.0.0.1:1");
    let builder = S::builder(key, &unreachable).unwrap();
    shown += &format!("{builder:?} {builder:#?}");
    let client = S::client(key, &unreachable).unwrap();
    shown += &everything_shown(&client.delete(&client.parse_id(S::ID).unwrap()).await.unwrap_err());

    let log = log.text();
    assert!(log.contains("request ended") && log.contains("status=500"), "the log was not captured: {log}");
    for (text, what) in [(&shown, "output"), (&log, "log")] {
        let text = text.to_lowercase();
        assert!(!text.contains(&key.to_lowercase()), "the key is in the {what}: {text}");
    }
}

pub(super) fn everything_shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?} {:?} {:?}", error.vendor_code(), error.request_id());
    let mut cause = error.source();
    while let Some(error) = cause {
        shown += &format!(" {error} {error:?}");
        cause = error.source();
    }
    shown
}

pub async fn control_characters_from_a_server_are_escaped<S: VendorUnderTest>() {
    let evil = r"\u001b[2J\u202e\r\nFAKE";
    let body = format!(
        "{{\"detail\":{{\"code\":\"{evil}\",\"message\":\"{evil}\",\"request_id\":\"{evil}\"}},\
         \"message\":\"{evil}\",\"error\":\"{evil}\",\"requestid\":\"{evil}\",\"type\":\"{evil}\"}}"
    );
    let harness = Harness::<S>::new([FaultAction::status(400, &[], &body)]);
    let error = harness.fail().await;
    let shown = format!("{error}{:?}{:?}", error.vendor_code(), error.request_id());
    assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{shown:?}");
}
