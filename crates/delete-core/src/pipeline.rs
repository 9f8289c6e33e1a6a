//! One call from its first attempt to its end.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use url::Url;

use crate::answer::{Answer, BodyEnd, read_body};
use crate::auth::{Auth, Credential};
use crate::base_url::Collection;
use crate::classify::{Dialect, VendorError, Verdict, classify, is_ambiguous};
use crate::clock::Clock;
use crate::deletion::{Attempt, Deletion, Delivery, Erasure, Outcome};
use crate::error::{Error, ErrorKind};
use crate::retry::{RetryPolicy, SharedLimits};
use crate::secret::Secret;
use crate::transport::{Method, Request, Response, Transport, TransportError, TransportErrorKind};
use crate::{RecordId, Vendor, retry_after, text};

/// What every client of a vendor crate holds: it sends the vendor's requests with authentication, time limits and
/// retries, and says what came of them. Clones share connections, token and limits.
#[derive(Clone)]
pub struct Pipeline(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) vendor: Vendor,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) auth: Auth,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry: RetryPolicy,
    pub(crate) limits: SharedLimits,
    pub(crate) attempt_timeout: Duration,
    pub(crate) total_timeout: Duration,
}

impl Pipeline {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Deletes one record: `DELETE` at its place in `collection`.
    ///
    /// # Errors
    /// Whatever [`ErrorKind`] names; see [`Error::delivery`] for what is known of the record then.
    pub async fn delete_record(
        &self,
        collection: &Collection,
        id: RecordId,
        erasure: Option<Erasure>,
        dialect: &Dialect,
    ) -> Result<Deletion, Error> {
        let url = collection.record_url(&id).map_err(|error| error.for_vendor(self.vendor()))?;
        let done = self.execute(&Call::new(Method::Delete, collection, url, dialect)).await?;
        Ok(done.into_deletion(self.vendor(), id, erasure))
    }

    /// Deletes several records with one call: `DELETE` at the collection, with a JSON body that names them.
    ///
    /// # Errors
    /// Whatever [`ErrorKind`] names, for all of them together; see [`Error::delivery`] for what is known then.
    pub async fn delete_records(
        &self,
        collection: &Collection,
        body: Vec<u8>,
        ids: Vec<RecordId>,
        dialect: &Dialect,
    ) -> Result<Vec<Deletion>, Error> {
        let call = Call::new(Method::Delete, collection, collection.url(), dialect).with_body("application/json", body);
        let done = self.execute(&call).await?;
        Ok(ids.into_iter().map(|id| done.clone().into_deletion(self.vendor(), id, None)).collect())
    }

