//! The original cause of an error is kept, and can be downcast.

use std::error::Error as StdError;
use std::future::ready;
use std::io;

use crate::example_client::Client;
use delete_core::http::{self, HttpOptions, HttpTransport, TransportError, TransportErrorKind};
use delete_core::vendor_kit::Auth;
use delete_core::{ApiKey, Error, ErrorKind, RetryPolicy, TokenSource};

fn key() -> Auth {
    Auth::api_key("x-api-key", &ApiKey::new("k").unwrap()).unwrap()
}

/// The first cause of this type in the chain.
fn cause<T: StdError + 'static>(error: &Error) -> &T {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref() {
            return cause;
        }
        next = cause.source();
    }
    panic!("no such cause: {error:?}")
}

#[tokio::test]
async fn the_error_of_a_transport_leads_to_its_own_cause() {
    let transport = http::from_fn(|_| {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        ready(Err(TransportError::new(TransportErrorKind::Interrupted, "reset by peer").with_source(reset)))
    });
    let client = Client::new(key(), transport, |options| options.retry = RetryPolicy::none());
    let error = client.delete("c1").await.unwrap_err();
    assert_eq!(
        error.source().unwrap().downcast_ref::<TransportError>().unwrap().kind(),
        TransportErrorKind::Interrupted
    );
    assert_eq!(cause::<io::Error>(&error).kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(error.message(), "the connection broke before a response came");
    assert!(error.to_string().contains("reset by peer"), "{error}");
}

#[tokio::test]
async fn a_refused_connection_leads_to_the_system_error() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let transport = HttpTransport::new(&HttpOptions::default()).unwrap();
    let moved = http::from_fn(move |request: http::Request<http::Bytes>| {
        let (mut parts, body) = request.into_parts();
        parts.uri = format!("http://{address}/").parse().unwrap();
        let transport = transport.clone();
        async move { http::Transport::send(&transport, http::Request::from_parts(parts, body)).await }
    });
    let client = Client::new(key(), moved, |options| options.retry = RetryPolicy::none());
    let error = client.delete("c1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert_eq!(cause::<io::Error>(&error).kind(), io::ErrorKind::ConnectionRefused);
}

#[derive(Debug, thiserror::Error)]
#[error("the vault is sealed")]
struct Sealed;

#[tokio::test]
async fn the_error_of_a_token_source_is_the_cause() {
    let source = TokenSource::new(|| ready(Err(Sealed.into())));
    let transport = http::from_fn(|_| ready(Err(TransportError::new(TransportErrorKind::NotSent, "unused"))));
    let error = Client::new(Auth::token_source(source), transport, |_| {}).delete("c1").await.unwrap_err();
    assert!(error.source().unwrap().is::<Sealed>(), "{error:?}");
    assert!(error.to_string().contains("the token source failed: the vault is sealed"), "{error}");
    assert!(!error.may_have_taken_effect() && error.attempts().is_empty());
}
