//! The distinct ids of a run, and what was refused among them.

use std::collections::BTreeSet;

use delete_core::{Error, RecordId, Vendor};

use super::IdForm;
use super::arena::Arena;
use super::refused::{Complaint, Place, Refused};

/// The distinct ids of a run and what was refused among them, in the order of the input.
pub(crate) struct IdList {
    pub(super) vendor: Vendor,
    pub(super) form: IdForm,
    pub(super) ids: Arena,
    /// What was refused, after how many ids.
    pub(super) refused: Vec<(usize, Complaint)>,
    pub(super) merged: u64,
    pub(super) suspects: BTreeSet<&'static str>,
    /// Which ids are held, by their numbers; empty if none is.
    held: Vec<bool>,
    /// The name of the file that was read; `stdin` if it is stdin.
    file: String,
}

impl IdList {
    pub(super) fn new(vendor: Vendor, form: IdForm) -> Self {
        let (ids, refused) = (Arena::default(), Vec::new());
        Self { vendor, form, ids, refused, merged: 0, suspects: BTreeSet::new(), held: Vec::new(), file: String::new() }
    }

    /// Names the file that was read.
    #[must_use]
    pub(crate) fn with_file(self, file: String) -> Self {
        Self { file, ..self }
    }

    /// Where an entry comes from.
    pub(crate) fn source(&self, place: Place) -> &str {
        match place {
            Place::Argument(_) => "arguments",
            Place::Line(_) => &self.file,
        }
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

/// One entry of the input. Duplicates do not count.
pub(crate) enum Entry {
    /// The id of this number.
    Id(usize),
    Refused(Refused),
}

/// All entries of a list.
pub(crate) struct Entries<'a> {
    list: &'a IdList,
    ids: usize,
    refused: usize,
}

impl<'a> Entries<'a> {
    fn new(list: &'a IdList) -> Self {
        Self { list, ids: 0, refused: 0 }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.list.ids_before_refused(self.refused).is_some_and(|before| before <= self.ids) {
            let refused = self.list.refused(self.refused)?;
            self.refused += 1;
            return Some(Entry::Refused(refused));
        }
        let number = self.ids;
        self.ids += 1;
        (number < self.list.len()).then_some(Entry::Id(number))
    }
}
