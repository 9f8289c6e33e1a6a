//! What stood in the input, in its order: ids, and what was refused among them.

use super::{IdList, Refused};

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
    pub(super) fn new(list: &'a IdList) -> Self {
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