    pub(crate) fn vendor(&self) -> Vendor {
        self.0.vendor
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Sends the call until it has an answer for good, may not be tried again, or has no time left.
    pub(crate) async fn execute(&self, call: &Call<'_>) -> Result<Exchange, Error> {
        let mut run = Run::new(self, call);
        loop {
            self.await_hold(&run).await?;
            let credential = match call.own_secret {
                Some(_) => None,
                None => Some(self.credential(&run).await?),
            };
            let step = self.attempt(&mut run, credential.as_ref()).await;
            match step {
                Step::Finished(exchange) => {
                    self.0.limits.earn();
                    return Ok(exchange);
                }
                Step::Failed(failure) => return Err(run.error(failure)),
                Step::Refused(failure) => {
                    let renewed = !run.renewed && credential.is_some_and(|refused| self.0.auth.renew(&refused));
                    if !renewed {
                        return Err(run.error(failure));
                    }
                    run.renewed = true;
                }
                Step::Passing(failure) => self.pause(&mut run, failure).await?,
            }
        }
    }

    async fn credential(&self, run: &Run<'_>) -> Result<Credential, Error> {
        self.0.auth.credential(self, run.deadline).await.map_err(|error| run.interrupted(error))
    }

    /// Waits while the vendor wants no request from this client, if the call has the time.
    async fn await_hold(&self, run: &Run<'_>) -> Result<(), Error> {
        loop {
            let held = self.0.limits.held_for(self.clock().now());
            if held.is_zero() {
                return Ok(());
            }
            if held >= run.time_left() {
                let message = "an earlier answer asked to wait longer than this call may last";
                let failure = Failure { retry_after: Some(held), ..Failure::new(ErrorKind::RateLimited, message) };
                return Err(run.error(failure));
            }
            self.clock().sleep(held).await;
        }
    }

    /// Waits before the next attempt, unless the policy, the budget or the time is used up.
    async fn pause(&self, run: &mut Run<'_>, failure: Failure) -> Result<(), Error> {
        run.tries += 1;
        let asked = failure.retry_after.unwrap_or_default();
        let delay = self.0.retry.backoff(run.tries, self.clock()).max(asked);
        let may_retry = self.0.retry.allows_after(run.tries) && delay < run.time_left() && self.0.limits.take_retry();
        if !may_retry {
            return Err(run.error(failure));
        }
        tracing::debug!(
            vendor = self.vendor().as_str(),
            attempt = run.attempts.len(),
            delay_ms = delay.as_millis() as u64,
            reason = failure.kind.as_str(),
            "request will be sent again"
        );
        self.clock().sleep(delay).await;
        Ok(())
    }

    async fn attempt(&self, run: &mut Run<'_>, credential: Option<&Credential>) -> Step {
        let request = self.complete(run.call, credential);
        let limit = self.0.attempt_timeout.min(run.time_left());
        let started = self.clock().now();
        let received = receive(&*self.0.transport, request, limit).await;
        let duration = self.clock().now().saturating_duration_since(started);
        let secret = credential.map(Credential::secret).or(run.call.own_secret);
        let step = match received {
            Ok(answer) => self.judge(run, answer, secret, duration),
            Err(lost) => self.judge_lost(run, lost, limit, duration),
        };
        tracing::debug!(
            vendor = self.vendor().as_str(),
            method = run.call.method.as_str(),
            attempt = run.attempts.len(),
            status = run.attempts.last().and_then(Attempt::status),
            duration_ms = duration.as_millis() as u64,
            "request ended"
        );
        step
    }

    fn complete(&self, call: &Call<'_>, credential: Option<&Credential>) -> Request {
        let mut request = call.request();
        for (name, value) in &self.0.headers {
            request.insert_header(name.clone(), value.clone());
        }
        if let Some((name, value)) = credential.map(Credential::header) {
            request.insert_header(name, value);
        }
        request
    }

    /// What an answer means for the call.
    fn judge(&self, run: &mut Run<'_>, answer: Answer, secret: Option<&Secret>, duration: Duration) -> Step {
        let (verdict, said) = classify(run.call.dialect, &answer);
        let was_ambiguous = run.is_ambiguous();
        let is_ambiguous = is_ambiguous(answer.status(), verdict);
        let delivery = if is_ambiguous { Delivery::MaybeDelivered } else { Delivery::Answered };
        run.attempts.push(Attempt::new(Some(answer.status()), delivery, duration));

        let retry_after = self.asked_wait(&answer);
        let said = Said::new(&answer, said, secret);
        let failure = |kind| said.failure(kind, &answer, retry_after);
        let outcome = match verdict {
            Verdict::Done(outcome) => outcome,
            Verdict::Absent | Verdict::PartlyAbsent if was_ambiguous => Outcome::Gone,
            Verdict::PartlyAbsent => Outcome::Unresolved,
            Verdict::Absent => return Step::Failed(failure(ErrorKind::NotFound)),
            Verdict::StaleCredential(kind) => return Step::Refused(failure(kind)),
            Verdict::BodyLost => return Step::Passing(failure(ErrorKind::Connection)),
            Verdict::Retry(kind) => return Step::Passing(failure(kind)),
            Verdict::Fail(kind) => return Step::Failed(failure(kind)),
        };
        Step::Finished(Exchange {
            outcome,
            request_id: said.request_id,
            attempts: run.attempts.as_slice().into(),
            answer: Arc::new(answer),
        })
    }

    /// What it means for the call that no answer came.
    fn judge_lost(&self, run: &mut Run<'_>, lost: Lost, limit: Duration, duration: Duration) -> Step {
        let (delivery, failure) = match lost {
            Lost::TimedOut => (Delivery::MaybeDelivered, self.timeout(limit)),
            Lost::Transport(error) => {
                let (delivery, kind, message) = describe_lost(error.kind());
                (delivery, Failure { source: Some(error), ..Failure::new(kind, message) })
            }
        };
        run.attempts.push(Attempt::new(None, delivery, duration));
        match failure.kind {
            ErrorKind::Tls | ErrorKind::Configuration => Step::Failed(failure),
            _ => Step::Passing(failure),
        }
    }

    /// Names the limit that was reached: the attempt's, or what was left of the call's.
    fn timeout(&self, limit: Duration) -> Failure {
        let seconds = limit.as_secs_f64();
        let message = if limit < self.0.attempt_timeout {
            format!("no answer within {seconds} s, what was left of the time for the whole call")
        } else {
            format!("no answer within {seconds} s, the time for an attempt")
        };
        Failure::new(ErrorKind::Timeout, message)
    }

    /// The longest wait that an error asks for. All clones of the client will keep it.
    fn asked_wait(&self, answer: &Answer) -> Option<Duration> {
        if answer.status() < 400 {
            return None;
        }
        let date = answer.header(header::DATE.as_str());
        let now = self.clock().system_now();
        let wait = answer
            .header_values(header::RETRY_AFTER.as_str())
            .filter_map(|value| retry_after::parse(value, date, now))
            .max()?;
        self.0.limits.hold(self.clock().now(), wait);
        Some(wait)
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("vendor", &self.0.vendor)
            .field("retry", &self.0.retry)
            .field("attempt_timeout", &self.0.attempt_timeout)
            .field("total_timeout", &self.0.total_timeout)
            .finish_non_exhaustive()
    }
}

/// What is sent, as often as need be, and how its answer is to be read.
pub(crate) struct Call<'a> {
    method: Method,
    place: &'a Collection,
    url: Url,
    body: Option<(&'static str, Bytes)>,
    dialect: &'a Dialect,
    /// The secret of a call that carries its credential in the body.
    own_secret: Option<&'a Secret>,
    /// The end of the call that this one is part of.
    deadline: Option<Instant>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, place: &'a Collection, url: Url, dialect: &'a Dialect) -> Self {
        Self { method, place, url, body: None, dialect, own_secret: None, deadline: None }
    }

