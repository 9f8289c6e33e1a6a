//! One call from its first attempt to its end.

mod call;
mod controls;
mod failure;
mod judge;
mod read;
mod receive;
mod run;

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::select;
use http::{HeaderName, HeaderValue, Method, Request};

use crate::auth::{Auth, Credential};
use crate::base_url::Collection;
use crate::clock::Clock;
use crate::deletion::{BatchDeletion, Deletion};
use crate::error::{Error, ErrorExt};
use crate::http::{Transport, TransportError};
use crate::operation::Operation;
use crate::outcome::{Attempt, Delivery, ErasureMode};
use crate::response::ResponseRules;
use crate::retry::{Permit, Turn};
use crate::retry::{RetryPolicy, SharedLimits};
use crate::{ClockSkew, RecordId, StopToken, Vendor};

pub(crate) use call::{Call, Completed};
use failure::Failure;
use judge::Step;
use receive::{SendError, receive};
use run::Run;

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
    /// Of the vendor's API.
    pub(crate) limits: SharedLimits,
    /// Of the token endpoint, which is another origin: its `Retry-After` does not block the API.
    pub(crate) token_limits: SharedLimits,
    pub(crate) attempt_timeout: Duration,
    pub(crate) total_timeout: Duration,
    /// No attempt begins with less time than this: it could end in the middle of connecting, which must not look like a
    /// request that was sent.
    pub(crate) least_rest: Duration,
    pub(crate) clock_skew: Mutex<Option<ClockSkew>>,
    pub(crate) stop: StopToken,
}

impl Pipeline {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Deletes one record: `DELETE` at its place in `collection`.
    ///
    /// # Errors
    /// Whatever [`ErrorKind`](crate::ErrorKind) names; see [`Error::delivery`] for what is known of the record then.
    pub async fn delete_record(
        &self,
        collection: &Collection,
        id: RecordId,
        erasure: Option<ErasureMode>,
        rules: &ResponseRules,
    ) -> Result<Deletion, Error> {
        let url = collection.record_url(&id).for_vendor(self.vendor())?;
        let done = self.execute(&Call::new(Method::DELETE, collection, url, rules)).await?;
        Ok(done.into_deletion(self.vendor(), id, erasure))
    }

    /// Deletes several records with one call: `DELETE` at the collection, with a JSON body that names them.
    ///
    /// # Errors
    /// Whatever [`ErrorKind`](crate::ErrorKind) names, for all of them together; see [`Error::delivery`] for what is known then.
    pub async fn delete_records(
        &self,
        collection: &Collection,
        body: Vec<u8>,
        ids: Vec<RecordId>,
        rules: &ResponseRules,
    ) -> Result<BatchDeletion, Error> {
        let call = Call::new(Method::DELETE, collection, collection.url(), rules).with_body("application/json", body);
        let done = self.execute(&call).await?;
        Ok(BatchDeletion::new(ids.into_iter().map(|id| done.clone().into_deletion(self.vendor(), id, None))))
    }

    pub(crate) fn vendor(&self) -> Vendor {
        self.0.vendor
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.0.auth
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.0.attempt_timeout
    }

    pub(crate) fn total_timeout(&self) -> Duration {
        self.0.total_timeout
    }

