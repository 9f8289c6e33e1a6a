//! The report of a run: a record for each id, and how many there are of each outcome.

mod error;
mod json;
mod lines;
mod presence;
mod printer;
mod schema;
mod stored;
mod text;

use std::borrow::Cow;

use clap::ValueEnum;
pub(crate) use conversation_delete_job::{Counts as Tally, RecordOutcome as Outcome};
use delete_core::{Deletion, Delivery, ErasureMode, Error, ErrorKind, RecordId, Vendor};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use error::{report_error, report_errors_as_json, write_error_line};
pub(crate) use json::{
    checked as write_json_check, record as write_json_record, summary as write_json_summary,
    write_line as write_json_line,
};
pub(crate) use lines::{
    AcceptedMember, ChildMembers, CountMembers, DeletedMember, HoldMembers, JobLine, JobTarget, LookupMembers,
    PlanLine, SkewMember, SummaryLine, TargetLine,
};
pub(crate) use presence::{PresencePair, ProofTally, Seen, Sight, SightTally, Sighting};
pub(crate) use printer::{Item, Output, Printer, Summary};
pub(crate) use schema::document as json_schema;
pub(crate) use text::{count, record as write_text_record, visible};

use crate::ids::{IdList, Refused};

/// How the results are written to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// NDJSON, an object a line, for programs.
    Json,
}

/// The report on one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) outcome: Outcome,
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
    /// `not_sent`, `maybe_delivered` or `answered`. After `maybe_delivered` the record may be deleted.
    pub(crate) delivery: Cow<'static, str>,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        let message = with_advice(error.kind().as_str(), error_chain(error));
        Self { kind: error.kind().as_str().into(), delivery: error.delivery().as_str().into(), message }
    }

    /// What is not an id is never sent.
    fn refused(message: String) -> Self {
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
            ErrorKind::NotFound => Outcome::NotFound,
            ErrorKind::InvalidInput => Outcome::Refused,
            // No request of it left, or none that could have had an effect.
            ErrorKind::Interrupted if !error.may_have_taken_effect() => {
                return Self { attempts: error.attempts().len(), ..Self::not_attempted(id) };
            }
            _ => Outcome::Failed,
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

    pub(crate) fn refused(refused: Refused) -> Self {
        let error = Some(Failure::refused(refused.message));
        Self { outcome: Outcome::Refused, error, ..Self::not_attempted(refused.id) }
    }

    pub(crate) fn held(id: String) -> Self {
        Self { outcome: Outcome::Held, ..Self::not_attempted(id) }
    }

    /// The id number `index`, for which nothing was sent.
    pub(crate) fn unsent(ids: &IdList, index: usize) -> Self {
        let id = ids.id_text(index);
        if ids.is_held(index) { Self::held(id) } else { Self::not_attempted(id) }
    }

    /// Whether the last lookup after the delete showed it.
    pub(crate) fn is_still_present(&self) -> bool {
        self.presence.as_ref().and_then(|pair| pair.after.as_ref()).is_some_and(|after| after.state == "present")
    }

    /// When the last lookup after the delete was made.
    pub(crate) fn looked_at(&self) -> Option<&str> {
        self.presence.as_ref()?.after.as_ref()?.time()
    }

    pub(crate) fn not_attempted(id: String) -> Self {
        Self {
            id,
            outcome: Outcome::NotAttempted,
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
fn with_advice(kind: &str, message: String) -> String {
    if kind == ErrorKind::StillActive.as_str() { format!("{message} (--allow-active)") } else { message }
}

/// The error and what lies below it, on one line.
fn error_chain(error: &Error) -> String {
    visible(&delete_core::text::error_chain(error))
}

/// What all records of a run have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) vendor: Vendor,
    pub(crate) erasure: Option<ErasureMode>,
    pub(crate) format: Format,
}

impl Context {
    fn mode(&self) -> Option<&'static str> {
        self.erasure.map(|mode| mode.as_str())
    }
}

#[cfg(test)]
mod tests;
