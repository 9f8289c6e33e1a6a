//! Hands the entries of an input to their [`Sink`], and ends the reading of one that has no end.

use super::{Place, ReadError, Refusal, Refused, Sink, Taken, checked};
use crate::spreadsheet::unguarded;

/// The most refused entries of one input. More are not a few slips: the file is another one than meant.
pub(super) const MAX_REFUSED: u64 = if cfg!(test) { 10_000 } else { 100_000 };

/// How many blank or repeated entries are skipped for nothing, and how many more for each distinct id. A list of
/// messages may name its conversation in each of many rows.
pub(super) const MAX_SKIPPED: u64 = if cfg!(test) { 10_000 } else { 1_000_000 };
const SKIPPED_FOR_EACH_ID: u64 = 100;

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
    first_refused: Option<Refused>,
}

impl<'a, S: Sink> Feed<'a, S> {
    pub(super) fn new(sink: &'a mut S, max_ids: u64) -> Self {
        Self { sink, max_ids, ids: 0, has_id: false, skipped: 0, refused: 0, first_refused: None }
    }

    pub(super) fn is_id(&self, bytes: &[u8]) -> bool {
        checked(unguarded(bytes)).is_ok_and(|text| self.sink.is_id(text))
    }

    /// Takes an entry.
    ///
    /// # Errors
    /// When there are more of its kind than an input may hold.
    pub(super) fn entry(&mut self, place: Place, bytes: &[u8]) -> Result<(), ReadError> {
        let bytes = unguarded(bytes);
        let text = match checked(bytes) {
            Ok(text) => text,
            Err(reason) => return self.refuse(place, bytes, reason),
        };
        let taken = self.sink.take(place, text);
        self.has_id |= taken != Taken::Refused;
        match taken {
            Taken::New => {
                self.ids += 1;
                if self.ids > self.max_ids { Err(ReadError::TooManyIds(self.max_ids)) } else { Ok(()) }
            }
            Taken::Repeated => self.skip(),
            Taken::Refused => self.count_refused(place, bytes, Refusal::NotAnId),
        }
    }

    /// Takes an entry that cannot be an id. Nothing of `bytes` is shown that may be personal.
    ///
    /// # Errors
    /// When there are too many of them.
    pub(super) fn refuse(&mut self, place: Place, bytes: &[u8], reason: Refusal) -> Result<(), ReadError> {
        self.sink.refuse(place, bytes, reason);
        self.count_refused(place, bytes, reason)
    }

    fn count_refused(&mut self, place: Place, bytes: &[u8], reason: Refusal) -> Result<(), ReadError> {
        if self.first_refused.is_none() {
            self.first_refused = Refused::of(place, bytes, reason, |text| self.sink.explain(text));
        }
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
    pub(super) fn into_hopeless(self) -> Option<(u64, Refused)> {
        let Self { refused, first_refused, .. } = self;
        first_refused.filter(|_| !self.has_id).map(|first| (refused, first))
    }
}

#[cfg(test)]
pub(super) mod tests;
