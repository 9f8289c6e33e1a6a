//! Certificates that are trusted or not, and handshakes that fail for other reasons.

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{Client, TlsServer, VENDOR, acceptor, authority};
use delete_core::vendor_kit::{Auth, ClientOptions};
use delete_core::{ApiKey, BaseUrl, Delivery, ErrorKind, Outcome, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn an_extra_root_is_trusted() {
    let issuer = authority();
    let server = TlsServer::start(acceptor(&issuer, "localhost", 2500, &[])).await;
    let client = Client::new(server.port, Some(issuer.pem()));
    assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_is_refused_at_once() {
    let issuer = authority();
    let stranger = authority();
    for (host, last_year, trusted) in
        [("elsewhere.example", 2500, &issuer), ("localhost", 2001, &issuer), ("localhost", 2500, &stranger)]
    {
        let server = TlsServer::start(acceptor(&issuer, host, last_year, &[])).await;
        let client = Client::new(server.port, Some(trusted.pem()));
        let error = client.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Tls, Delivery::NotSent), "{error:?}");
        assert!(!error.is_retryable() && error.is_fatal_for_client());
        assert!(error.to_string().contains("certificate"), "the cause is missing: {error}");
        assert_eq!((error.attempts().len(), server.connections.load(Ordering::SeqCst)), (1, 1));
        assert!(client.clock.slept().is_empty());
    }
    let server = TlsServer::start(acceptor(&issuer, "localhost", 2500, &[])).await;
    assert_eq!(Client::new(server.port, None).delete().await.unwrap_err().kind(), ErrorKind::Tls);
}

#[tokio::test]
async fn http_2_is_used_where_the_server_offers_it() {
    let issuer = authority();
    for (offer, expected) in
        [(&["h2", "http/1.1"][..], Some(b"h2".to_vec())), (&["http/1.1"], Some(b"http/1.1".to_vec()))]
    {
        let server = TlsServer::start(acceptor(&issuer, "localhost", 2500, offer)).await;
        let client = Client::new(server.port, Some(issuer.pem()));
        assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
        assert_eq!(server.agreed.lock().unwrap().take().unwrap().0, expected);
    }
}

#[test]
fn an_invalid_certificate_is_refused_when_building() {
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let mut options = ClientOptions::default();
        options.http = options.http.with_root_certificate_pem(pem);
        let base = BaseUrl::parse("https://localhost").unwrap();
        let auth = Auth::api_key("x-api-key", &ApiKey::new("key").unwrap()).unwrap();
        let error = options.build(VENDOR, "example/1", &[&base], auth).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{pem:?}");
    }
}

#[tokio::test]
async fn a_stalled_handshake_is_reported_as_not_sent() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let mut options = ClientOptions::default();
    options.attempt_timeout = Duration::from_millis(300);
    options.retry = RetryPolicy::none();
    let error = Client::with(options, &base).unwrap().delete().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
}

/// A server that responds to each handshake with these bytes.
async fn no_tls(reply: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(reply).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

#[tokio::test]
async fn a_handshake_that_fails_for_another_reason_than_a_certificate_is_transient_and_is_named() {
    let handshake_failure = &[0x15, 3, 3, 0, 2, 2, 40];
    let internal_error = &[0x15, 3, 3, 0, 2, 2, 80];
    for (reply, named) in [
        (&handshake_failure[..], "alert"),
        (internal_error, "alert"),
        (b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", "plain HTTP"),
        (b"", ""),
    ] {
        let error = Client::new(no_tls(reply).await, None).delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent), "{error:?}");
        assert!(error.is_retryable() && !error.is_fatal_for_client(), "{error}");
        assert_eq!(error.attempts().len(), 4);
        assert!(error.to_string().contains(named), "{error}");
    }
}
