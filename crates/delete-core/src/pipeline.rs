//! The calls of a client: requests with authentication, time limits and retries.

mod attempt;
mod controls;
mod read;
mod request;
mod retry_loop;
mod shared;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Instrument;
use tracing::field::Empty;

use crate::auth::Credential;
use crate::base_url::Collection;
use crate::clock::Clock;
use crate::deletion::{BatchDeletion, DeleteCall, Deletion};
use crate::error::{Error, ErrorExt, ErrorKind};
use crate::operation::Operation;
use crate::outcome::{Attempt, AttemptList, ErasureMode, Outcome};
use crate::record::{RecordId, Vendor};
use crate::response::{Failure, ResponseRules};
use crate::retry::RetryEvent;
use request::{Completed, RequestSpec};
use retry_loop::{Attempts, RetryContext, retry};

pub(crate) use shared::Shared;

/// What every client of a vendor crate holds: it sends the vendor's requests with authentication, time limits and
/// retries, and reports the result. Clones share connections, token and limits.
#[derive(Clone)]
pub struct Pipeline {
    shared: Arc<Shared>,
    total_timeout: Duration,
}

/// The longest time-out that can be set.
pub(crate) const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

impl Pipeline {
    pub(crate) fn new(shared: Shared, total_timeout: Duration) -> Self {
        Self { shared: Arc::new(shared), total_timeout }
    }

    /// Deletes one record: `DELETE` at its URL in `collection`.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; [`Error::delivery`] reports what is known of the record then.
    pub async fn delete_record(
        &self,
        collection: &Collection,
        id: RecordId,
        erasure: Option<ErasureMode>,
        rules: &ResponseRules,
    ) -> Result<Deletion, Error> {
        let spec = self.request(Operation::Delete, collection, collection.record_url(&id), rules)?;
        let (done, attempts) = self.execute(&spec).await?;
        let (outcome, call) = self.finished(collection, done, attempts, erasure)?;
        Ok(Deletion::from_call(id, outcome, call))
    }

    /// Deletes several records with one call: `DELETE` at the collection, with a JSON body that names them.
    ///
    /// # Errors
    /// Any [`ErrorKind`], for all of them together; [`Error::delivery`] reports what is known of them then.
    pub async fn delete_records(
        &self,
        collection: &Collection,
        body: Vec<u8>,
        ids: Vec<RecordId>,
        rules: &ResponseRules,
    ) -> Result<BatchDeletion, Error> {
        let spec = self.request(Operation::Delete, collection, Ok(collection.to_string()), rules)?;
        let (done, attempts) = self.execute(&spec.with_body("application/json", body)).await?;
        let (outcome, call) = self.finished(collection, done, attempts, None)?;
        Ok(BatchDeletion::new(ids.into_iter().map(|id| Deletion::from_call(id, outcome, Arc::clone(&call)))))
    }

    /// The outcome of a delete call, and what the results of all its records share.
    fn finished(
        &self,
        collection: &Collection,
        done: Completed,
        attempts: AttemptList,
        erasure_mode: Option<ErasureMode>,
    ) -> Result<(Outcome, Arc<DeleteCall>), Error> {
        let Some(outcome) = done.outcome else {
            let message = "the rules for this delete take its response for that of a read";
            let error = Error::builder(ErrorKind::UnexpectedResponse, message).vendor(self.vendor());
            return Err(error.attempts(attempts.into_vec()).build());
        };
        let call = DeleteCall {
            vendor: self.vendor(),
            erasure_mode,
            request_id: done.request_id,
            endpoint: Some(Arc::clone(collection.endpoint())),
            attempts,
            headers: done.headers,
            is_body_incomplete: !done.response.is_complete(),
        };
        Ok((outcome, Arc::new(call)))
    }

