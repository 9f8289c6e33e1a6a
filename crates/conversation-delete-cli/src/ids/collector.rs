//! Takes ids in the order of the input, checks them and merges repetitions.

use delete_core::vendor_kit::ErrorExt;
use delete_core::{RecordId, Vendor};

use super::arena::Index;
use super::column::header_word;
use super::list::IdList;
use super::refused::{Complaint, Place, Refusal};
use super::{IdForm, MAX_ID_LEN, Sink, checked, without_advice};

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
        let taken = checked(bytes).and_then(|text| self.take(place, text).map_err(Refusal::NotAnId));
        if let Err(reason) = taken {
            self.refuse(Complaint::new(place, bytes, reason, MAX_ID_LEN));
        }
    }

    fn insert(&mut self, id: &RecordId) -> bool {
        let is_new = match id {
            RecordId::Uuid(id) => self.index.insert(&mut self.list.ids, id.as_bytes()),
            RecordId::Conversation(id) => {
                let missing = MISSING.into_iter().find(|word| *word == id.as_str());
                self.list.suspects.extend(missing.or_else(|| header_word(id.as_str())));
                self.index.insert(&mut self.list.ids, id.as_str().as_bytes())
            }
        };
        self.list.merged += u64::from(!is_new);
        is_new
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

    fn take(&mut self, _: Place, text: &str) -> Result<bool, String> {
        match self.list.form.parse(text) {
            Ok(id) => Ok(self.insert(&id)),
            Err(error) => Err(without_advice(&error.for_vendor(self.list.vendor))),
        }
    }

    fn refuse(&mut self, complaint: Complaint) {
        self.list.refused.push((self.list.ids.len(), complaint));
    }
}
