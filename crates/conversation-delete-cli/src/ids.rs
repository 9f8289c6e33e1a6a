//! The ids of a run: read, checked, without repetitions, and small enough in memory for millions.

mod arena;
mod collector;
mod column;
mod csv;
mod diagnosis;
mod entries;
mod feed;
mod format;
mod json;
mod lines;
mod own_lines;
mod read;
mod refused;
mod shape;
mod source;
mod value;

use std::collections::BTreeSet;

use delete_core::{ConversationId, Error, RecordId, Vendor};

use arena::Arena;
pub(crate) use collector::IdCollector;
pub(crate) use diagnosis::ReadError;
pub(crate) use entries::{Entries, Entry};
pub(crate) use read::{ReadOptions, read};
use refused::Refusal;
pub(crate) use refused::{Complaint, Refused};
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

/// Where an entry is in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The nth id among the arguments.
    Argument(u64),
    /// A line of the file or of stdin.
    Line(u64),
}

/// Takes the entries of a file while it is read, in their order. What it keeps of them is its own choice: the reader
/// itself keeps none.
pub(crate) trait Sink {
    /// Whether `text` is an id.
    fn is_id(&self, text: &str) -> bool;

    /// Takes an entry: UTF-8, without white space around it, and not too long. Returns whether it is a new id.
    ///
    /// # Errors
    /// Why it is not an id.
    fn take(&mut self, place: Place, text: &str) -> Result<bool, String>;

    /// Takes an entry that is not an id.
    fn refuse(&mut self, complaint: Complaint);
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

/// The distinct ids of a run and what was refused among them, in the order of the input.
pub(crate) struct IdList {
    vendor: Vendor,
    form: IdForm,
    ids: Arena,
    /// What was refused, after how many ids.
    refused: Vec<(usize, Complaint)>,
    merged: u64,
    suspects: BTreeSet<&'static str>,
    /// Which ids are held, by their numbers; empty if none is.
    held: Vec<bool>,
}

impl IdList {
    fn new(vendor: Vendor, form: IdForm) -> Self {
        let (ids, refused) = (Arena::default(), Vec::new());
        Self { vendor, form, ids, refused, merged: 0, suspects: BTreeSet::new(), held: Vec::new() }
    }

    /// Whose ids they are.
    pub(crate) fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// How often an id was given again.
    pub(crate) fn merged(&self) -> u64 {
        self.merged
    }

    /// The ids that look like the name of a column, or like a missing one.
    pub(crate) fn suspects(&self) -> impl Iterator<Item = &'static str> {
        self.suspects.iter().copied()
    }

    /// The id number `index`.
    ///
    /// # Errors
    /// None for a number below [`len`](Self::len): only ids that could be read are kept.
    pub(crate) fn id(&self, index: usize) -> Result<RecordId, Error> {
        let bytes = self.ids.get(index);
        match (self.form, <[u8; 16]>::try_from(bytes)) {
            (IdForm::Uuid, Ok(bytes)) => Ok(uuid::Uuid::from_bytes(bytes).into()),
            _ => self.form.parse(&String::from_utf8_lossy(bytes)),
        }
    }

    /// Marks the ids that must not be deleted.
    pub(crate) fn set_held(&mut self, held: Vec<bool>) {
        self.held = held;
    }

    /// Whether the id number `index` must not be deleted.
    pub(crate) fn is_held(&self, index: usize) -> bool {
        self.held.get(index).copied().unwrap_or(false)
    }

    /// The numbers of the ids that may be deleted.
    pub(crate) fn unheld(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|number| !self.is_held(*number))
    }

    /// How many ids may be deleted.
    pub(crate) fn unheld_len(&self) -> usize {
        self.len() - self.held.iter().filter(|is_held| **is_held).count()
    }

    /// The bytes of the id number `index`, which are those of [`bytes_of`](Self::bytes_of) the same id.
    pub(crate) fn bytes(&self, index: usize) -> &[u8] {
        self.ids.get(index)
    }

    /// The bytes by which an id is compared.
    pub(crate) fn bytes_of(id: &RecordId) -> &[u8] {
        match id {
            RecordId::Uuid(id) => id.as_bytes(),
            RecordId::Conversation(id) => id.as_str().as_bytes(),
        }
    }

    /// The id number `index` as text.
    pub(crate) fn id_text(&self, index: usize) -> String {
        self.id(index).map(|id| id.to_string()).unwrap_or_default()
    }

    /// The ids and what was refused among them, in the order of the input.
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries::new(self)
    }

    /// How many entries were refused.
    pub(crate) fn refused_len(&self) -> usize {
        self.refused.len()
    }

    /// The refused entry number `index`.
    pub(crate) fn refused(&self, index: usize) -> Option<Refused> {
        self.complaint(index).cloned().map(Refused::from)
    }

    /// The same, with its place apart.
    pub(crate) fn complaint(&self, index: usize) -> Option<&Complaint> {
        self.refused.get(index).map(|(_, complaint)| complaint)
    }

    /// How many ids come before the refused entry number `index`.
    pub(crate) fn ids_before_refused(&self, index: usize) -> Option<usize> {
        self.refused.get(index).map(|(ids, _)| *ids)
    }
}

#[cfg(test)]
mod tests;