    pub(crate) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.body = Some((content_type, body.into()));
        self
    }

    /// Makes it a call on the way to another, which ends by `deadline` and proves itself by a secret in its body.
    pub(crate) fn for_credential(mut self, secret: &'a Secret, deadline: Instant) -> Self {
        self.own_secret = Some(secret);
        self.deadline = Some(deadline);
        self
    }

    fn request(&self) -> Request {
        let request = self.place.request(self.method, self.url.clone());
        match &self.body {
            Some((content_type, body)) => request.with_body(content_type, body.clone()),
            None => request,
        }
    }
}

/// A call that was done.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) answer: Arc<Answer>,
    outcome: Outcome,
    request_id: Option<String>,
    attempts: Arc<[Attempt]>,
}

impl Exchange {
    fn into_deletion(self, vendor: Vendor, id: RecordId, erasure: Option<Erasure>) -> Deletion {
        Deletion {
            vendor,
            id,
            outcome: self.outcome,
            erasure,
            request_id: self.request_id,
            attempts: self.attempts,
            body_incomplete: !self.answer.is_complete(),
        }
    }
}

/// How an attempt ended for the call.
enum Step {
    Finished(Exchange),
    Failed(Failure),
    /// The credential was refused; a fresh one may help.
    Refused(Failure),
    /// The failure may pass.
    Passing(Failure),
}

struct Failure {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    vendor_code: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    source: Option<TransportError>,
}

impl Failure {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            vendor_code: None,
            request_id: None,
            retry_after: None,
            source: None,
        }
    }
}

/// The state of a call between its attempts.
struct Run<'a> {
    pipeline: &'a Pipeline,
    call: &'a Call<'a>,
    deadline: Instant,
    attempts: Vec<Attempt>,
    /// Attempts that count against the policy. A repeat with a fresh token does not.
    tries: u32,
    renewed: bool,
}

impl<'a> Run<'a> {
    fn new(pipeline: &'a Pipeline, call: &'a Call<'a>) -> Self {
        let deadline = call.deadline.unwrap_or_else(|| pipeline.clock().now() + pipeline.0.total_timeout);
        Self { pipeline, call, deadline, attempts: Vec::with_capacity(1), tries: 0, renewed: false }
    }

    fn is_ambiguous(&self) -> bool {
        self.attempts.iter().any(Attempt::is_ambiguous)
    }

    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.pipeline.clock().now())
    }

    fn error(&self, failure: Failure) -> Error {
        let error = Error::new(failure.kind, failure.message)
            .for_vendor(self.pipeline.vendor())
            .with_status(failure.status)
            .with_vendor_code(failure.vendor_code)
            .with_request_id(failure.request_id)
            .with_retry_after(failure.retry_after)
            .with_attempts(&self.attempts);
        match failure.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }

    /// An error from outside of the attempts, which are kept all the same.
    fn interrupted(&self, error: Error) -> Error {
        error.with_attempts(&self.attempts)
    }
}

/// No answer came.
enum Lost {
    Transport(TransportError),
    TimedOut,
}

/// Sends a request and reads its answer within `limit`. Once there is a status, a body that fails to come does no harm.
async fn receive(transport: &dyn Transport, request: Request, limit: Duration) -> Result<Answer, Lost> {
    let deadline = tokio::time::Instant::now() + limit;
    let response = match tokio::time::timeout_at(deadline, transport.send(request)).await {
        Ok(sent) => sent.map_err(Lost::Transport)?,
        Err(_) => return Err(Lost::TimedOut),
    };
    Ok(read_answer(response, deadline).await)
}