    fn request<'a>(
        &self,
        operation: Operation,
        collection: &'a Collection,
        url: Result<String, Error>,
        rules: &'a ResponseRules,
    ) -> Result<RequestSpec<'a>, Error> {
        let spec = url.and_then(|url| RequestSpec::new(operation, collection, url, rules));
        spec.map_err(|error| error.with_operation(operation)).for_vendor(self.vendor())
    }

    fn vendor(&self) -> Vendor {
        self.shared.vendor
    }

    /// The clock of the client.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    /// Runs a call within the client's total time.
    fn execute<'a>(
        &'a self,
        spec: &'a RequestSpec<'a>,
    ) -> impl Future<Output = Result<(Completed, AttemptList), Error>> + Send + 'a {
        self.execute_until(spec, self.clock().now() + self.total_timeout)
    }

    /// It begins before its future does, which is smaller then.
    fn execute_until<'a>(
        &'a self,
        spec: &'a RequestSpec<'a>,
        deadline: Instant,
    ) -> impl Future<Output = Result<(Completed, AttemptList), Error>> + Send + 'a {
        let shared = &*self.shared;
        let context = RetryContext {
            operation: spec.operation,
            clock: &*shared.clock,
            policy: &shared.retry,
            limits: shared.limits(spec.operation),
            stop: &shared.stop,
            deadline,
            min_attempt_time: self.min_attempt_time(spec.operation),
        };
        let calls = Calls { pipeline: self, spec, deadline };
        let span = tracing::debug_span!(
            "call",
            vendor = shared.vendor.as_str(),
            operation = spec.operation.verb(),
            url.template = spec.url_template(),
            outcome = Empty,
            "error.type" = Empty,
        );
        async move {
            // Without a subscriber, the future is not moved once more.
            let result = match span.is_disabled() {
                true => retry(&context, &calls).await,
                false => Box::pin(retry(&context, &calls).instrument(span.clone())).await,
            }
            .for_vendor(self.vendor());
            match &result {
                Ok((Completed { outcome: Some(outcome), .. }, _)) => span.record("outcome", outcome.as_str()),
                Ok(_) => &span,
                Err(error) => span.record("error.type", error.kind().as_str()),
            };
            result
        }
    }

    fn min_attempt_time(&self, operation: Operation) -> Duration {
        match operation {
            // A token request that ends while connecting leaves nothing unknown about a record.
            Operation::Token => Duration::ZERO,
            // At most the share of the total time that a client is built with.
            _ => self.shared.min_attempt_time.min(self.total_timeout * 5 / 8),
        }
    }
}

/// The attempts of one call.
struct Calls<'a> {
    pipeline: &'a Pipeline,
    spec: &'a RequestSpec<'a>,
    deadline: Instant,
}

impl Attempts for Calls<'_> {
    type Output = Completed;
    type Credential = Option<Credential>;

    async fn credential(&self) -> Result<Option<Credential>, Error> {
        match self.spec.operation {
            // The form holds the credential.
            Operation::Token => Ok(None),
            _ => self.pipeline.credential(self.deadline).await,
        }
    }

    fn attempt(
        &self,
        credential: &Option<Credential>,
        time: Duration,
        earlier: &[Attempt],
    ) -> impl Future<Output = (Attempt, Result<Completed, Failure>)> + Send {
        self.pipeline.shared.attempt(self.spec, credential.as_ref(), time, earlier)
    }

    fn renew(&self, rejected: &Option<Credential>) -> bool {
        rejected.as_ref().is_some_and(|rejected| self.pipeline.shared.auth.renew(rejected))
    }

    fn on_retry(&self, attempts: &[Attempt], failure: &Failure, delay: Duration) {
        tracing::debug!(
            vendor = self.pipeline.vendor().as_str(),
            attempt = attempts.len(),
            delay_ms = delay.as_millis() as u64,
            reason = failure.error.kind().as_str(),
            "waiting to send the request again"
        );
        if let Some(hook) = &self.pipeline.shared.on_retry {
            hook(&RetryEvent {
                vendor: self.pipeline.vendor(),
                attempt: attempts.len(),
                delay,
                kind: failure.error.kind(),
                reason: failure.error.message().to_owned(),
                status: failure.error.status(),
            });
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("vendor", &self.vendor().as_str())
            .field("auth", &self.shared.auth)
            .field("retry", &self.shared.retry)
            .field("attempt_timeout", &self.shared.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .finish_non_exhaustive()
    }
}
