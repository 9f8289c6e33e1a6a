//! Takes ids in the order of the input, checks them and merges repetitions.

use delete_core::{RecordId, Vendor};

use super::arena::Index;
use super::column::header_word;
use super::{IdForm, IdList, Place, Refusal, Sink, Taken, checked};

/// Words that programs write where an id is missing. At vendors with opaque ids they pass for one.
const MISSING: [&str; 3] = ["null", "undefined", "None"];

/// The ids of one vendor.
pub(crate) struct IdCollector {
    list: IdList,
    index: Index,
}

impl IdCollector {
    pub(crate) fn new(vendor: Vendor, form: IdForm) -> Self {
        Self { list: IdList::new(vendor, form), index: Index::default() }
    }

    /// Takes an argument, whatever it is.
    pub(crate) fn add(&mut self, place: Place, bytes: &[u8]) {
        match checked(bytes) {
            Ok(text) => drop(self.take(place, text)),
            Err(reason) => self.refuse(place, bytes, reason),
        }
    }

    fn insert(&mut self, id: &RecordId) -> Taken {
        let is_new = match id {
            RecordId::Uuid(id) => self.index.insert(&mut self.list.ids, id.as_bytes()),
            RecordId::Conversation(id) => {
                let missing = MISSING.into_iter().find(|word| *word == id.as_str());
                self.list.suspects.extend(missing.or_else(|| header_word(id.as_str())));
                self.index.insert(&mut self.list.ids, id.as_str().as_bytes())
            }
        };
        self.list.merged += u64::from(!is_new);
        if is_new { Taken::New } else { Taken::Repeated }
    }

    /// How many distinct ids it has.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The finished list, without what only served to find repetitions.
    pub(crate) fn finish(self) -> IdList {
        self.list
    }
}

impl Sink for IdCollector {
    fn is_id(&self, text: &str) -> bool {
        self.list.form.parse(text).is_ok()
    }

    fn take(&mut self, place: Place, text: &str) -> Taken {
        match self.list.form.parse(text) {
            Ok(id) => self.insert(&id),
            Err(_) => {
                self.refuse(place, text.as_bytes(), Refusal::NotAnId);
                Taken::Refused
            }
        }
    }

    fn refuse(&mut self, place: Place, bytes: &[u8], reason: Refusal) {
        self.list.refusals.push(self.list.ids.len(), place, bytes, reason);
    }

    fn explain(&self, text: &str) -> String {
        self.list.explain(text)
    }
}
