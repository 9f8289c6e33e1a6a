//! What users can observe of a call: spans, retries, headers, times.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use delete_core::testing::{TestClock, response};
use delete_core::vendor_kit::{Auth, ClientOptions, Collection, Pipeline, ResponseRules, VendorError, Verdict};
use delete_core::{
    ApiKey, BaseUrl, Clock, ConversationId, Deletion, Delivery, Error, ErrorKind, Outcome, RetryEvent, Vendor, http,
};
use tracing_subscriber::fmt::format::FmtSpan;

const RULES: ResponseRules = ResponseRules {
    classify_success: |_| Verdict::Done(Outcome::Deleted),
    read_error: |_| VendorError::default(),
    override_by_code: |_, _| None,
};

const ID: &str = "c-s3cret-id";

/// A client of a vendor that responds with these statuses in turn, and always with the same headers.
struct Client {
    pipeline: Pipeline,
    records: Collection,
    clock: TestClock,
    retries: Arc<Mutex<Vec<RetryEvent>>>,
}

impl Client {
    fn new(statuses: &'static [u16]) -> Self {
        let sent = AtomicUsize::new(0);
        let transport = http::from_fn(move |_| {
            let status = statuses[sent.fetch_add(1, SeqCst)];
            async move {
                let mut response = response(status, "");
                for (name, value) in [("date", DATE), ("sunset", "soon"), ("set-cookie", "s3cret")] {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(response)
            }
        });
        let (clock, retries) = (TestClock::new(), Arc::new(Mutex::new(Vec::new())));
        let base = BaseUrl::parse("https://api.example.com/v1").unwrap();
        let auth = Auth::api_key("x-api-key", &ApiKey::new("k3y").unwrap()).unwrap();
        let mut options = ClientOptions::default();
        options.transport = Some(Arc::new(transport));
        options.clock = Arc::new(clock.clone());
        let events = Arc::clone(&retries);
        options.on_retry = Some(Arc::new(move |event: &RetryEvent| events.lock().unwrap().push(event.clone())));
        let pipeline = options.build(Vendor::new("example", "Example"), "test/1", &[&base], auth).unwrap();
        Self { pipeline, records: base.collection(&["records"]), clock, retries }
    }

    async fn delete(&self) -> Result<Deletion, Error> {
        let id = ConversationId::new(ID).unwrap();
        self.pipeline.delete_record(&self.records, id.into(), None, &RULES).await
    }

    async fn read_page(&self) -> Result<Vec<u8>, Error> {
        let rules = ResponseRules { classify_success: ResponseRules::read_success, ..RULES };
        self.pipeline.read_page(&self.records, &[], &rules).await
    }
}

/// The time at which a [`TestClock`] starts.
const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

#[tokio::test]
async fn a_span_for_the_call_and_one_for_each_attempt_have_the_usual_fields() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For all threads: what one of them registers without a subscriber would be off for the others too.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    assert!(Client::new(&[503, 204]).delete().await.is_ok());
    assert!(Client::new(&[400]).delete().await.is_err());
    assert!(Client::new(&[200]).read_page().await.is_err(), "an empty body is not a page");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let attempt = |method_and_count: &str| {
        format!(
            "attempt{{otel.kind=\"client\" http.request.method=\"DELETE\" http.request.resend_count={method_and_count} \
             server.address=\"api.example.com\" url.template=\"/v1/records/{{id}}\""
        )
    };
    for expected in [
        "call{vendor=\"example\" operation=\"delete\" url.template=\"/v1/records/{id}\" outcome=\"deleted\"}",
        "call{vendor=\"example\" operation=\"delete\" url.template=\"/v1/records/{id}\" error.type=\"rejected\"}",
        "call{vendor=\"example\" operation=\"read\" url.template=\"/v1/records\" error.type=\"unexpected_response\"}",
        &format!("{} http.response.status_code=503 error.type=\"server\"}}", attempt("0")),
        &format!("{} http.response.status_code=204}}", attempt("1")),
    ] {
        assert!(log.lines().any(|line| line.contains(expected) && line.contains("close")), "{expected}: {log}");
    }
    assert!(log.contains("request ended") && log.contains("waiting to send the request again"), "{log}");
    assert!(!log.contains("k3y") && !log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn each_retry_is_reported_before_its_wait() {
    let client = Client::new(&[503, 429, 204]);
    assert!(client.delete().await.is_ok());
    let retries = client.retries.lock().unwrap();
    let seen: Vec<_> = retries.iter().map(|event| (event.attempt, event.delay, event.kind, event.status)).collect();
    let ms = Duration::from_millis;
    let expected = [(1, ms(500), ErrorKind::Server, Some(503)), (2, ms(1000), ErrorKind::RateLimited, Some(429))];
    assert_eq!(seen, expected);
    assert_eq!((retries[0].vendor.as_str(), retries[0].reason.as_str()), ("example", "the vendor failed"));
}

#[tokio::test]
async fn results_carry_times_endpoint_and_the_listed_headers() {
    let client = Client::new(&[503, 204, 400, 200]);
    let started = client.clock.system_now();
    let deletion = client.delete().await.unwrap();
    let starts: Vec<_> = deletion.attempts().iter().map(|attempt| attempt.started_at()).collect();
    assert_eq!(starts, [started, started + Duration::from_millis(500)]);
    assert_eq!(deletion.endpoint(), Some("https://api.example.com/v1/records"));
    let refused = client.delete().await.unwrap_err();
    let unreadable = client.read_page().await.unwrap_err();
    for headers in [deletion.headers(), refused.headers(), unreadable.headers()] {
        assert_eq!(
            (headers.len(), &headers["date"], &headers["sunset"]),
            (2, &DATE.parse().unwrap(), &"soon".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn a_clone_has_its_own_total_time_and_shares_the_rest() {
    let client = Client::new(&[429, 204, 503, 503, 503, 503]);
    let short = Client { pipeline: client.pipeline.with_total_timeout(Duration::from_millis(400)), ..client };
    let error = short.delete().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::RateLimited, 1), "no time for the wait of 500 ms");
    assert_eq!(short.delete().await.unwrap().outcome(), Outcome::Deleted);
    let endless = Client { pipeline: short.pipeline.with_total_timeout(Duration::MAX), ..short };
    assert_eq!(endless.delete().await.unwrap_err().delivery(), Delivery::MaybeDelivered);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
