//! Lookups, lists and credential checks.

use std::time::Duration;

use delete_core::{
    Delivery, Error, ErrorKind, Filter, Presence, RecordId, RecordReader, RecordReaderExt, RetryPolicy, Status,
    VerifyPolicy,
};

use super::secrets::everything_shown;
use super::{Harness, absent, present};
use crate::{CANARY, CapturedLog, FaultAction, Setup, VendorUnderTest};

pub async fn the_documented_responses_are_present_and_absent<S: VendorUnderTest>() {
    match Harness::<S>::new([present::<S>()]).lookup().await {
        Presence::Present { status, .. } => assert_eq!(status, Some(Status::new("shown"))),
        other => panic!("{other:?}"),
    }
    let presence = Harness::<S>::new([absent::<S>()]).lookup().await;
    assert!(presence.is_absent(), "{presence:?}");
}

/// No refusal, failure, HTML page or timeout.
pub async fn no_other_response_is_absence<S: VendorUnderTest>() {
    let mut actions = inconclusive();
    actions.extend([401, 402, 403, 408, 409, 429, 500, 501, 502, 503, 504].into_iter().flat_map(|status| {
        ["", "{}", "null", S::PRESENT]
            .map(|body| FaultAction::status(status, &["content-type: application/json"], body))
    }));
    for action in actions {
        let name = format!("{action:?}");
        let harness = Harness::<S>::with([action], briefly);
        match harness.lookup().await {
            Presence::Unknown(_) => {}
            other => panic!("{other:?} after {name}"),
        }
    }
}

/// Responses and failures that show nothing about a record.
fn inconclusive() -> Vec<FaultAction> {
    let html = |status| FaultAction::status(status, &["content-type: text/html"], "<html>Not Found</html>");
    let mut actions = vec![
        html(200),
        html(400),
        html(404),
        FaultAction::status(200, &[], ""),
        FaultAction::status(200, &[], "null"),
        FaultAction::status(200, &[], "[]"),
        FaultAction::status(200, &[], "\"gone\""),
        FaultAction::status(204, &[], ""),
        FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{\"id\":".into()),
        FaultAction::Close,
        FaultAction::Reset,
        FaultAction::Stall(Vec::new()),
    ];
    actions.extend([301, 302, 303, 307].map(|status| FaultAction::status(status, &["location: /login"], "")));
    actions
}

fn briefly(setup: &mut Setup) {
    setup.retry = RetryPolicy::none();
    setup.attempt_timeout = Duration::from_millis(300);
}

/// It is unknown, not absent, and nothing is sent.
pub async fn an_id_of_another_vendor_is_not_looked_up<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([absent::<S>()]);
    let foreign: RecordId = match RecordId::parse_uuid(S::FOREIGN_ID) {
        Ok(id) => id,
        Err(_) => S::FOREIGN_ID.parse::<delete_core::ConversationId>().unwrap().into(),
    };
    match S::reader(&harness.client).lookup(&foreign).await {
        Presence::Unknown(error) => assert_eq!(error.kind(), ErrorKind::InvalidInput),
        other => panic!("{other:?}"),
    }
}

pub async fn a_deletion_that_shows_late_is_confirmed<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([present::<S>(), present::<S>(), absent::<S>()]);
    let presences = confirm_absence(&harness).await;
    assert!(matches!(presences[..], [Presence::Absent]), "{presences:?}");
    assert_eq!(harness.setup.clock.slept(), [1, 2].map(Duration::from_secs));
}

pub async fn a_record_that_remains_is_reported_as_present<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([present::<S>()]);
    let presences = confirm_absence(&harness).await;
    assert!(matches!(presences[..], [Presence::Present { .. }]), "{presences:?}");
    assert_eq!(harness.setup.clock.slept(), [1, 2, 4].map(Duration::from_secs));
}

async fn confirm_absence<S: VendorUnderTest>(harness: &Harness<S>) -> Vec<Presence> {
    let (ids, clock) = (std::slice::from_ref(&harness.id), &harness.setup.clock);
    S::reader(&harness.client).confirm_absence_with_clock(ids, VerifyPolicy::default(), clock).await
}

