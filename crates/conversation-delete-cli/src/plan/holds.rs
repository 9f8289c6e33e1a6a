//! Ids that must not be deleted (`--hold`): reads them, and reports those that would protect nothing.

mod unmatched;

use std::fmt;

use conversation_delete_job::{HoldPlace, JobError};
use delete_core::RecordId;

pub(crate) use crate::args::HoldArgs;
use crate::args::{ColumnArgs, VendorName};
use crate::error::CommandError;
use crate::ids::{Complaint, IdForm, Place, ReadError, ReadOptions, Sink, TakeError, read_file, without_advice};
pub(crate) use unmatched::{Matching, NAMED, Unmatched};

/// The most holds of one file.
const MAX_HOLDS: u64 = 10_000_000;

/// Gives each hold to `take`, in each form in which one of the vendors would be sent it. One hold at a time is in memory.
/// Returns how many there are.
///
/// # Errors
/// When a file cannot be read, holds no id, or holds something else than ids: a hold that is not understood would be lost.
/// Then nothing of what `take` got may be used.
pub(crate) fn read(
    args: &HoldArgs,
    column: &ColumnArgs,
    vendors: &[VendorName],
    mut take: impl FnMut(&[RecordId], HoldPlace) -> Result<(), JobError>,
) -> Result<u64, CommandError> {
    let options = ReadOptions { id_column: column.id_column.as_deref(), max_ids: MAX_HOLDS };
    let mut total = 0;
    for (file, path) in (0..).zip(&args.files) {
        let mut sink = HoldSink::new(vendors, file, &mut take);
        let done = read_file(path, &options, &mut sink);
        let name = args.file_name(file);
        let because = |reason: &dyn fmt::Display| CommandError {
            advice: "; nothing was sent",
            ..CommandError::usage(format!("the holds in {name} cannot be used: {reason}"))
        };
        done.map_err(|error| match error {
            ReadError::Job(error) => error.into(),
            error => because(&error),
        })?;
        if let Some(refused) = sink.refused {
            return Err(because(&format!("{}; a hold that is not understood would hold nothing", refused.message())));
        }
        if sink.taken == 0 {
            return Err(because(&"the file holds no id"));
        }
        total += sink.taken;
    }
    Ok(total)
}

/// Takes what is an id in one form at least.
struct HoldSink<'a, F> {
    forms: Vec<IdForm>,
    file: u32,
    take: &'a mut F,
    taken: u64,
    /// The first entry that is an id in no form. One is enough to refuse the file.
    refused: Option<Complaint>,
}

impl<'a, F> HoldSink<'a, F> {
    fn new(vendors: &[VendorName], file: u32, take: &'a mut F) -> Self {
        let mut forms: Vec<IdForm> = Vec::new();
        for vendor in vendors {
            if !forms.contains(&vendor.id_form()) {
                forms.push(vendor.id_form());
            }
        }
        Self { forms, file, take, taken: 0, refused: None }
    }
}

impl<F: FnMut(&[RecordId], HoldPlace) -> Result<(), JobError>> Sink for HoldSink<'_, F> {
    fn is_id(&self, text: &str) -> bool {
        self.forms.iter().any(|form| form.parse(text).is_ok())
    }

    fn take(&mut self, place: Place, text: &str) -> Result<bool, TakeError> {
        let ids: Vec<RecordId> = self.forms.iter().filter_map(|form| form.parse(text).ok()).collect();
        if ids.is_empty() {
            let error = self.forms.last().and_then(|form| form.parse(text).err());
            return Err(TakeError::NotAnId(error.map_or_else(String::new, |error| without_advice(&error))));
        }
        // What is refused in great number ends the reading.
        if self.refused.is_some() {
            return Err(TakeError::NotAnId("an earlier hold cannot be used".to_owned()));
        }
        let (Place::Line(line) | Place::Argument(line)) = place;
        (self.take)(&ids, HoldPlace { file: self.file, line })?;
        self.taken += 1;
        Ok(true)
    }

    fn refuse(&mut self, complaint: Complaint) -> Result<(), JobError> {
        self.refused.get_or_insert(complaint);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
