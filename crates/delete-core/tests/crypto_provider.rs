//! TLS by the crypto provider that the program installs: ring, with a cipher suite by which the server can tell.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "rustls-no-provider")]

#[allow(dead_code)]
#[path = "tls/support.rs"]
mod support;

use std::net::Ipv4Addr;

use delete_core::Outcome;
use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, ring};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_installed_provider_is_used_and_a_missing_one_is_an_error() {
    #[cfg(not(feature = "rustls"))]
    {
        use delete_core::http::{HttpOptions, HttpTransport, TransportErrorKind};
        let error = HttpTransport::new(&HttpOptions::default()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::InvalidRequest);
        assert!(error.to_string().contains("CryptoProvider::install_default"), "{error}");
    }
    let provider = CryptoProvider {
        cipher_suites: vec![ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
        ..ring::default_provider()
    };
    provider.install_default().unwrap();
    let issuer = support::authority();
    let acceptor = support::acceptor(&issuer, "localhost", 2500, &[]);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let client = support::Client::new(listener.local_addr().unwrap().port(), Some(issuer.pem()));
    let serve = async {
        let mut stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        stream.get_ref().1.negotiated_cipher_suite().unwrap().suite()
    };
    let (suite, deletion) = tokio::join!(serve, client.delete());
    assert_eq!(deletion.unwrap().outcome(), Outcome::Deleted);
    assert_eq!(suite, CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);
}
