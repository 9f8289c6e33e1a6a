//! The one way to the vendor: all that the clients and the suite send passes here, where it is checked and kept in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use delete_core::http::{
    Body, Bytes, HeaderMap, HeaderName, HeaderValue, HttpOptions, HttpTransport, Method, Request, Response, Transport,
    TransportError, TransportErrorKind,
};
use delete_core::vendor_kit::retry_after;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use crate::live::vendor::Vendor;

/// How long a run may take with its waits. A token of Corti's lives for 300 s.
const MAX_TIME: Duration = Duration::from_secs(150);
const MAX_REQUESTS: usize = 120;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_BODY: usize = 32 * 1024 * 1024;

/// The wait after a 429 without `Retry-After`.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// The least wait after a 429, whatever `Retry-After` says. It doubles with each 429 to the same request.
const MIN_WAIT: Duration = Duration::from_secs(1);

/// A header that a request has another value of, or that it lacks.
pub(crate) type Change = (&'static str, Option<&'static str>);

/// A transport that sends GETs, Corti's token request, and deletes of the permitted ids, and refuses the rest.
pub(crate) struct Wire {
    vendor: &'static Vendor,
    plain: HttpTransport,
    secure: Result<HttpTransport, TransportError>,
    started: Instant,
    max_time: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    requests: usize,
    deletable: Vec<String>,
    api: Option<Api>,
    sent: Vec<Result<Exchange, TransportError>>,
}

/// Where the client sends to, and the headers that hold its credential.
#[derive(Clone)]
struct Api {
    root: String,
    headers: HeaderMap,
}

/// A request that was sent, and the response to it.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) is_token_request: bool,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Exchange {
    /// The body as JSON; null if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Wire {
    /// # Errors
    /// If no HTTP client can be built.
    pub(crate) fn new(vendor: &'static Vendor) -> Result<Self, TransportError> {
        Ok(Self {
            vendor,
            // Plain http, as to a fake, needs no certificates of the system.
            plain: HttpTransport::new(&HttpOptions::default().with_system_roots(false))?,
            secure: HttpTransport::new(&HttpOptions::default()),
            started: Instant::now(),
            max_time: MAX_TIME,
            state: Mutex::default(),
        })
    }

    /// Permits deletes of this record.
    pub(crate) fn permit(&self, id: &str) {
        self.state().deletable.push(id.to_owned());
    }

    /// Returns what was sent since the last call, and forgets it.
    pub(crate) fn take(&self) -> Vec<Result<Exchange, TransportError>> {
        std::mem::take(&mut self.state().sent)
    }

    /// The host of the API, with its port if it has one; empty before the first request.
    pub(crate) fn host(&self) -> String {
        let root = self.state().api.as_ref().map(|api| api.root.clone()).unwrap_or_default();
        let rest = root.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    /// Sends a request without a body below the root of the API, with the headers of the client and one of them changed.
    ///
    /// # Errors
    /// If it is not one that the suite may send, or no response came.
    pub(crate) async fn send_bare(
        &self,
        method: Method,
        path: &str,
        change: Option<Change>,
    ) -> Result<(), TransportError> {
        let api = self.state().api.clone().ok_or_else(|| refused("the client has sent nothing yet"))?;
        let mut headers = api.headers;
        if let Some((name, value)) = change {
            headers.remove(name);
            headers.extend(value.map(|value| (HeaderName::from_static(name), HeaderValue::from_static(value))));
        }
        let request = Request::builder().method(method).uri(format!("{}{path}", api.root)).body(Bytes::new());
        let mut request = request.map_err(|error| refused(&error.to_string()))?;
        *request.headers_mut() = headers;
        self.send(request).await.map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses what this run does not promise to send, and counts the rest.
    fn check(&self, request: &Request<Bytes>) -> Result<(), TransportError> {
        let mut state = self.state();
        let is_permitted = match *request.method() {
            Method::GET => true,
            Method::POST => is_token_request(request),
            Method::DELETE => self.vendor.deletes_only(request.uri().path(), request.body(), &state.deletable),
            _ => false,
        };
        if !is_permitted {
            return Err(refused("the suite does not send this request"));
        }
        if state.requests == MAX_REQUESTS {
            return Err(refused("the run has sent as many requests as it may"));
        }
        if self.started.elapsed() > self.max_time {
            return Err(refused("the run has taken as long as it may"));
        }
        state.requests += 1;
        if state.api.is_none() {
            state.api = self.api_of(request);
        }
        Ok(())
    }

    /// What a request for the list shows of the client; `None` for any other request.
    fn api_of(&self, request: &Request<Bytes>) -> Option<Api> {
        let uri = request.uri().to_string();
        let root = uri.split('?').next()?.strip_suffix(self.vendor.list_path)?.to_owned();
        Some(Api { root, headers: request.headers().clone() })
    }

    /// Sends a request until it is not throttled.
    async fn send_patiently(&self, request: Request<Bytes>) -> Result<Exchange, TransportError> {
        let mut min_wait = MIN_WAIT;
        loop {
            self.check(&request)?;
            let exchange = timeout(ATTEMPT_TIMEOUT, self.send_once(request.clone())).await;
            let exchange = exchange.map_err(|_| interrupted("no response within 30 s"))??;
            if exchange.status != 429 {
                return Ok(exchange);
            }
            let wait = retry_after(&exchange.headers, SystemTime::now()).unwrap_or(USUAL_WAIT).max(min_wait);
            if wait > self.max_time.saturating_sub(self.started.elapsed()) {
                return Err(refused(&format!("the vendor throttles: run the suite again in {} s", wait.as_secs())));
            }
            sleep(wait).await;
            min_wait *= 2;
        }
    }

    async fn send_once(&self, request: Request<Bytes>) -> Result<Exchange, TransportError> {
        let is_token_request = is_token_request(&request);
        let transport = match request.uri().scheme_str() {
            Some("http") => &self.plain,
            _ => self.secure.as_ref().map_err(Clone::clone)?,
        };
        let (head, mut body) = transport.send(request).await?.into_parts();
        let mut bytes = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BODY {
                return Err(interrupted("the body is longer than 32 MiB"));
            }
        }
        Ok(Exchange { is_token_request, status: head.status.as_u16(), headers: head.headers, body: bytes.into() })
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let sent = self.send_patiently(request).await;
        self.state().sent.push(sent.clone());
        let exchange = sent?;
        let mut response = Response::builder().status(exchange.status).body(Body::from(exchange.body));
        if let Ok(response) = &mut response {
            *response.headers_mut() = exchange.headers;
        }
        response.map_err(|error| interrupted(&error.to_string()))
    }
}

