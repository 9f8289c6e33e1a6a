//! The builder's options for roots and for the client's own certificate.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::process::Command;
use std::sync::Arc;

use delete_core::vendor_kit::ClientOptions;
use delete_core::{ErrorKind, Outcome, RetryPolicy};
use rcgen::{CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use crate::support::{Client, TlsServer, acceptor, authority, server_config};

/// A private key and a certificate of a client, as one PEM text, key first or last.
fn identity(issuer: &CertifiedIssuer<'static, KeyPair>, is_key_first: bool) -> String {
    let mut params = CertificateParams::new(vec!["client.example".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let (certificate, key) = (params.signed_by(&key, issuer).unwrap().pem(), key.serialize_pem());
    if is_key_first { format!("{key}{certificate}") } else { format!("{certificate}{key}") }
}

#[tokio::test]
async fn a_client_certificate_is_presented() {
    let issuer = authority();
    let mut roots = RootCertStore::empty();
    roots.add(issuer.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()));
    let config =
        server_config(&issuer, "localhost", 2500, |config| config.with_client_cert_verifier(verifier.build().unwrap()));
    let port = TlsServer::start(TlsAcceptor::from(Arc::new(config))).await.port;
    let base = format!("https://localhost:{port}");
    let options = || {
        let mut options = ClientOptions::default();
        options.retry = RetryPolicy::none();
        options.http = options.http.with_root_certificate_pem(issuer.pem());
        options
    };
    for is_key_first in [true, false] {
        let mut options = options();
        options.http = options.http.with_client_identity_pem(identity(&issuer, is_key_first));
        assert_eq!(Client::with(options, &base).unwrap().delete().await.unwrap().outcome(), Outcome::Deleted);
    }
    assert!(Client::with(options(), &base).unwrap().delete().await.is_err(), "the server requires a certificate");
}

#[test]
fn what_is_not_a_client_identity_is_refused_without_being_shown() {
    let key_alone = KeyPair::generate().unwrap().serialize_pem();
    for pem in ["", "s3cret", &key_alone] {
        let mut options = ClientOptions::default();
        options.http = options.http.with_client_identity_pem(pem);
        let error = Client::with(options, "https://localhost").err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(error.to_string().contains("client identity") && !format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

/// Runs in the process of the test below, which trusts `SSL_CERT_FILE`.
#[tokio::test]
async fn a_root_of_the_system_is_trusted_or_not() {
    let Ok(port) = std::env::var("PORT_OF_TRUSTED_SERVER") else { return };
    let delete = async |system_roots| {
        let mut options = ClientOptions::default();
        options.retry = RetryPolicy::none();
        // With another root, so that there is one in either case.
        options.http = options.http.with_root_certificate_pem(authority().pem()).with_system_roots(system_roots);
        Client::with(options, &format!("https://localhost:{port}")).unwrap().delete().await
    };
    assert_eq!(delete(true).await.unwrap().outcome(), Outcome::Deleted);
    assert_eq!(delete(false).await.unwrap_err().kind(), ErrorKind::Tls);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_roots_of_the_system_can_be_left_out() {
    let issuer = authority();
    let port = TlsServer::start(acceptor(&issuer, "localhost", 2500, &[])).await.port;
    // A free port makes the name unique among tests that run at the same time.
    let unique = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let file = std::env::temp_dir().join(format!("roots-{}-{unique}.pem", std::process::id()));
    std::fs::write(&file, issuer.pem()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.env("SSL_CERT_FILE", &file).env_remove("SSL_CERT_DIR").env("PORT_OF_TRUSTED_SERVER", port.to_string());
    let output = child.args(["--exact", "options::a_root_of_the_system_is_trusted_or_not"]).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
