use delete_core::Vendor;
use delete_core::vendor_kit::ErrorExt;

use super::*;

/// Keeps all that it takes.
pub(crate) struct IdList {
    form: IdForm,
    ids: Vec<RecordId>,
    refused: Vec<Complaint>,
    merged: u64,
}

impl IdList {
    pub(crate) fn new(form: IdForm) -> Self {
        Self { form, ids: Vec::new(), refused: Vec::new(), merged: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn merged(&self) -> u64 {
        self.merged
    }

    pub(crate) fn refused_len(&self) -> usize {
        self.refused.len()
    }

    pub(crate) fn refused(&self, number: usize) -> Option<&Complaint> {
        self.refused.get(number)
    }
}

impl Sink for IdList {
    fn is_id(&self, text: &str) -> bool {
        self.form.parse(text).is_ok()
    }

    fn take(&mut self, _: Place, text: &str) -> Result<bool, TakeError> {
        let reason = |error: Error| without_advice(&error.for_vendor(Vendor::new("test", "Test")));
        let id = self.form.parse(text).map_err(|error| TakeError::NotAnId(reason(error)))?;
        let is_new = self.ids.last() != Some(&id) && !self.ids.contains(&id);
        match is_new {
            true => self.ids.push(id),
            false => self.merged += 1,
        }
        Ok(is_new)
    }

    fn refuse(&mut self, complaint: Complaint) -> Result<(), JobError> {
        self.refused.push(complaint);
        Ok(())
    }
}