fn is_token_request(request: &Request<Bytes>) -> bool {
    *request.method() == Method::POST && request.uri().path().ends_with("/protocol/openid-connect/token")
}

fn refused(problem: &str) -> TransportError {
    TransportError::new(TransportErrorKind::InvalidRequest, problem)
}

fn interrupted(problem: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Interrupted, problem)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::raw_http::{FaultAction, RawServer};

    /// Sends one request to a vendor that throttles each with this `Retry-After`, in a run that began 2 s ago and has 4 s
    /// left. Returns the error and the number of requests.
    async fn throttled(retry_after: &str) -> (TransportError, usize) {
        let requests = Arc::new(AtomicUsize::new(0));
        let (seen, header) = (Arc::clone(&requests), format!("retry-after: {retry_after}"));
        let server = RawServer::start(move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
            FaultAction::status(429, &[&header], "")
        });
        let mut wire = Wire::new(crate::live::vendors::VENDORS[3]).unwrap();
        wire.started -= Duration::from_secs(2);
        wire.max_time = Duration::from_secs(6);
        let request = Request::get(format!("{}/v2/conversations", server.url())).body(Bytes::new()).unwrap();
        (wire.send(request).await.unwrap_err(), requests.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_throttle_of_any_length_is_an_error_and_one_of_no_length_is_still_a_pause() {
        for endless in ["18446744073709551615", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            let (error, requests) = throttled(endless).await;
            assert!(error.to_string().contains("run the suite again in"), "{error}");
            assert_eq!(requests, 1, "{endless}");
        }
        // Pauses of 1 s and 2 s fit, and one of 4 s does not.
        let none = tokio::join!(throttled("0"), throttled("-1"), throttled("Fri, 31 Dec 1999 23:59:59 GMT"));
        assert_eq!((none.0.1, none.1.1, none.2.1), (3, 3, 3));
    }

    #[tokio::test]
    async fn other_requests_than_the_promised_ones_are_refused_before_they_are_sent() {
        let vendor = crate::live::vendors::VENDORS[3];
        let wire = Wire::new(vendor).unwrap();
        wire.permit("c1");
        for (method, path) in [
            (Method::DELETE, "/v2/conversations/c2"),
            (Method::POST, "/v2/conversations/c1/end"),
            (Method::POST, "/v2/conversations"),
            (Method::PUT, "/v2/conversations/c1"),
            (Method::PATCH, "/v2/conversations/c1"),
        ] {
            // Nothing listens there: what is sent fails with another kind.
            let request = Request::builder().method(&method).uri(format!("http://127.0.0.1:1{path}"));
            let error = wire.send(request.body(Bytes::new()).unwrap()).await.unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::InvalidRequest, "{method} {path}");
        }
        let request = Request::delete("http://127.0.0.1:1/v2/conversations/c1").body(Bytes::new()).unwrap();
        assert_eq!(wire.send(request).await.unwrap_err().kind(), TransportErrorKind::NotSent);
    }

    #[tokio::test]
    async fn a_run_sends_a_bounded_number_of_requests() {
        let wire = Wire::new(crate::live::vendors::VENDORS[3]).unwrap();
        let request = || Request::get("http://127.0.0.1:1/v2/conversations").body(Bytes::new()).unwrap();
        for _ in 0..MAX_REQUESTS {
            assert_eq!(wire.send(request()).await.unwrap_err().kind(), TransportErrorKind::NotSent);
        }
        assert_eq!(wire.send(request()).await.unwrap_err().kind(), TransportErrorKind::InvalidRequest);
    }
}
