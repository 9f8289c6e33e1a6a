//! Ids that must not be deleted (`--hold`): reads them, and reports those that would protect nothing.

mod in_memory;
mod unmatched;

use std::fmt;

use conversation_delete_job::{HoldPlace, JobError};
use delete_core::RecordId;

pub(crate) use crate::args::HoldArgs;
use crate::args::{ColumnArgs, VendorName};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ids::input;
use crate::ids::{Complaint, IdForm, Place, ReadOptions, Refused, Sink, without_advice};
use crate::notice::notice;
pub(crate) use in_memory::mark;
pub(crate) use unmatched::{Matching, NAMED, Unmatched};

/// The most holds of one file.
const MAX_HOLDS: u64 = 10_000_000;

/// Why holds cannot be used.
#[derive(Debug)]
pub(crate) enum HoldError {
    /// A file cannot be read, holds no id, or holds something else than ids: a hold that is not understood would be lost.
    Input(String),
    /// They could not be written to the job.
    Job(JobError),
}

impl fmt::Display for HoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) => f.write_str(message),
            Self::Job(error) => error.fmt(f),
        }
    }
}

impl From<HoldError> for CommandError {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::Input(message) => Self::usage(message),
            HoldError::Job(error) => error.into(),
        }
    }
}

/// Refuses holds that match nothing, unless the user allowed them.
pub(crate) fn check(args: &HoldArgs, unmatched: &Unmatched, matching: Matching) -> Result<(), CommandError> {
    match unmatched.explain(matching) {
        None => Ok(()),
        Some(reason) if args.allow_unmatched_holds => {
            notice(&format!("warning: {reason}"));
            Ok(())
        }
        Some(reason) => {
            let message = format!("{reason}; if that is right, add --allow-unmatched-holds");
            Err(CommandError { advice: "; nothing was sent", ..CommandError::new(Exit::Unsafe, message) })
        }
    }
}

/// Gives each hold to `take`, in each form in which one of the vendors would be sent it. One hold at a time is in memory.
/// Returns how many there are.
///
/// # Errors
/// See [`HoldError`]. Then nothing of what `take` got may be used.
pub(crate) fn read(
    args: &HoldArgs,
    column: &ColumnArgs,
    vendors: &[VendorName],
    mut take: impl FnMut(&[RecordId], HoldPlace) -> Result<(), JobError>,
) -> Result<u64, HoldError> {
    let options = ReadOptions { id_column: column.id_column.as_deref(), max_ids: MAX_HOLDS };
    let mut total = 0;
    for (file, path) in (0..).zip(&args.files) {
        let mut sink = HoldSink::new(vendors, file, &mut take);
        let done = input::read_file(path, &options, &mut sink);
        let name = args.file_name(file);
        let because =
            |reason: &dyn fmt::Display| HoldError::Input(format!("the holds in {name} cannot be used: {reason}"));
        if let Some(error) = sink.failure {
            return Err(HoldError::Job(error));
        }
        done.map_err(|error| because(&error))?;
        if let Some(refused) = sink.refused {
            return Err(because(&format!("{}; a hold that is not understood would hold nothing", refused.message)));
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
    refused: Option<Refused>,
    failure: Option<JobError>,
}

impl<'a, F> HoldSink<'a, F> {
    fn new(vendors: &[VendorName], file: u32, take: &'a mut F) -> Self {
        let mut forms: Vec<IdForm> = Vec::new();
        for vendor in vendors {
            if !forms.contains(&vendor.id_form()) {
                forms.push(vendor.id_form());
            }
        }
        Self { forms, file, take, taken: 0, refused: None, failure: None }
    }
}

impl<F: FnMut(&[RecordId], HoldPlace) -> Result<(), JobError>> Sink for HoldSink<'_, F> {
    fn is_id(&self, text: &str) -> bool {
        self.forms.iter().any(|form| form.parse(text).is_ok())
    }

    fn take(&mut self, place: Place, text: &str) -> Result<bool, String> {
        let ids: Vec<RecordId> = self.forms.iter().filter_map(|form| form.parse(text).ok()).collect();
        if ids.is_empty() {
            let error = self.forms.last().and_then(|form| form.parse(text).err());
            return Err(error.map_or_else(String::new, |error| without_advice(&error)));
        }
        // What is refused in great number ends the reading.
        if self.refused.is_some() || self.failure.is_some() {
            return Err("an earlier hold cannot be used".to_owned());
        }
        let (Place::Line(line) | Place::Argument(line)) = place;
        self.failure = (self.take)(&ids, HoldPlace { file: self.file, line }).err();
        self.taken += 1;
        Ok(true)
    }

    fn refuse(&mut self, complaint: Complaint) {
        self.refused.get_or_insert_with(|| complaint.into());
    }
}

#[cfg(test)]
mod tests;
