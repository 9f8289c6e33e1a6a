//! TLS, tried for real against a server on loopback with certificates made here.
// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
#![cfg(any(feature = "rustls", feature = "native-tls"))]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use delete_core::testing::TestClock;
use delete_core::vendor_kit::{Auth, ClientOptions, Collection, Dialect, Pipeline, VendorError, Verdict};
use delete_core::{
    ApiKey, BaseUrl, ConversationId, Deletion, Delivery, Error, ErrorKind, Outcome, RetryPolicy, Vendor,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

/// An authority that nobody trusts unless told to.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    // Without a name of its own OpenSSL takes the server's certificate for self-signed.
    params.distinguished_name.push(DnType::CommonName, "An authority of this test");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server whose certificate names `host` and ends in `last_year`. It answers every request with 204.
struct TlsServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    protocol: Arc<Mutex<Option<Vec<u8>>>>,
}

impl TlsServer {
    async fn start(issuer: &CertifiedIssuer<'static, KeyPair>, host: &str, last_year: i32, protocols: &[&str]) -> Self {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), connections: Arc::default(), protocol: Arc::default() };
        tokio::spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            server.connections.clone(),
            server.protocol.clone(),
        ));
        server
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    connections: Arc<AtomicUsize>,
    protocol: Arc<Mutex<Option<Vec<u8>>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let Ok(mut stream) = acceptor.accept(stream).await else { continue };
        let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        let speaks_h2 = agreed.as_deref() == Some(b"h2");
        *protocol.lock().unwrap() = agreed;
        if speaks_h2 {
            answer_over_h2(stream).await;
        } else {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    }
}

async fn answer_over_h2(stream: TlsStream<TcpStream>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        assert_eq!((request.method().as_str(), request.uri().path()), ("DELETE", "/records/r1"));
        assert_eq!(request.headers()["x-api-key"], "key");
        let answer = http::Response::builder().status(204).body(()).unwrap();
        respond.send_response(answer, true).unwrap();
    }
}

const VENDOR: Vendor = Vendor::new("example", "Example");

/// What a vendor crate is, in its shortest form.
struct Client {
    pipeline: Pipeline,
    records: Collection,
    clock: TestClock,
}

const DELETE: Dialect = Dialect {
    success: |_| Verdict::Done(Outcome::Deleted),
    read_error: |_| VendorError::default(),
    by_code: |_, _| None,
};

impl Client {
    fn new(server: &TlsServer, trusted: Option<String>) -> Self {
        let clock = TestClock::new();
        let mut options = ClientOptions::default();
        options.set_clock(Arc::new(clock.clone()));
        if let Some(pem) = trusted {
            options.add_root_certificate(pem.into_bytes());
        }
        let base = BaseUrl::parse(&format!("https://localhost:{}", server.address.port())).unwrap();
        let auth = Auth::api_key("x-api-key", &ApiKey::new("key").unwrap()).unwrap();
        let pipeline = options.build(VENDOR, "example/1", &[&base], auth).unwrap();
        Self { pipeline, records: base.collection(&["records"]), clock }
    }

    async fn delete(&self) -> Result<Deletion, Error> {
        let id = ConversationId::new("r1").unwrap();
        self.pipeline.delete_record(&self.records, id.into(), None, &DELETE).await
    }
}

#[tokio::test]
async fn an_extra_root_is_trusted() {
    let issuer = authority();
    let server = TlsServer::start(&issuer, "localhost", 2500, &[]).await;
    let client = Client::new(&server, Some(issuer.pem()));
    assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_is_refused_at_once() {
    let issuer = authority();
    let stranger = authority();
    for (host, last_year, trusted) in
        [("elsewhere.example", 2500, &issuer), ("localhost", 2001, &issuer), ("localhost", 2500, &stranger)]
    {
        let server = TlsServer::start(&issuer, host, last_year, &[]).await;
        let client = Client::new(&server, Some(trusted.pem()));
        let error = client.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Tls, Delivery::NotSent), "{error:?}");
        assert!(!error.is_retryable() && error.affects_every_call());
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("certificate"), "{error:?}");
        assert_eq!((error.attempts().len(), server.connections.load(Ordering::SeqCst)), (1, 1));
        assert!(client.clock.slept().is_empty());
    }
    let server = TlsServer::start(&issuer, "localhost", 2500, &[]).await;
    assert_eq!(Client::new(&server, None).delete().await.unwrap_err().kind(), ErrorKind::Tls);
}

#[tokio::test]
async fn http_2_is_used_where_the_server_offers_it() {
    let issuer = authority();
    for (offer, expected) in
        [(&["h2", "http/1.1"][..], Some(b"h2".to_vec())), (&["http/1.1"], Some(b"http/1.1".to_vec()))]
    {
        let server = TlsServer::start(&issuer, "localhost", 2500, offer).await;
        let client = Client::new(&server, Some(issuer.pem()));
        assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
        assert_eq!(*server.protocol.lock().unwrap(), expected);
    }
}

#[test]
fn what_is_no_certificate_is_refused_when_building() {
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let mut options = ClientOptions::default();
        options.add_root_certificate(pem.into());
        let base = BaseUrl::parse("https://localhost").unwrap();
        let auth = Auth::api_key("x-api-key", &ApiKey::new("key").unwrap()).unwrap();
        let error = options.build(VENDOR, "example/1", &[&base], auth).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{pem:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_known_to_have_sent_nothing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let base = BaseUrl::parse(&format!("https://localhost:{}", listener.local_addr().unwrap().port())).unwrap();
    let mut options = ClientOptions::default();
    options.set_attempt_timeout(Duration::from_millis(300));
    options.set_retry(RetryPolicy::none());
    let auth = Auth::api_key("x-api-key", &ApiKey::new("key").unwrap()).unwrap();
    let pipeline = options.build(VENDOR, "example/1", &[&base], auth).unwrap();
    let id = ConversationId::new("r1").unwrap();
    let error = pipeline.delete_record(&base.collection(&["records"]), id.into(), None, &DELETE).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
}
