//! The report on a call that was to be ended.

use std::io::{self, Write};

use delete_core::{Error, ErrorKind, RecordId};

use super::json;
use super::lines::{EndLine, EndResult};
use super::record::{Failure, Record};
use super::text::shown_id;

/// The report on a call that was to be ended.
#[derive(Clone, Debug)]
pub(crate) struct EndRecord {
    pub(crate) id: String,
    pub(crate) result: EndResult,
    pub(crate) error: Option<Failure>,
}

impl EndRecord {
    pub(crate) fn of(id: &RecordId, ended: &Result<(), Error>) -> Self {
        let result = match ended {
            Ok(()) => EndResult::Ended,
            Err(error) if error.kind() == ErrorKind::NotFound => EndResult::NotFound,
            Err(error) if error.kind() == ErrorKind::Interrupted && !error.may_have_taken_effect() => {
                EndResult::NotAttempted
            }
            Err(_) => EndResult::Failed,
        };
        Self { id: id.to_string(), result, error: ended.as_ref().err().map(Failure::of) }
    }

    /// An entry that no request was sent for.
    pub(crate) fn unsent(record: Record) -> Self {
        let result = if record.error.is_some() { EndResult::Refused } else { EndResult::NotAttempted };
        Self { id: record.id, result, error: record.error }
    }

    /// Whether a request was sent for it.
    pub(super) fn is_sent(&self) -> bool {
        !matches!(self.result, EndResult::Refused | EndResult::NotAttempted)
    }

    pub(super) fn write_json(&self, out: &mut impl Write, vendor: &str) -> io::Result<()> {
        let (result, error) = (self.result.as_str(), self.error.as_ref());
        json::write_line(out, &EndLine { vendor, id: &self.id, result, error })
    }

    pub(super) fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        let error = self.error.as_ref().map_or(String::new(), |error| format!("  {}", error.message));
        writeln!(out, "{:<15} {}{error}", self.result.as_str().replace('_', " "), shown_id(&self.id))
    }
}
