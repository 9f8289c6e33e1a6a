//! Texts that many records share, kept once.

use indexmap::IndexSet;

/// The number of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u32);

#[derive(Default)]
pub(super) struct Names(IndexSet<Box<str>>);

impl Names {
    pub(super) fn name(&mut self, text: &str) -> Name {
        let index = self.0.get_index_of(text).unwrap_or_else(|| self.0.insert_full(text.into()).0);
        Name(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(super) fn text(&self, name: Name) -> &str {
        self.0.get_index(name.0 as usize).map_or("", |text| text)
    }
}
