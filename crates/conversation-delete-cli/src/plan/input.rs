//! The ids that the arguments name, on their way into a plan.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::SystemTime;

use conversation_delete_job::{JobError, Planner, TargetNumber};
use delete_core::vendor_kit::ErrorExt;
use delete_core::{Error, RecordId, RecordMeta};

use crate::args::{FileArgs, VendorName};
use crate::error::CommandError;
use crate::ids::{
    Complaint, Place, ReadError, ReadOptions, Sink, TakeError, header_word, read_arguments, read_file, without_advice,
};
use crate::notice::notice;
use crate::report::{ARGUMENTS, count};

/// Words that programs write where an id is missing. At vendors with opaque ids they pass for one.
const MISSING: [&str; 3] = ["null", "undefined", "None"];

/// How many entries an input has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InputCounts {
    /// Distinct ids.
    pub(crate) ids: u64,
    /// How often an id was given again.
    pub(crate) repeated: u64,
    /// Entries that are not ids.
    pub(crate) refused: u64,
    /// The times of the oldest and the newest record that a list showed.
    pub(crate) span: Option<(SystemTime, SystemTime)>,
}

impl InputCounts {
    /// Counts a record that a list shows.
    pub(super) fn add_listed(&mut self, record: &RecordMeta, is_new: bool) {
        self.ids += u64::from(is_new);
        if let Some(time) = record.created_at().or(record.updated_at()) {
            let (oldest, newest) = self.span.unwrap_or((time, time));
            self.span = Some((oldest.min(time), newest.max(time)));
        }
    }
}

/// Adds ids to a target of a plan: first the arguments, then those of a file, of which it reads at most one more than
/// `max_ids` allows, which is enough to know that there are too many.
///
/// # Errors
/// When they cannot be read or planned, or none were named. A file without any entry is fine.
pub(super) fn read(
    ids: &[OsString],
    file: &FileArgs,
    max_ids: u64,
    planner: &mut Planner,
    (target, vendor): (TargetNumber, VendorName),
) -> Result<InputCounts, CommandError> {
    if ids.is_empty() && file.ids_from.is_none() {
        return Err(CommandError::usage("no id was given: name ids, or a file with --ids-from (see --help)"));
    }
    let (counts, suspects) = (InputCounts::default(), BTreeSet::new());
    let mut sink = PlanSink { planner, target, vendor, file: file.name(), counts, suspects };
    read_arguments(ids, &mut sink).and_then(|()| read_ids_from(file, max_ids, &mut sink)).map_err(
        |error| match error {
            ReadError::Job(error) => error.into(),
            error => CommandError::usage(format!("the ids in {} cannot be read: {error}", sink.file)),
        },
    )?;
    sink.warn();
    let counts = sink.counts;
    planner.merged(target, counts.repeated)?;
    Ok(counts)
}

fn read_ids_from(file: &FileArgs, max_ids: u64, sink: &mut PlanSink<'_>) -> Result<(), ReadError> {
    let Some(path) = file.ids_from.as_deref() else { return Ok(()) };
    let max_ids = max_ids.saturating_sub(sink.counts.ids);
    match read_file(path, &ReadOptions { id_column: file.column.id_column.as_deref(), max_ids }, sink) {
        // The caller compares their number with the maximum.
        Err(ReadError::TooManyIds(_)) => Ok(()),
        read => read,
    }
}

struct PlanSink<'a> {
    planner: &'a mut Planner,
    target: TargetNumber,
    vendor: VendorName,
    /// The name of the file that is read.
    file: String,
    counts: InputCounts,
    /// Ids that look like the name of a column, or like a missing one.
    suspects: BTreeSet<&'static str>,
}

impl PlanSink<'_> {
    fn warn(&self) {
        if self.counts.repeated > 0 {
            let repeated = count(self.counts.repeated, "id");
            notice(&format!("{repeated} given again and merged: each id is sent once and reported once"));
        }
        for suspect in &self.suspects {
            let vendor = self.vendor.vendor();
            notice(&format!(
                "warning: `{suspect}` may be a missing id or the name of a column; {vendor} takes it for an id"
            ));
        }
    }
}

impl Sink for PlanSink<'_> {
    fn is_id(&self, text: &str) -> bool {
        self.vendor.id_form().parse(text).is_ok()
    }

    fn take(&mut self, _: Place, text: &str) -> Result<bool, TakeError> {
        let not_an_id = |error: Error| without_advice(&error.for_vendor(self.vendor.vendor()));
        let id = self.vendor.id_form().parse(text).map_err(|error| TakeError::NotAnId(not_an_id(error)))?;
        if let RecordId::Conversation(id) = &id {
            let missing = MISSING.into_iter().find(|word| *word == id.as_str());
            self.suspects.extend(missing.or_else(|| header_word(id.as_str())));
        }
        let is_new = self.planner.add(self.target, &id)?;
        *(if is_new { &mut self.counts.ids } else { &mut self.counts.repeated }) += 1;
        Ok(is_new)
    }

    fn refuse(&mut self, complaint: Complaint) -> Result<(), JobError> {
        let (source, line) = match complaint.place {
            Place::Argument(number) => (ARGUMENTS, number),
            Place::Line(line) => (self.file.as_str(), line),
        };
        self.counts.refused += 1;
        self.planner.refuse(self.vendor.vendor().as_str(), source, Some(line), &complaint.id, &complaint.reason)
    }
}