async fn read_answer(response: Response, deadline: tokio::time::Instant) -> Answer {
    let (status, headers, body) = response.into_parts();
    // Nothing in the body of a redirect is of use.
    if (300..400).contains(&status) {
        return Answer::new(status, headers, Vec::new(), BodyEnd::Complete);
    }
    let mut read = Vec::new();
    let end = tokio::time::timeout_at(deadline, read_body(body, &mut read)).await.unwrap_or(BodyEnd::BrokenOff);
    Answer::new(status, headers, read, end)
}

fn describe_lost(kind: TransportErrorKind) -> (Delivery, ErrorKind, &'static str) {
    match kind {
        TransportErrorKind::NotSent => (Delivery::NotSent, ErrorKind::Connect, "no connection could be made"),
        TransportErrorKind::TlsRefused => {
            (Delivery::NotSent, ErrorKind::Tls, "the server could not prove its identity")
        }
        TransportErrorKind::Unsendable => {
            (Delivery::NotSent, ErrorKind::Configuration, "the request could not be put together")
        }
        TransportErrorKind::Broken => {
            (Delivery::MaybeDelivered, ErrorKind::Connection, "the connection broke before an answer came")
        }
    }
}

/// The server's words, fit to be shown: without the secret it may have echoed, bounded, escaped.
struct Said {
    message: Option<String>,
    hint: Option<&'static str>,
    /// The origin that a redirect points to. The rest of the place may hold a secret of somebody's.
    redirect: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
}

impl Said {
    fn new(answer: &Answer, said: VendorError, secret: Option<&Secret>) -> Self {
        let redact = |words: String| match secret {
            Some(secret) => secret.redact(words),
            None => words,
        };
        let clean = |words: String, limit| text::shown(redact(words).trim(), limit);
        let in_header = || ["request-id", "x-request-id"].iter().find_map(|name| answer.header(name));
        Self {
            hint: said.hint,
            redirect: redirect_origin(answer).map(|origin| clean(origin, 100)),
            message: said.message.filter(|m| !m.trim().is_empty()).map(|m| clean(m, 200)),
            code: said.codes.into_iter().next().map(|code| clean(code, 64)),
            request_id: said.request_id.or_else(|| in_header().map(str::to_owned)).map(|id| clean(id, 128)),
        }
    }

    fn failure(&self, kind: ErrorKind, answer: &Answer, retry_after: Option<Duration>) -> Failure {
        let mut message = self.describe(kind, answer.status());
        if let Some(own) = &self.message {
            message = format!("{message}: \"{own}\"");
        }
        if let Some(hint) = self.hint {
            message = format!("{message}; {hint}");
        }
        Failure {
            status: Some(answer.status()),
            vendor_code: self.code.clone(),
            request_id: self.request_id.clone(),
            retry_after,
            ..Failure::new(kind, message)
        }
    }

    fn describe(&self, kind: ErrorKind, status: u16) -> String {
        let text = match (kind, status, &self.redirect) {
            (ErrorKind::Unauthenticated, ..) => "the vendor refused the credential",
            (ErrorKind::MissingScope, ..) => "the credential lacks the permission to delete",
            (ErrorKind::Forbidden, ..) => "the vendor forbids this credential to delete this record",
            (ErrorKind::PaymentRequired, ..) => "the account has no credit or plan for this call",
            (ErrorKind::NotFound, ..) => "this credential sees no such record",
            (ErrorKind::Rejected, ..) => "the vendor refused the request",
            (ErrorKind::RateLimited, ..) => "the vendor asks for fewer requests",
            (ErrorKind::Timeout, ..) => "the vendor gave up waiting for the request",
            (ErrorKind::Connection, ..) => "the answer broke off before it was complete",
            (ErrorKind::Server, ..) => "the vendor failed",
            (_, 300..=399, Some(origin)) => return format!("a redirect to {origin} was not followed"),
            (_, 300..=399, None) => "a redirect was not followed",
            (_, 404, _) => "the answer is not the vendor's way to say that there is no such record",
            (_, 200..=299, _) => "the answer has a status of success, but is none",
            _ => "the answer is none that the vendor documents",
        };
        text.to_owned()
    }
}

fn redirect_origin(answer: &Answer) -> Option<String> {
    if !(300..400).contains(&answer.status()) {
        return None;
    }
    let place = Url::parse(answer.header(header::LOCATION.as_str())?).ok()?;
    Some(format!("{}://{}", place.scheme(), place.host_str()?))
}
