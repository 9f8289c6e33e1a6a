//! A transport over an HTTP client that was built elsewhere, and follows redirects.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "reqwest-client")]

use std::error::Error as _;

use delete_conformance::{FaultAction, FaultServer};
use delete_core::http::{HttpTransport, TransportError, TransportErrorKind};
use delete_core::{ApiKey, ConversationId, Deletion, Delivery, Error, ErrorKind, Outcome, RetryPolicy};
use tavus_delete::{Client, ErasureMode};

async fn delete(vendor: &FaultServer, client: reqwest::Client) -> Result<Deletion, Error> {
    let builder =
        Client::builder(ApiKey::new("key")?).base_url(vendor.url()).transport(HttpTransport::from_client(client));
    let client = builder.retry(RetryPolicy::none()).build()?;
    client.delete_conversation(&ConversationId::new("c1")?, ErasureMode::Hard).await
}

/// A server that gives every request this response.
fn server(status: u16, headers: &[&str]) -> FaultServer {
    FaultServer::start([FaultAction::status(status, headers, "")])
}

#[tokio::test]
async fn a_redirect_that_the_client_followed_is_never_a_success() {
    for status in [302, 303, 307, 308] {
        let elsewhere = server(204, &[]);
        let vendor = server(status, &[&format!("location: {}/", elsewhere.url())]);

        let follows = reqwest::Client::builder().no_proxy().build().unwrap();
        let error = delete(&vendor, follows).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
        assert!(error.to_string().contains(&elsewhere.url()) && !error.is_retryable(), "{error}");
        assert_eq!(error.attempts().len(), 1);
        let cause = error.source().unwrap().downcast_ref::<TransportError>().unwrap();
        assert_eq!(cause.kind(), TransportErrorKind::RedirectFollowed);
        assert_eq!((vendor.requests().len(), elsewhere.requests().len()), (1, 1));

        let policy = reqwest::redirect::Policy::none();
        let error = delete(&vendor, reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
        assert_eq!((vendor.requests().len(), elsewhere.requests().len()), (2, 1));
    }
}

#[tokio::test]
async fn a_failure_after_a_redirect_promises_nothing() {
    for (location, kind) in [
        // Nobody listens there.
        ("location: http://127.0.0.1:1/", ErrorKind::Connection),
        // A redirect without end.
        ("location: /again", ErrorKind::UnexpectedResponse),
    ] {
        let vendor = server(307, &[location]);
        let error = delete(&vendor, reqwest::Client::builder().no_proxy().build().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::MaybeDelivered), "{error}");
        assert_eq!(error.attempts().len(), 1);
    }
}

#[tokio::test]
async fn a_response_of_the_vendor_counts() {
    let vendor = server(204, &[]);
    let deletion = delete(&vendor, reqwest::Client::builder().no_proxy().build().unwrap()).await.unwrap();
    assert_eq!((deletion.outcome(), vendor.requests().len()), (Outcome::Deleted, 1));
}