    /// The clock of the client.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Runs the call, retrying until it gets a final response, meets a permanent failure, or has no time left.
    pub(crate) async fn execute(&self, call: &Call<'_>) -> Result<Completed, Error> {
        let mut run = Run::new(self, call);
        loop {
            self.wait_for_throttle(&run).await?;
            let credential = self.credential(&run).await?;
            self.wait_for_turn(&run).await?;
            self.heed_stop(&run)?;
            // Another response may have set a throttle meanwhile.
            if !run.throttled_for().is_zero() {
                continue;
            }
            if !run.has_time_after(Duration::ZERO) {
                return Err(run.error(run.out_of_time()));
            }
            let step = self.attempt(&mut run, credential.as_ref()).await;
            match step {
                Step::Finished(exchange) => {
                    run.limits().deposit();
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

    /// The credential for the next attempt. The request for a token carries its own.
    async fn credential(&self, run: &Run<'_>) -> Result<Option<Credential>, Error> {
        if run.call.operation == Operation::Token {
            return Ok(None);
        }
        self.0.auth.credential(self, run.deadline).await.map(Some).map_err(|error| run.interrupted(error))
    }

    /// Waits for this call's turn under the rate limit, if the call has the time.
    async fn wait_for_turn(&self, run: &Run<'_>) -> Result<(), Error> {
        let mut waiting = Waiting { limits: run.limits(), turn: None };
        loop {
            match run.limits().ask(self.clock().now(), waiting.turn, run.longest_wait()) {
                Permit::Leave => return Ok(()),
                Permit::Wait(turn, wait) => {
                    waiting.turn = Some(turn);
                    self.sleep(wait).await;
                    self.heed_stop(run)?;
                }
                Permit::TooLong(wait) => {
                    let message = "the client's rate limit leaves no room for this call within its time";
                    return Err(run.error(Failure::throttled(message, wait)));
                }
            }
        }
    }

    /// Waits while `Retry-After` blocks requests to this origin, if the call has the time.
    async fn wait_for_throttle(&self, run: &Run<'_>) -> Result<(), Error> {
        loop {
            let wait = run.throttled_for();
            if wait.is_zero() {
                return Ok(());
            }
            if !run.has_time_after(wait) {
                let message = "an earlier response asked to wait longer than this call may last";
                return Err(run.error(Failure::throttled(message, wait)));
            }
            self.sleep(run.with_jitter(wait)).await;
            self.heed_stop(run)?;
        }
    }

    /// Sleeps, at most until somebody stops the call.
    async fn sleep(&self, time: Duration) {
        let (sleep, stopped) = (pin!(self.clock().sleep(time)), pin!(self.0.stop.stopped()));
        select(stopped, sleep).await;
    }

    /// Ends a call that somebody has stopped.
    fn heed_stop(&self, run: &Run<'_>) -> Result<(), Error> {
        match self.0.stop.is_stopped() {
            true => Err(run.error(Failure::stopped(run.attempts.last(), run.last_request_id.clone()))),
            false => Ok(()),
        }
    }

    /// Waits before the next attempt, unless the policy, the budget or the time is used up.
    async fn pause(&self, run: &mut Run<'_>, failure: Failure) -> Result<(), Error> {
        run.tries += 1;
        let asked = failure.retry_after.unwrap_or_default();
        let backoff = self.0.retry.delay_after(run.tries, &**self.clock());
        let delay = if asked > backoff { run.with_jitter(asked) } else { backoff };
        // A wait that the vendor asked for keeps the load down by itself.
        let may_retry = self.0.retry.allows_after(run.tries)
            && run.has_time_after(delay)
            && (!asked.is_zero() || run.limits().withdraw());
        if !may_retry {
            return Err(run.error(Failure { may_pass: true, ..failure }));
        }
        run.last_request_id = failure.request_id;
        tracing::debug!(
            vendor = self.vendor().as_str(),
            attempt = run.attempts.len(),
            delay_ms = delay.as_millis() as u64,
            reason = failure.kind.as_str(),
            "waiting to send the request again"
        );
        self.sleep(delay).await;
        self.heed_stop(run)
    }

    async fn attempt(&self, run: &mut Run<'_>, credential: Option<&Credential>) -> Step {
        let request = self.complete(run.call, credential);
        let limit = self.0.attempt_timeout.min(run.time_left());
        let (started, sent_at) = (self.clock().now(), self.clock().system_now());
        let received = match request {
            Ok(request) => receive(&*self.0.transport, request, limit, run.call.body_limit).await,
            Err(error) => Err(SendError::Transport(error)),
        };
        let duration = self.clock().now().saturating_duration_since(started);
        let step = match received {
            Ok(response) => {
                self.note_date(run.call.operation, &response, sent_at);
                self.judge(run, response, sent_at, duration)
            }
            Err(lost) => self.judge_lost(run, lost, limit, sent_at, duration),
        };
        let was_sent = run.attempts.last().is_some_and(|attempt| attempt.delivery() != Delivery::NotSent);
        tracing::debug!(
            vendor = self.vendor().as_str(),
            method = run.call.method.as_str(),
            attempt = run.attempts.len(),
            status = run.attempts.last().and_then(Attempt::status),
            duration_ms = duration.as_millis() as u64,
            "{}",
            if was_sent { "request ended" } else { "request was not sent" }
        );
        step
    }

    fn complete(&self, call: &Call<'_>, credential: Option<&Credential>) -> Result<Request<Bytes>, TransportError> {
        let mut request = call.request()?;
        request.headers_mut().extend(self.0.headers.iter().cloned());
        request.headers_mut().extend(credential.map(Credential::header));
        Ok(request)
    }
}

/// A call that waits for its turn. If it is dropped, others move up.
struct Waiting<'a> {
    limits: &'a SharedLimits,
    turn: Option<Turn>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.turn {
            self.limits.give_up(turn);
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("vendor", &self.vendor().as_str())
            .field("auth", &self.0.auth)
            .field("retry", &self.0.retry)
            .field("attempt_timeout", &self.0.attempt_timeout)
            .field("total_timeout", &self.0.total_timeout)
            .finish_non_exhaustive()
    }
}