pub async fn a_failed_lookup_never_reports_a_possible_deletion<S: VendorUnderTest>() {
    let mut actions = inconclusive();
    actions.extend([400, 401, 403, 408, 429, 500, 503].map(|status| FaultAction::status(status, &[], "{}")));
    for action in actions {
        let harness = Harness::<S>::with([action], briefly);
        let Presence::Unknown(error) = harness.lookup().await else { continue };
        assert!(!error.may_have_taken_effect() && !error.to_string().contains("may have been"), "{error}");
        // It reached the vendor, so that "nothing was sent" would be untrue.
        assert_ne!(error.delivery(), Delivery::NotSent, "{error}");
        assert!(error.to_string().contains("nothing was changed"), "{error}");
    }
}

/// Neither values nor errors nor logs show it, whatever the response looks like.
pub async fn no_output_shows_the_content_of_a_record<S: VendorUnderTest>() {
    assert!(S::PRESENT.contains(CANARY));
    let log = CapturedLog::start();
    let mut shown = String::new();
    let in_every_field = [
        "message",
        "error",
        "detail",
        "details",
        "title",
        "type",
        "status",
        "code",
        "requestid",
        "request_id",
        "id",
        "conversation_id",
        "data",
        "interactions",
        "conversations",
    ]
    .map(|name| format!("\"{name}\":\"{CANARY}\""))
    .join(",");
    let quoting = [
        format!("{{{in_every_field}}}"),
        format!("{{\"detail\":{{{in_every_field}}}}}"),
        format!("{{\"detail\":[{{{in_every_field},\"msg\":\"{CANARY}\",\"loc\":[\"{CANARY}\"]}}]}}"),
        format!("\"{CANARY}\""),
        CANARY.to_owned(),
        S::PRESENT.to_owned(),
        S::PRESENT.replace('}', ""),
    ];
    for body in quoting {
        for status in [200, 206, 302, 400, 401, 403, 404, 429, 500, 503] {
            let header = format!("location: https://example.com/{}", CANARY.replace(' ', "%20"));
            let action = FaultAction::status(status, &["content-type: application/json", &header], &body);
            let harness = Harness::<S>::with([action], briefly);
            let reader = S::reader(&harness.client);
            let presence = harness.lookup().await;
            shown += &format!("{presence:?} {reader:?}");
            if let Presence::Unknown(error) = presence {
                shown += &everything_shown(&error);
            }
            for error in first_errors(&reader).await {
                shown += &everything_shown(&error);
            }
        }
    }
    let log = log.text();
    assert!(log.contains("request ended"), "the log was not captured: {log}");
    for text in [shown, log] {
        assert!(!text.contains("Canary") && !text.contains("Quillfeather"), "{text}");
    }
}

/// The errors of a list and of a credential check.
async fn first_errors(reader: &impl RecordReader) -> Vec<Error> {
    let listed = reader.list(&Filter::new()).unwrap().next().await.and_then(Result::err);
    let checked = reader.check_credential().await.err();
    listed.into_iter().chain(checked).collect()
}

/// It never looks like an empty list.
pub async fn an_unreadable_list_ends_with_an_error<S: VendorUnderTest>() {
    let mut actions = inconclusive();
    actions.extend([400, 401, 403, 404, 429, 500, 501, 503].map(|status| FaultAction::status(status, &[], "{}")));
    for action in actions {
        let name = format!("{action:?}");
        let harness = Harness::<S>::with([action], briefly);
        let mut listing = S::reader(&harness.client).list(&Filter::new()).unwrap();
        let first = listing.next().await;
        assert!(matches!(first, Some(Err(_))), "{first:?} after {name}");
        assert!(listing.next().await.is_none(), "it goes on after {name}");
    }
}

pub async fn a_filter_that_cannot_match_is_rejected<S: VendorUnderTest>() {
    let harness = Harness::<S>::new([absent::<S>()]);
    let now = delete_core::Clock::system_now(&harness.setup.clock);
    let error = S::reader(&harness.client).list(&Filter::new().with_since(now).with_until(now)).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert!(error.vendor().is_some());
    assert_eq!(harness.request_count(), 0);
}

pub async fn a_credential_check_fails_if_the_list_cannot_be_read<S: VendorUnderTest>() {
    for (status, kind) in [(401, ErrorKind::Unauthenticated), (302, ErrorKind::UnexpectedResponse)] {
        let harness = Harness::<S>::with([FaultAction::status(status, &[], "")], briefly);
        assert_eq!(S::reader(&harness.client).check_credential().await.unwrap_err().kind(), kind);
    }
    let harness = Harness::<S>::with([FaultAction::Close], briefly);
    assert_eq!(S::reader(&harness.client).check_credential().await.unwrap_err().kind(), ErrorKind::Connection);
}
