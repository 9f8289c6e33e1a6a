//! What a response, or its absence, means for the call.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use http::header;

use super::failure::{Failure, Said};
use super::receive::SendError;
use super::{Completed, Pipeline, Run};
use crate::ClockSkew;
use crate::error::ErrorKind;
use crate::http::TransportErrorKind;
use crate::operation::Operation;
use crate::outcome::{Attempt, Delivery, Outcome};
use crate::response::{BodyKind, BufferedResponse};
use crate::response::{Verdict, classify, is_ambiguous};
use crate::retry::retry_after;

/// What follows an attempt.
pub(super) enum Step {
    Finished(Completed),
    /// The failure is permanent.
    Failed(Failure),
    /// The credential was refused.
    Refused(Failure),
    /// The failure may pass.
    Passing(Failure),
}

impl Pipeline {
    pub(super) fn judge(
        &self,
        run: &mut Run<'_>,
        response: BufferedResponse,
        sent_at: SystemTime,
        duration: Duration,
    ) -> Step {
        let (verdict, said) = classify(run.call.rules, &response);
        let verdict = if run.is_read() && is_page_of_403(&response) { UNEXPECTED } else { verdict };
        let was_ambiguous = run.is_ambiguous();
        let is_ambiguous = is_ambiguous(response.status(), verdict) && !run.is_read();
        let delivery = if is_ambiguous { Delivery::MaybeDelivered } else { Delivery::Answered };
        run.attempts.push(Attempt::new(sent_at, duration, delivery).with_status(response.status()));

        let retry_after = self.asked_wait(&response);
        let blocks_all = matches!(verdict, Verdict::Retry(_)) || is_overload(response.status());
        if let Some(wait) = retry_after.filter(|_| blocks_all) {
            run.limits().throttle(self.clock().now(), wait);
        }
        let said = Said::new(run.call.operation, &response, said, |words| self.0.auth.redact(words));
        let failure = |kind| said.failure(kind, &response, retry_after);
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
        Step::Finished(Completed {
            outcome,
            request_id: said.request_id,
            attempts: run.attempts.as_slice().into(),
            response: Arc::new(response),
        })
    }

    pub(super) fn judge_lost(
        &self,
        run: &mut Run<'_>,
        lost: SendError,
        limit: Duration,
        sent_at: SystemTime,
        duration: Duration,
    ) -> Step {
        let (delivery, failure) = match lost {
            SendError::TimedOut => (Delivery::MaybeDelivered, self.timeout(limit)),
            SendError::Transport(error) => {
                let may_have_arrived =
                    matches!(error.kind(), TransportErrorKind::Interrupted | TransportErrorKind::ResponseTooLarge);
                let delivery = if may_have_arrived { Delivery::MaybeDelivered } else { Delivery::NotSent };
                (delivery, Failure::lost(error))
            }
        };
        run.attempts.push(Attempt::new(sent_at, duration, delivery));
        match failure.kind {
            ErrorKind::Tls | ErrorKind::Configuration | ErrorKind::UnexpectedResponse => Step::Failed(failure),
            _ => Step::Passing(failure),
        }
    }

    /// Names the limit that was reached: the attempt's, or what was left of the call's.
    fn timeout(&self, limit: Duration) -> Failure {
        let seconds = limit.as_millis() as f64 / 1000.0;
        let message = if limit < self.0.attempt_timeout {
            format!("no response within {seconds} s, what was left of the time for the whole call")
        } else {
            format!("no response within {seconds} s, the time for an attempt")
        };
        Failure::new(ErrorKind::Timeout, message)
    }

    /// The longest wait that an error asks for.
    fn asked_wait(&self, response: &BufferedResponse) -> Option<Duration> {
        if response.status() < 400 {
            return None;
        }
        let date = response.header(header::DATE.as_str());
        let now = self.clock().system_now();
        let values = response.header_values(header::RETRY_AFTER.as_str());
        values.filter_map(|value| retry_after::parse(value, date, now)).max()
    }

    /// Compares our clock with the vendor's. A response out of a cache is older than its transfer.
    pub(super) fn note_date(&self, operation: Operation, response: &BufferedResponse, sent_at: SystemTime) {
        let is_old = response.header(header::AGE.as_str()).is_some_and(|age| age.trim() != "0");
        if operation == Operation::Token || is_old {
            return;
        }
        let date = response.header(header::DATE.as_str()).and_then(|date| httpdate::parse_http_date(date).ok());
        if let Some(date) = date {
            let skew = ClockSkew::measure(date, sent_at, self.clock().system_now());
            *self.0.clock_skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }
}

const UNEXPECTED: Verdict = Verdict::Fail(ErrorKind::UnexpectedResponse);

/// Whether something in between forbids, such as a firewall. That says nothing of what the credential may read.
fn is_page_of_403(response: &BufferedResponse) -> bool {
    response.status() == 403 && response.body_kind() == BodyKind::NotJson
}

/// Whether `Retry-After` with this status applies to every request of the client, not to this record alone.
fn is_overload(status: u16) -> bool {
    matches!(status, 408 | 429) || status >= 500
}
