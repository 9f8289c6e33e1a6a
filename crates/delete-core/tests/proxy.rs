//! Whether requests go through a proxy is the caller's decision.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use delete_conformance::{FaultAction, FaultServer};
use delete_core::http::Proxy;
use delete_core::vendor_kit::{Auth, ClientOptions, ResponseRules, VendorError, Verdict};
use delete_core::{ApiKey, BaseUrl, ConversationId, Deletion, Error, ErrorKind, Outcome, RetryPolicy, Vendor};

const VENDOR: Vendor = Vendor::new("example", "Example");

const DELETE: ResponseRules = ResponseRules {
    classify_success: |_| Verdict::Done(Outcome::Deleted),
    read_error: |_| VendorError::default(),
    override_by_code: |_, _| None,
};

async fn delete_through(proxy: Proxy, base: &str) -> Result<Deletion, Error> {
    let mut options = ClientOptions::default();
    options.http = options.http.with_proxy(proxy);
    delete_with(options, base).await
}

async fn delete_with(options: ClientOptions, base: &str) -> Result<Deletion, Error> {
    let base = BaseUrl::parse(base)?;
    let auth = Auth::api_key("x-api-key", &ApiKey::new("key")?)?;
    let pipeline = options.build(VENDOR, "example/1", &[&base], auth)?;
    let id = ConversationId::new("r1")?;
    pipeline.delete_record(&base.collection(&["records"]), id.into(), None, &DELETE).await
}

#[tokio::test]
async fn a_given_proxy_is_used() {
    let server = FaultServer::start([FaultAction::status(204, &[], "")]);
    let deletion = delete_through(Proxy::Url(server.url()), "http://localhost:1/api").await.unwrap();
    assert_eq!(deletion.outcome(), Outcome::Deleted);
    assert!(server.requests()[0].starts_with("DELETE http://localhost:1/api/records/r1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn without_a_proxy_the_connection_is_direct() {
    let server = FaultServer::start([FaultAction::status(204, &[], "")]);
    let deletion = delete_through(Proxy::None, &server.url()).await.unwrap();
    assert_eq!(deletion.outcome(), Outcome::Deleted);
    assert!(server.requests()[0].starts_with("DELETE /records/r1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_proxy_that_cannot_be_read_is_refused_without_being_shown() {
    for url in
        ["http://user:s3cret@[", "ftp://s3cret:1", "socks5://s3cret:1", "unix:///s3cret", "s3cret:1", "http://", ""]
    {
        let proxy = Proxy::Url(url.to_owned());
        let shown = format!("{proxy:?}");
        let error = delete_through(proxy, "http://localhost:1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
        assert!(!format!("{shown}{error}{error:?}").contains("s3cret"));
    }
}

/// Runs the test above in a process of its own, because only there can the environment be set.
#[test]
fn the_environments_proxy_is_not_used_by_default() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        // Nobody listens there: a request that goes through it fails.
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.args(["--exact", "without_a_proxy_the_connection_is_direct"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[tokio::test]
async fn a_refused_proxy_password_is_named_and_stops_everything() {
    for base in ["https://localhost:1", "http://localhost:1"] {
        // Refuses the credentials of every request, also of one for a tunnel.
        let server = FaultServer::start([FaultAction::status(407, &[], "")]);
        let proxy = Proxy::Url(format!("http://user:s3cret@{}", server.address()));
        let error = delete_through(proxy, base).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Configuration, 1), "{error:?}");
        assert!(error.is_fatal_for_client() && !error.is_retryable() && !error.may_have_taken_effect());
        let text = error.to_string();
        assert!(text.contains("407") && text.contains("proxy") && !text.contains("s3cret"), "{text}");
    }
}

/// Runs in the process of the test below only.
#[tokio::test]
async fn the_systems_proxy_is_used_or_refused() {
    let Ok(name) = std::env::var("BAD_PROXY_VARIABLE") else { return };
    let error = delete_through(Proxy::System, "https://localhost:1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(error.to_string().contains(&name) && !format!("{error}{error:?}").contains("s3cret"), "{error}");
}

#[test]
fn a_proxy_variable_that_cannot_be_read_is_never_a_direct_connection() {
    for (name, value) in [
        ("HTTPS_PROXY", "\"http://s3cret:3128\""),
        ("https_proxy", "http://s3cret:3128\r"),
        ("ALL_PROXY", "http://s3cret:3128 "),
        ("all_proxy", "gopher://s3cret:3128"),
    ] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        for other in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            child.env_remove(other);
        }
        child.env(name, value).env("BAD_PROXY_VARIABLE", name);
        let output = child.args(["--exact", "the_systems_proxy_is_used_or_refused"]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[tokio::test]
async fn the_cause_of_a_failed_connection_is_in_the_message() {
    for (base, cause) in [("http://localhost:1", "refused"), ("https://no-such-host.invalid", "dns error")] {
        let mut options = ClientOptions::default();
        options.retry = RetryPolicy::none();
        let error = delete_with(options, base).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.to_string().to_lowercase().contains(cause) && !error.to_string().contains("()"), "{error}");
    }
}

#[tokio::test]
async fn the_original_cause_can_be_downcast() {
    let mut options = ClientOptions::default();
    options.retry = RetryPolicy::none();
    let error = delete_with(options, "http://localhost:1").await.unwrap_err();
    let mut causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
    let cause = causes.find_map(|cause| cause.downcast_ref::<std::io::Error>()).unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::ConnectionRefused);
}
