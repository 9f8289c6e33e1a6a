use std::time::{Duration, SystemTime};

use super::*;
use crate::http::{TransportError, TransportErrorKind};
use crate::operation::Operation;
use crate::{Attempt, Delivery, Vendor};

fn attempt(status: Option<u16>, delivery: Delivery) -> Attempt {
    let attempt = Attempt::new(SystemTime::UNIX_EPOCH, Duration::ZERO, delivery);
    match status {
        Some(status) => attempt.with_status(status),
        None => attempt,
    }
}

#[test]
fn is_one_pointer_wide_and_travels() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Error>>(), size_of::<usize>());
}

#[test]
fn debug_shows_the_fields_under_the_name_of_the_type() {
    let error = Error::builder(ErrorKind::Server, "failed").vendor(Vendor::new("corti", "Corti")).status(503).build();
    let text = format!("{error:?}");
    assert!(
        text.starts_with("Error { kind: Server, vendor: Some(Corti), message: \"failed\", status: Some(503),"),
        "{text}"
    );
}

#[test]
fn one_ambiguous_attempt_makes_the_whole_call_so() {
    let lost = attempt(None, Delivery::MaybeDelivered);
    let refused = attempt(Some(401), Delivery::Answered);
    let unsent = attempt(None, Delivery::NotSent);
    let delivery = |attempts: &[Attempt]| Error::builder(ErrorKind::Server, "x").attempts(attempts).build().delivery();
    assert_eq!(delivery(&[]), Delivery::NotSent);
    assert_eq!(delivery(std::slice::from_ref(&refused)), Delivery::Answered);
    assert_eq!(delivery(&[refused.clone(), unsent.clone()]), Delivery::NotSent);
    assert_eq!(delivery(&[lost.clone(), refused]), Delivery::MaybeDelivered);
    assert_eq!(delivery(&[lost, unsent]), Delivery::MaybeDelivered);
}

#[test]
fn a_status_shows_that_the_request_was_sent() {
    let delete = |status| Error::builder(ErrorKind::Server, "x").status(status);
    assert_eq!(delete(404).build().delivery(), Delivery::Answered);
    for status in [408, 500, 503] {
        assert!(delete(status).build().may_have_taken_effect(), "{status}");
        assert_eq!(delete(status).for_reading().build().delivery(), Delivery::Answered);
        assert_eq!(delete(status).delivery(Delivery::NotSent).build().delivery(), Delivery::NotSent);
    }
}

#[test]
fn display_is_one_line_with_the_cause_facts_and_advice() {
    let error = Error::builder(ErrorKind::Server, "the vendor failed")
        .vendor(Vendor::new("corti", "Corti"))
        .status(504)
        .vendor_code("A0002")
        .request_id("r-1")
        .attempts([attempt(Some(504), Delivery::MaybeDelivered)])
        .source(TransportError::new(TransportErrorKind::Interrupted, "reset by peer"))
        .build();
    assert_eq!(
        error.to_string(),
        "Corti: the vendor failed: reset by peer (status 504, code A0002, request id r-1); the record may have been \
         deleted: look it up, or delete it again, which finds nothing if it was"
    );
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<TransportError>().unwrap().kind(), TransportErrorKind::Interrupted);
}

#[test]
fn display_stays_one_safe_line_whatever_it_was_built_of() {
    let error = Error::builder(ErrorKind::Server, "x\n\u{1b}[31mred")
        .vendor_code("\r\n")
        .request_id("\u{202e}r-1")
        .source(std::io::Error::other("a\nb"))
        .build();
    let text = error.to_string();
    assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
    assert!(Error::invalid_input("x".repeat(10_000)).to_string().len() < 3_000);
}

#[test]
fn only_the_deletes_own_requests_leave_its_effect_unknown() {
    let lost = attempt(None, Delivery::MaybeDelivered);
    let refused = attempt(Some(401), Delivery::Answered);
    let error = |operation: Operation, kind, attempts: &[Attempt]| {
        Error::builder(kind, "x").operation(operation).attempts(attempts).build()
    };
    let lookup = error(Operation::Read, ErrorKind::Timeout, std::slice::from_ref(&lost));
    assert_eq!(lookup.delivery(), Delivery::MaybeDelivered);
    let token = error(Operation::Token, ErrorKind::UnexpectedResponse, std::slice::from_ref(&lost)).without_token();
    let token_for_a_refused_delete = token.clone().with_operation(Operation::Delete).with_attempts([refused].into());
    for error in [lookup, token, token_for_a_refused_delete] {
        assert!(!error.may_have_taken_effect() && !error.to_string().contains("may have been"), "{error}");
        assert!(!error.to_string().contains("nothing was sent"), "{error}");
    }
    assert!(error(Operation::Delete, ErrorKind::Timeout, &[lost]).may_have_taken_effect());
}

#[test]
fn nothing_was_sent_is_reported_only_if_it_is_true() {
    let throttled = attempt(Some(429), Delivery::Answered);
    let unsent = attempt(None, Delivery::NotSent);
    for (attempts, is_unsent) in [(vec![], true), (vec![unsent.clone()], true), (vec![throttled, unsent], false)] {
        let text = Error::builder(ErrorKind::Timeout, "x").attempts(attempts).build().to_string();
        assert_eq!(text.contains("nothing was sent"), is_unsent, "{text}");
        assert!(is_unsent || text.contains("nothing was deleted"), "{text}");
    }
}

#[test]
fn a_failed_lookup_before_a_delete_names_its_cause_and_its_effect() {
    let bare = Error::builder(ErrorKind::Timeout, "x").build().before_delete().to_string();
    assert!(bare.starts_with("the lookup before the delete failed: x; nothing was deleted"), "{bare}");
    let refused = TransportError::new(TransportErrorKind::NotSent, "connection refused");
    let full = Error::builder(ErrorKind::Connect, "x").source(refused).build().before_delete().to_string();
    assert!(full.contains("connection refused") && !full.contains("()"), "{full}");
}

#[test]
fn a_record_that_was_kept_says_nothing_of_its_parts() {
    let lost = attempt(None, Delivery::MaybeDelivered);
    let error = Error::builder(ErrorKind::Timeout, "a child is left").attempts([lost]).build().with_record_kept();
    assert!(!error.may_have_taken_effect());
    assert!(error.to_string().starts_with("a child is left; the record itself was not deleted: "), "{error}");
}

#[cfg(feature = "serde")]
#[test]
fn what_an_error_implies_survives_json() {
    let refused = || Error::builder(ErrorKind::Server, "x").attempts([attempt(Some(503), Delivery::Answered)]).build();
    let unprocessed = TransportError::new(TransportErrorKind::NotProcessed, "refused");
    let errors = [
        refused().before_delete(),
        refused().without_token(),
        refused().without_token().before_delete(),
        refused().with_record_kept(),
        refused().with_operation(Operation::End),
        Error::builder(ErrorKind::Connect, "x").source(unprocessed).build(),
    ];
    for error in errors {
        let read: Error = serde_json::from_str(&serde_json::to_string(&error).unwrap()).unwrap();
        assert_eq!(read.to_string(), error.to_string());
        let implies = |error: &Error| (error.may_have_taken_effect(), error.is_fatal_for_client());
        assert_eq!(implies(&read), implies(&error), "{error}");
    }
}
