//! TLS by the crypto provider that the program installs: ring, with a cipher suite by which the server can tell.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "rustls-no-provider")]

#[allow(dead_code)]
#[path = "tls/support.rs"]
mod support;

use delete_core::Outcome;
use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, ring};

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
    let server = support::TlsServer::start(support::acceptor(&issuer, "localhost", 2500, &[])).await;
    let client = support::Client::new(server.port, Some(issuer.pem()));
    assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
    let (_, suite) = server.agreed.lock().unwrap().take().unwrap();
    assert_eq!(suite, CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);
}
