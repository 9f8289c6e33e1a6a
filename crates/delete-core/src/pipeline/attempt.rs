//! One attempt: a request, its response or the lack of one, and what that means for the call.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, header};
use tracing::Instrument;
use tracing::field::Empty;

use super::request::{Completed, RequestSpec};
use super::shared::Shared;
use crate::auth::Credential;
use crate::clock_skew::ClockSkew;
use crate::error::ErrorKind;
use crate::operation::Operation;
use crate::outcome::{Attempt, Delivery, Outcome};
use crate::response::{BufferedResponse, Classification, Failure, FailureClass, Verdict, receive, request_id};
use crate::retry::retry_after;

impl Shared {
    /// Makes one attempt within `time`, after `earlier` ones. It begins before its future does, which is smaller then.
    pub(super) fn attempt(
        &self,
        spec: &RequestSpec<'_>,
        credential: Option<&Credential>,
        time: Duration,
        earlier: &[Attempt],
    ) -> impl Future<Output = (Attempt, Result<Completed, Failure>)> + Send {
        let span = tracing::debug_span!(
            "attempt",
            otel.kind = "client",
            http.request.method = spec.method().as_str(),
            http.request.resend_count = earlier.len(),
            server.address = spec.host(),
            url.template = spec.url_template(),
            http.response.status_code = Empty,
            "error.type" = Empty,
        );
        let request = self.request(spec, credential);
        let limit = self.attempt_timeout.min(time);
        let (started, started_at) = (self.clock.now(), self.clock.system_now());
        let sending = self.transport.send(request);
        async move {
            let received = match span.is_disabled() {
                true => receive(sending, limit, spec.body_limit()).await,
                false => Box::pin(receive(sending, limit, spec.body_limit()).instrument(span.clone())).await,
            };
            let duration = self.clock.now().saturating_duration_since(started);
            let (status, delivery, result) = match received {
                Ok(response) => {
                    let status = response.status();
                    self.note_date(spec.operation, &response, started_at);
                    let (delivery, result) = self.conclude(spec, response, earlier);
                    (Some(status), delivery, result)
                }
                Err(error) => {
                    let delivery = error.delivery();
                    (None, delivery, Err(Failure::no_response(error, limit, self.attempt_timeout)))
                }
            };
            span.record("http.response.status_code", status);
            if let Err(failure) = &result {
                span.record("error.type", failure.error.kind().as_str());
            }
            let _entered = span.enter();
            tracing::debug!(
                vendor = self.vendor.as_str(),
                method = spec.method().as_str(),
                attempt = earlier.len() + 1,
                status,
                duration_ms = duration.as_millis() as u64,
                "{}",
                if delivery == Delivery::NotSent { "request was not sent" } else { "request ended" }
            );
            let attempt = Attempt::new(started_at, duration, delivery);
            let attempt = match status {
                Some(status) => attempt.with_status(status),
                None => attempt,
            };
            (attempt, result)
        }
    }

    fn request(&self, spec: &RequestSpec<'_>, credential: Option<&Credential>) -> Request<Bytes> {
        let mut request = spec.request(self.headers.clone());
        if let Some((name, value)) = credential.map(Credential::header) {
            request.headers_mut().insert(name, value);
        }
        request
    }

    /// What a response means for the call, and whether it leaves the effect of the attempt unknown.
    fn conclude(
        &self,
        spec: &RequestSpec<'_>,
        response: BufferedResponse,
        earlier: &[Attempt],
    ) -> (Delivery, Result<Completed, Failure>) {
        let Classification { verdict, details } = Classification::new(spec.rules, spec.operation, &response);
        let has_effect = spec.operation != Operation::Read;
        let is_ambiguous = has_effect && verdict.is_ambiguous(response.status());
        let was_ambiguous = has_effect && earlier.iter().any(Attempt::is_ambiguous);
        let delivery = if is_ambiguous { Delivery::MaybeDelivered } else { Delivery::Answered };

        let retry_after = self.retry_after(&response);
        if let Some(wait) =
            retry_after.filter(|_| matches!(verdict, Verdict::Retry(_)) || is_overload(response.status()))
        {
            self.limits(spec.operation).throttle.throttle_until(self.clock.now(), wait);
        }
        let redact = |text| self.auth.redact(text);
        let result = match reaction(verdict, was_ambiguous) {
            Ok(outcome) => {
                let request_id = request_id(&response, details.request_id, &redact);
                let headers = response.kept_headers(&redact);
                Ok(Completed { response, outcome, request_id, headers })
            }
            Err((kind, class)) => {
                let operation = spec.operation;
                Err(Failure::from_response(kind, class, operation, &response, details, retry_after, &redact))
            }
        };
        (delivery, result)
    }

    /// The longest `Retry-After` of an error.
    fn retry_after(&self, response: &BufferedResponse) -> Option<Duration> {
        if response.status() < 400 {
            return None;
        }
        retry_after(response.headers(), self.clock.system_now())
    }

    /// Compares our clock with the vendor's. A response from a cache is older than its transfer.
    fn note_date(&self, operation: Operation, response: &BufferedResponse, sent_at: SystemTime) {
        let is_cached = response.known_header(header::AGE).is_some_and(|age| age.trim() != "0");
        if operation == Operation::Token || is_cached {
            return;
        }
        let date = response.known_header(header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        if let Some(date) = date {
            let skew = ClockSkew::measure(date, sent_at, self.clock.system_now());
            *self.clock_skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }
}

/// What follows from a verdict, given whether an earlier attempt may have taken effect.
fn reaction(verdict: Verdict, was_ambiguous: bool) -> Result<Option<Outcome>, (ErrorKind, FailureClass)> {
    use FailureClass::{CredentialRejected, Permanent, Transient};
    match verdict {
        Verdict::Ok => Ok(None),
        Verdict::Done(outcome) => Ok(Some(outcome)),
        Verdict::Absent | Verdict::PartlyAbsent if was_ambiguous => Ok(Some(Outcome::Gone)),
        Verdict::PartlyAbsent => Ok(Some(Outcome::Unresolved)),
        Verdict::BareNotFound if was_ambiguous => Err((ErrorKind::UnexpectedResponse, Permanent)),
        Verdict::Absent | Verdict::BareNotFound => Err((ErrorKind::NotFound, Permanent)),
        Verdict::CredentialRejected(kind) => Err((kind, CredentialRejected)),
        Verdict::BodyLost => Err((ErrorKind::Connection, Transient)),
        Verdict::Retry(kind) => Err((kind, Transient)),
        Verdict::Fail(kind) => Err((kind, Permanent)),
    }
}

/// Whether `Retry-After` with this status applies to every request of the client, not to this record alone.
fn is_overload(status: u16) -> bool {
    matches!(status, 408 | 429) || status >= 500
}
