//! Certificates made for a test, and a minimal client of a vendor crate.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use delete_core::testing::TestClock;
use delete_core::vendor_kit::{
    Auth, BufferedResponse, ClientOptions, Collection, Pipeline, ResponseRules, VendorError, Verdict,
};
use delete_core::{ApiKey, BaseUrl, ConversationId, Deletion, Error, Outcome, Vendor};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WantsServerCert;
use tokio_rustls::rustls::{CipherSuite, ConfigBuilder, ServerConfig, WantsVerifier};
use tokio_rustls::server::TlsStream;

/// Creates an authority that no system trusts.
pub(crate) fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    // Without a name of its own OpenSSL takes the server's certificate for self-signed.
    params.distinguished_name.push(DnType::CommonName, "An authority of this test");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Creates an acceptor with a certificate for `host` that expires in `last_year`, and with these protocols.
pub(crate) fn acceptor(
    issuer: &CertifiedIssuer<'static, KeyPair>,
    host: &str,
    last_year: i32,
    protocols: &[&str],
) -> TlsAcceptor {
    let mut config = server_config(issuer, host, last_year, |config| config.with_no_client_auth());
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// The server's side of TLS, which requests a client certificate or not.
pub(crate) fn server_config(
    issuer: &CertifiedIssuer<'static, KeyPair>,
    host: &str,
    last_year: i32,
    client_auth: impl FnOnce(ConfigBuilder<ServerConfig, WantsVerifier>) -> ConfigBuilder<ServerConfig, WantsServerCert>,
) -> ServerConfig {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(last_year, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = client_auth(config.with_safe_default_protocol_versions().unwrap());
    config.with_single_cert(vec![certificate.der().clone()], key).unwrap()
}

/// A server that responds to every request with 204, over HTTP/2 if that was agreed on.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) agreed: Agreed,
}

/// The protocol and the cipher suite of the latest handshake.
type Agreed = Arc<Mutex<Option<(Option<Vec<u8>>, CipherSuite)>>>;

impl TlsServer {
    pub(crate) async fn start(acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, connections: Arc::default(), agreed: Arc::default() };
        tokio::spawn(serve(listener, acceptor, server.connections.clone(), server.agreed.clone()));
        server
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, connections: Arc<AtomicUsize>, agreed: Agreed) {
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let Ok(mut stream) = acceptor.accept(stream).await else { continue };
        let session = stream.get_ref().1;
        let protocol = session.alpn_protocol().map(<[u8]>::to_vec);
        let speaks_h2 = protocol.as_deref() == Some(b"h2");
        *agreed.lock().unwrap() = Some((protocol, session.negotiated_cipher_suite().unwrap().suite()));
        if speaks_h2 {
            respond_over_h2(stream).await;
        } else {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    }
}

async fn respond_over_h2(stream: TlsStream<TcpStream>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        assert_eq!((request.method().as_str(), request.uri().path()), ("DELETE", "/records/r1"));
        assert_eq!(request.headers()["x-api-key"], "key");
        let response = http::Response::builder().status(204).body(()).unwrap();
        respond.send_response(response, true).unwrap();
    }
}

pub(crate) const VENDOR: Vendor = Vendor::new("example", "Example");

/// 2xx is a deletion, and 404 is the vendor's "not found".
pub(crate) const DELETE: ResponseRules = ResponseRules {
    classify_success: |_| Verdict::Done(Outcome::Deleted),
    read_error: |_| VendorError::default(),
    override_by_code: |response: &BufferedResponse, _| (response.status() == 404).then_some(Verdict::Absent),
};

/// A minimal client of a vendor crate.
pub(crate) struct Client {
    pipeline: Pipeline,
    records: Collection,
    pub(crate) clock: TestClock,
}

impl Client {
    /// Sends to `https://localhost` at this port.
    pub(crate) fn new(port: u16, trusted: Option<String>) -> Self {
        let mut options = ClientOptions::default();
        if let Some(pem) = trusted {
            options.http = options.http.with_root_certificate_pem(pem);
        }
        Self::with(options, &format!("https://localhost:{port}")).unwrap()
    }

    pub(crate) fn with(mut options: ClientOptions, base: &str) -> Result<Self, Error> {
        let clock = TestClock::new();
        options.clock = Arc::new(clock.clone());
        let base = BaseUrl::parse(base)?;
        let auth = Auth::api_key("x-api-key", &ApiKey::new("key")?)?;
        let pipeline = options.build(VENDOR, "example/1", &[&base], auth)?;
        Ok(Self { pipeline, records: base.collection(&["records"]), clock })
    }

    pub(crate) async fn delete(&self) -> Result<Deletion, Error> {
        let id = ConversationId::new("r1")?;
        self.pipeline.delete_record(&self.records, id.into(), None, &DELETE).await
    }
}
