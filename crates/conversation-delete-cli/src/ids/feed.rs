//! Hands the entries of an input to their [`Sink`], and ends the reading of one that has no end.

use super::json::IdMember;
use super::refused::{Complaint, Place, Refusal};
use super::{MAX_ID_LEN, ReadError, Sink, TakeError, checked};
use crate::spreadsheet::unguarded;

/// The most refused entries of one input. More are not a few slips: the file is another one than meant.
pub(super) const MAX_REFUSED: u64 = if cfg!(test) { 10_000 } else { 100_000 };

/// How many blank or repeated entries are skipped for nothing, and how many more for each distinct id. A list of
/// messages may name its conversation in each of many rows.
pub(super) const MAX_SKIPPED: u64 = if cfg!(test) { 10_000 } else { 1_000_000 };
const SKIPPED_FOR_EACH_ID: u64 = 100;

/// How many refused entries are kept in full length. Whoever has more has another problem than a few odd ids.
const MAX_FULL: u64 = 10_000;

/// How many bytes are kept of each entry beyond.
const SHORT_LEN: usize = 32;

/// One input on its way into its sink.
pub(super) struct Feed<'a, S> {
    sink: &'a mut S,
    max_ids: u64,
    ids: u64,
    /// Whether any entry is an id, also one that is known already.
    has_id: bool,
    skipped: u64,
    refused: u64,
    /// Where the first refused entry is, and what is wrong with it.
    first_refused: Option<Complaint>,
}

impl<'a, S: Sink> Feed<'a, S> {
    pub(super) fn new(sink: &'a mut S, max_ids: u64) -> Self {
        Self { sink, max_ids, ids: 0, has_id: false, skipped: 0, refused: 0, first_refused: None }
    }

    pub(super) fn is_id(&self, bytes: &[u8]) -> bool {
        checked(unguarded(trimmed(bytes))).is_ok_and(|text| self.sink.is_id(text))
    }

    /// Takes an entry of a file, without the white space after it, which nobody sees.
    ///
    /// # Errors
    /// When there are more of its kind than an input may hold.
    pub(super) fn entry(&mut self, place: Place, bytes: &[u8]) -> Result<(), ReadError> {
        self.take(place, unguarded(trimmed(bytes)))
    }

    /// Takes an entry as it is.
    ///
    /// # Errors
    /// As [`entry`](Self::entry).
    pub(super) fn take(&mut self, place: Place, bytes: &[u8]) -> Result<(), ReadError> {
        let text = match checked(bytes) {
            Ok(text) => text,
            Err(reason) => return self.refuse(place, bytes, reason),
        };
        match self.sink.take(place, text) {
            Err(TakeError::NotAnId(why)) => self.refuse(place, bytes, Refusal::NotAnId(why)),
            Err(TakeError::Job(error)) => Err(error.into()),
            Ok(is_new) => {
                self.has_id = true;
                self.ids += u64::from(is_new);
                match is_new {
                    true if self.ids > self.max_ids => Err(ReadError::TooManyIds(self.max_ids)),
                    true => Ok(()),
                    false => self.skip(),
                }
            }
        }
    }

    /// Takes the id of a JSON value in this line.
    ///
    /// # Errors
    /// As [`entry`](Self::entry), and when it is not clear which id is meant.
    pub(super) fn id_member(&mut self, line: u64, id: IdMember) -> Result<(), ReadError> {
        match id {
            IdMember::Id(id) => self.entry(Place::Line(line), id.as_bytes()),
            IdMember::Missing | IdMember::Invalid => self.refuse(Place::Line(line), b"", Refusal::NoIdField),
            IdMember::Ambiguous(names) => Err(ReadError::TwoIdColumns { line, names }),
            IdMember::WithArray => Err(ReadError::IdAndArray(line)),
            IdMember::TwoArrays => Err(ReadError::TwoArrays(line)),
            IdMember::OwnLine => self.skip(),
            IdMember::Elements => Ok(()),
        }
    }

    /// Takes an entry that cannot be an id. Nothing of `bytes` is kept that may be personal.
    ///
    /// # Errors
    /// When there are too many of them.
    pub(super) fn refuse(&mut self, place: Place, bytes: &[u8], reason: Refusal) -> Result<(), ReadError> {
        let most = if self.refused < MAX_FULL { MAX_ID_LEN } else { SHORT_LEN };
        let complaint = Complaint::new(place, bytes, reason, most);
        self.first_refused.get_or_insert_with(|| complaint.clone());
        self.sink.refuse(complaint)?;
        self.refused += 1;
        if self.refused > MAX_REFUSED { Err(ReadError::TooManyRefused(MAX_REFUSED)) } else { Ok(()) }
    }

    /// Passes over a blank line or an id that the input had before.
    ///
    /// # Errors
    /// When there are too many of them.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        self.skipped += 1;
        let most = MAX_SKIPPED.saturating_add(self.ids.saturating_mul(SKIPPED_FOR_EACH_ID));
        if self.skipped > most { Err(ReadError::NothingNew(most)) } else { Ok(()) }
    }

    /// How many entries were refused, and the first of them, if not one is an id.
    pub(super) fn into_hopeless(self) -> Option<(u64, Complaint)> {
        let Self { refused, first_refused, .. } = self;
        first_refused.filter(|_| !self.has_id).map(|first| (refused, first))
    }
}

/// Without the white space at the end: spaces, tabs, no-break spaces, also in an old encoding.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_end().as_bytes(),
        Err(_) => {
            let end = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace() && *byte != 0xa0);
            &bytes[..end.map_or(0, |last| last + 1)]
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
