//! A transport over an HTTP client that was built elsewhere, and follows redirects.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "reqwest-client")]

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use delete_core::http::{HttpTransport, TransportError, TransportErrorKind};
use delete_core::{ApiKey, ConversationId, Deletion, Delivery, Error, ErrorKind, Outcome, RetryPolicy};
use tavus_delete::{Client, ErasureMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that gives every request this response, and counts them.
async fn server(response: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            counter.fetch_add(1, Ordering::SeqCst);
            stream.write_all(response.as_bytes()).await.unwrap();
        }
    });
    (url, count)
}

async fn delete(base: &str, client: reqwest::Client) -> Result<Deletion, Error> {
    let builder = Client::builder(ApiKey::new("key")?).base_url(base).transport(HttpTransport::from_client(client));
    let client = builder.retry(RetryPolicy::none()).build()?;
    client.delete_conversation(&ConversationId::new("c1")?, ErasureMode::Hard).await
}

const DELETED: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_redirect_that_the_client_followed_is_never_a_success() {
    for status in [302, 303, 307, 308] {
        let (elsewhere, arrived) = server(DELETED.to_owned()).await;
        let redirect = format!("HTTP/1.1 {status} Moved\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\n\r\n");
        let (vendor, sent) = server(redirect).await;

        let follows = reqwest::Client::builder().no_proxy().build().unwrap();
        let error = delete(&vendor, follows).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
        assert!(error.to_string().contains(&elsewhere) && !error.is_retryable(), "{error}");
        assert_eq!(error.attempts().len(), 1);
        let cause = error.source().unwrap().downcast_ref::<TransportError>().unwrap();
        assert_eq!(cause.kind(), TransportErrorKind::RedirectFollowed);
        assert_eq!((sent.load(Ordering::SeqCst), arrived.load(Ordering::SeqCst)), (1, 1));

        let policy = reqwest::redirect::Policy::none();
        let error = delete(&vendor, reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
        assert_eq!((sent.load(Ordering::SeqCst), arrived.load(Ordering::SeqCst)), (2, 1));
    }
}

#[tokio::test]
async fn a_failure_after_a_redirect_promises_nothing() {
    let redirect = |location: &str| format!("HTTP/1.1 307 Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    for (location, kind) in [
        // Nobody listens there.
        ("http://127.0.0.1:1/", ErrorKind::Connection),
        // A redirect without end.
        ("/again", ErrorKind::UnexpectedResponse),
    ] {
        let (vendor, _) = server(redirect(location)).await;
        let error = delete(&vendor, reqwest::Client::builder().no_proxy().build().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::MaybeDelivered), "{error}");
        assert_eq!(error.attempts().len(), 1);
    }
}

#[tokio::test]
async fn a_response_of_the_vendor_counts() {
    let (vendor, sent) = server(DELETED.to_owned()).await;
    let deletion = delete(&vendor, reqwest::Client::builder().no_proxy().build().unwrap()).await.unwrap();
    assert_eq!((deletion.outcome(), sent.load(Ordering::SeqCst)), (Outcome::Deleted, 1));
}
