//! The report on one id.

use std::borrow::Cow;

use conversation_delete_job::RecordOutcome;
use delete_core::{Deletion, Delivery, Error, ErrorKind, RecordId};
use schemars::JsonSchema;
use serde::Serialize;

use super::display::visible;
use super::presence::PresencePair;

/// The report on one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) outcome: RecordOutcome,
    pub(crate) attempts: usize,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) error: Option<Failure>,
    /// What lookups reported; `None` if there was none.
    pub(crate) presence: Option<Box<PresencePair>>,
    /// When it got its outcome, in RFC 3339, if a job keeps that.
    pub(crate) settled_at: Option<String>,
    /// Where a refused entry comes from.
    pub(crate) origin: Option<Origin>,
    /// What belonged to it and was deleted before it.
    pub(crate) children: Vec<ChildRecord>,
}

/// Where an entry of the input was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) source: String,
    pub(crate) line: Option<u64>,
}

/// The report on something that belonged to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChildRecord {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) record: Record,
}

impl ChildRecord {
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.record.id == other.record.id
    }
}

/// Why a request failed, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "failure")]
pub(crate) struct Failure {
    /// Such as `rate_limited`, `timeout`, `server` or `interrupted`.
    pub(crate) kind: Cow<'static, str>,
    /// `not_sent`, `maybe_delivered` or `answered`. The record may be deleted after `maybe_delivered`, and after `answered` with
    /// the kind `unexpected_response`.
    pub(crate) delivery: Cow<'static, str>,
    /// What happened, what is known of the record, and what to do.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        let message = with_advice(error.kind().as_str(), error_chain(error));
        Self { kind: error.kind().as_str().into(), delivery: error.delivery().as_str().into(), message }
    }

    /// What is not an id is never sent.
    pub(super) fn refused(message: String) -> Self {
        let (kind, delivery) = (ErrorKind::InvalidInput.as_str().into(), Delivery::NotSent.as_str().into());
        Self { kind, delivery, message }
    }
}

impl Record {
    pub(crate) fn of(id: &RecordId, result: &Result<Deletion, Error>) -> Self {
        match result {
            Ok(deletion) => Self {
                outcome: deletion.outcome().into(),
                attempts: deletion.attempts().len(),
                status: deletion.status(),
                request_id: deletion.request_id().map(str::to_owned),
                ..Self::not_attempted(id.to_string())
            },
            Err(error) => Self::failed(id.to_string(), error),
        }
    }

    pub(crate) fn failed(id: String, error: &Error) -> Self {
        let outcome = match error.kind() {
            ErrorKind::NotFound => RecordOutcome::NotFound,
            ErrorKind::InvalidInput => RecordOutcome::Refused,
            // No request of it left, or none that could have had an effect.
            ErrorKind::Interrupted if !error.may_have_taken_effect() => {
                return Self { attempts: error.attempts().len(), ..Self::not_attempted(id) };
            }
            _ => RecordOutcome::Failed,
        };
        Self {
            outcome,
            attempts: error.attempts().len(),
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            error: Some(Failure::of(error)),
            ..Self::not_attempted(id)
        }
    }

    /// The mode in which it is deleted, of those of its vendor or run. What is not an id has none.
    pub(super) fn mode<'a>(&self, mode: Option<&'a str>) -> Option<&'a str> {
        mode.filter(|_| self.outcome != RecordOutcome::Refused)
    }

    /// Whether a person should see it.
    pub(super) fn is_problem(&self) -> bool {
        let is_expected =
            self.outcome.is_done() || matches!(self.outcome, RecordOutcome::Held | RecordOutcome::NotAttempted);
        !is_expected || self.is_still_present()
    }

    /// Whether the last lookup after the delete showed it.
    pub(crate) fn is_still_present(&self) -> bool {
        self.presence.as_ref().and_then(|pair| pair.after.as_ref()).is_some_and(|after| after.state == "present")
    }

    /// Whether it may be deleted although it failed.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let may_be_deleted = |error: &Failure| {
            error.delivery == Delivery::MaybeDelivered.as_str() || error.kind == ErrorKind::UnexpectedResponse.as_str()
        };
        self.outcome == RecordOutcome::Failed && self.error.as_ref().is_some_and(may_be_deleted)
    }

    /// When the last lookup after the delete was made.
    pub(crate) fn looked_at(&self) -> Option<&str> {
        self.presence.as_ref()?.after.as_ref()?.time()
    }

    pub(crate) fn not_attempted(id: String) -> Self {
        Self {
            id,
            outcome: RecordOutcome::NotAttempted,
            attempts: 0,
            status: None,
            request_id: None,
            error: None,
            presence: None,
            settled_at: None,
            origin: None,
            children: Vec::new(),
        }
    }
}

/// What of this program helps against an error of this kind.
pub(super) fn with_advice(kind: &str, message: String) -> String {
    if kind == ErrorKind::StillActive.as_str() { format!("{message} (--allow-active)") } else { message }
}

/// The error and what lies below it, on one line.
pub(super) fn error_chain(error: &Error) -> String {
    visible(&delete_core::text::error_chain(error))
}
