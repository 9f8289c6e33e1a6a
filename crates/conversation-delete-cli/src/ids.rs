//! The ids of a run: read from arguments, files and stdin, one at a time.

mod column;
mod csv;
mod diagnosis;
mod feed;
mod file_kind;
mod format;
mod json;
mod lines;
mod own_lines;
mod read;
mod refused;
mod shape;
mod source;
mod table;

use conversation_delete_job::JobError;
use delete_core::{ConversationId, Error, RecordId};

pub(crate) use column::header_word;
pub(crate) use diagnosis::ReadError;
#[cfg(test)]
pub(crate) use read::read;
pub(crate) use read::{ReadOptions, read_arguments, read_file};
use refused::Refusal;
pub(crate) use refused::{Complaint, Place};
pub(crate) use shape::describe;

/// The longest id in bytes that is worth parsing. No vendor takes longer ones.
const MAX_ID_LEN: usize = 256;

/// Which form a vendor's ids have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdForm {
    Uuid,
    Opaque,
}

impl IdForm {
    /// Reads an id.
    ///
    /// # Errors
    /// Why it is not an id.
    pub(crate) fn parse(self, text: &str) -> Result<RecordId, Error> {
        match self {
            Self::Uuid => RecordId::parse_uuid(text),
            Self::Opaque => ConversationId::new(text).map(RecordId::from),
        }
    }
}

/// Takes the entries of a file while it is read, in their order. What it keeps of them is its own choice: the reader
/// itself keeps none.
pub(crate) trait Sink {
    /// Whether `text` is an id.
    fn is_id(&self, text: &str) -> bool;

    /// Takes an entry: UTF-8, without white space around it, and not too long. Returns whether it is a new id.
    ///
    /// # Errors
    /// Why it is not taken.
    fn take(&mut self, place: Place, text: &str) -> Result<bool, TakeError>;

    /// Takes an entry that is not an id.
    ///
    /// # Errors
    /// When it cannot be kept. That ends the reading.
    fn refuse(&mut self, complaint: Complaint) -> Result<(), JobError>;
}

/// Why an entry is not taken.
#[derive(Debug)]
pub(crate) enum TakeError {
    /// It is not an id, for this reason.
    NotAnId(String),
    /// It cannot be kept. That ends the reading.
    Job(JobError),
}

impl From<JobError> for TakeError {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

/// The entry as text, if it could be an id.
fn checked(bytes: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)?;
    match text {
        _ if text.trim() != text => Err(Refusal::WhiteSpace),
        _ if text.len() > MAX_ID_LEN => Err(Refusal::TooLong),
        _ if is_rule(text) => Err(Refusal::Rule),
        _ => Ok(text),
    }
}

/// Whether `text` only separates other lines, as `---` does. A vendor with opaque ids would be sent it.
fn is_rule(text: &str) -> bool {
    text.len() >= 3 && text.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '+' | '~' | '#' | ':' | '|'))
}

/// The message of an error of [`IdForm::parse`], without its advice: that is about a whole request, and not about one
/// entry among others.
pub(crate) fn without_advice(error: &Error) -> String {
    let text = error.to_string();
    text.rsplit_once("; ").map_or(text.clone(), |(message, _)| message.to_owned())
}

#[cfg(test)]
pub(crate) mod tests;
