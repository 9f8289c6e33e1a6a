//! One call from its first attempt to its end.

mod call;
mod failure;
mod read;
mod receive;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, header};

use crate::answer::Answer;
use crate::auth::{Auth, Credential};
use crate::base_url::Collection;
use crate::classify::{Dialect, Verdict, classify, is_ambiguous};
use crate::clock::Clock;
use crate::deletion::{Attempt, Deletion, Delivery, Erasure, Outcome};
use crate::error::{Error, ErrorKind};
use crate::retry::{RetryPolicy, SharedLimits};
use crate::transport::{Method, Request, Transport, TransportErrorKind};
use crate::{RecordId, Vendor, retry_after};

pub(crate) use call::{Call, Exchange, Intent};
use failure::{Failure, Said};
use receive::{Lost, receive};

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
    /// No attempt begins with less time than this: it could end in the middle of connecting, which must not look like a
    /// request that was sent.
    pub(crate) least_rest: Duration,
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

    /// The clock of the client.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Sends the call until it has an answer for good, may not be tried again, or has no time left.
    pub(crate) async fn execute(&self, call: &Call<'_>) -> Result<Exchange, Error> {
        let mut run = Run::new(self, call);
        loop {
            self.await_hold(&run).await?;
            if let Err(wait) = self.reserve(&run) {
                // Nobody but us wants this wait, so it does not count against the call.
                self.clock().sleep(wait).await;
                run.deadline += wait;
                continue;
            }
            let credential = match call.credential_by {
                Some(_) => None,
                None => Some(self.credential(&run).await?),
            };
            // Somebody else's answer may have asked to wait while the credential was fetched.
            if !self.held_for().is_zero() {
                continue;
            }
            if run.time_left() < self.0.least_rest {
                return Err(run.error(run.out_of_time()));
            }
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

    /// Takes a place in the pace of the client for the next request, or says how long a read has to wait for one.
    fn reserve(&self, run: &Run<'_>) -> Result<(), Duration> {
        self.0.limits.reserve(self.clock().now(), run.is_read())
    }

    /// Waits while the vendor wants no request from this client, if the call has the time.
    async fn await_hold(&self, run: &Run<'_>) -> Result<(), Error> {
        loop {
            let held = self.held_for();
            if held.is_zero() {
                return Ok(());
            }
            if !run.has_time_after(held) {
                let message = "an earlier answer asked to wait longer than this call may last";
                let failure = Failure {
                    retry_after: Some(held),
                    may_pass: true,
                    ..Failure::new(ErrorKind::RateLimited, message)
                };
                return Err(run.error(failure));
            }
            self.clock().sleep(held).await;
        }
    }

    fn held_for(&self) -> Duration {
        self.0.limits.held_for(self.clock().now())
    }

    /// Waits before the next attempt, unless the policy, the budget or the time is used up.
    async fn pause(&self, run: &mut Run<'_>, failure: Failure) -> Result<(), Error> {
        run.tries += 1;
        let asked = failure.retry_after.unwrap_or_default();
        let delay = self.0.retry.backoff(run.tries, &**self.clock()).max(asked);
        // A wait that the vendor asked for keeps the load down by itself.
        let may_retry = self.0.retry.allows_after(run.tries)
            && run.has_time_after(delay)
            && (!asked.is_zero() || self.0.limits.take_retry());
        if !may_retry {
            return Err(run.error(Failure { may_pass: true, ..failure }));
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
        let received = receive(&*self.0.transport, request, limit, run.call.body_limit).await;
        let duration = self.clock().now().saturating_duration_since(started);
        let step = match received {
            Ok(answer) => self.judge(run, answer, duration),
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
    fn judge(&self, run: &mut Run<'_>, answer: Answer, duration: Duration) -> Step {
        let (verdict, said) = classify(run.call.dialect, &answer);
        let was_ambiguous = run.is_ambiguous();
        let is_ambiguous = is_ambiguous(answer.status(), verdict);
        let delivery = if is_ambiguous && !run.is_read() { Delivery::MaybeDelivered } else { Delivery::Answered };
        run.attempts.push(Attempt::new(Some(answer.status()), delivery, duration));

        let retry_after = self.asked_wait(&answer);
        if let Some(wait) = retry_after.filter(|_| matches!(verdict, Verdict::Retry(_)) || is_pressed(answer.status()))
        {
            self.0.limits.hold(self.clock().now(), wait);
        }
        let said = Said::new(run.call.intent, &answer, said, |words| self.0.auth.redact(words));
        let failure = |kind| said.failure(kind, &answer, retry_after);
        let outcome = match verdict {
            Verdict::Done(outcome) => outcome,
            Verdict::Absent | Verdict::PartlyAbsent if was_ambiguous => Outcome::Gone,
            Verdict::PartlyAbsent => Outcome::Unresolved,
            Verdict::BareNotFound if was_ambiguous => return Step::Failed(failure(ErrorKind::UnexpectedResponse)),
            Verdict::Absent | Verdict::BareNotFound => return Step::Failed(failure(ErrorKind::NotFound)),
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
                let was_sent = error.kind() == TransportErrorKind::Broken;
                (if was_sent { Delivery::MaybeDelivered } else { Delivery::NotSent }, Failure::lost(error))
            }
        };
        let delivery = if run.is_read() { Delivery::NotSent } else { delivery };
        run.attempts.push(Attempt::new(None, delivery, duration));
        match failure.kind {
            ErrorKind::Tls | ErrorKind::Configuration => Step::Failed(failure),
            _ => Step::Passing(failure),
        }
    }

    /// Names the limit that was reached: the attempt's, or what was left of the call's.
    fn timeout(&self, limit: Duration) -> Failure {
        let seconds = limit.as_millis() as f64 / 1000.0;
        let message = if limit < self.0.attempt_timeout {
            format!("no answer within {seconds} s, what was left of the time for the whole call")
        } else {
            format!("no answer within {seconds} s, the time for an attempt")
        };
        Failure::new(ErrorKind::Timeout, message)
    }

    /// The longest wait that an error asks for.
    fn asked_wait(&self, answer: &Answer) -> Option<Duration> {
        if answer.status() < 400 {
            return None;
        }
        let date = answer.header(header::DATE.as_str());
        let now = self.clock().system_now();
        let values = answer.header_values(header::RETRY_AFTER.as_str());
        values.filter_map(|value| retry_after::parse(value, date, now)).max()
    }
}

/// Whether a wait that comes with this status is a wish of the whole service, to be kept by all clones of a client.
fn is_pressed(status: u16) -> bool {
    matches!(status, 408 | 429) || status >= 500
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

/// How an attempt ended for the call.
enum Step {
    Finished(Exchange),
    Failed(Failure),
    /// The credential was refused; a fresh one may help.
    Refused(Failure),
    /// The failure may pass.
    Passing(Failure),
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
        let deadline = call.credential_by.unwrap_or_else(|| pipeline.clock().now() + pipeline.0.total_timeout);
        Self { pipeline, call, deadline, attempts: Vec::with_capacity(1), tries: 0, renewed: false }
    }

    fn is_read(&self) -> bool {
        self.call.intent == Intent::Read
    }

    fn is_ambiguous(&self) -> bool {
        self.attempts.iter().any(Attempt::is_ambiguous)
    }

    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.pipeline.clock().now())
    }

    /// Whether a useful attempt fits in after a wait.
    fn has_time_after(&self, wait: Duration) -> bool {
        self.time_left().checked_sub(wait).is_some_and(|rest| rest >= self.pipeline.0.least_rest)
    }

    fn out_of_time(&self) -> Failure {
        let message = "the time for the whole call ended before the request could be sent";
        Failure { may_pass: true, ..Failure::new(ErrorKind::Timeout, message) }
    }

    fn error(&self, failure: Failure) -> Error {
        let error = Error::new(failure.kind, failure.message)
            .with_intent(self.call.intent)
            .for_vendor(self.pipeline.vendor())
            .with_status(failure.status)
            .with_vendor_code(failure.vendor_code)
            .with_request_id(failure.request_id)
            .with_retry_after(failure.retry_after)
            .with_retryable(failure.may_pass)
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
