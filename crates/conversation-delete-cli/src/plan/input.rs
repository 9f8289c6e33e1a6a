//! The ids that the arguments name, on their way into a plan.

use std::collections::BTreeSet;

use conversation_delete_job::{JobError, Planner, TargetNumber};
use delete_core::vendor_kit::ErrorExt;
use delete_core::{RecordId, Vendor};

use crate::args::{IdArgs, file_name};
use crate::error::CommandError;
use crate::ids::{
    Complaint, IdForm, Place, ReadError, ReadOptions, Sink, TakeError, header_word, read_arguments, read_file,
    without_advice,
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
}

/// Adds ids to a target of a plan: first the arguments, then those of a file, of which it reads at most one more than
/// `max_ids` allows, which is enough to know that there are too many.
///
/// # Errors
/// When they cannot be read or planned, or none were named. A file without any entry is fine.
pub(super) fn read(
    args: &IdArgs,
    max_ids: u64,
    planner: &mut Planner,
    target: TargetNumber,
) -> Result<InputCounts, CommandError> {
    if args.ids.is_empty() && args.ids_from.is_none() {
        return Err(CommandError::usage("no id was given: name ids, or a file with --ids-from (see --help)"));
    }
    let mut sink = PlanSink::new(args, planner, target);
    let read = read_arguments(&args.ids, &mut sink).and_then(|()| read_ids_from(args, max_ids, &mut sink));
    match read {
        Err(ReadError::Job(error)) => return Err(error.into()),
        Err(error) => {
            let file = args.ids_from.as_deref().map_or(String::new(), file_name);
            return Err(CommandError::usage(format!("the ids in {file} cannot be read: {error}")));
        }
        Ok(()) => {}
    }
    let PlanSink { counts, suspects, .. } = sink;
    warn(args, counts, &suspects);
    planner.merged(target, counts.repeated)?;
    Ok(counts)
}

fn read_ids_from(args: &IdArgs, max_ids: u64, sink: &mut PlanSink<'_>) -> Result<(), ReadError> {
    let Some(path) = args.ids_from.as_deref() else { return Ok(()) };
    let max_ids = max_ids.saturating_sub(sink.counts.ids);
    match read_file(path, &ReadOptions { id_column: args.column.id_column.as_deref(), max_ids }, sink) {
        // The caller compares their number with the maximum.
        Err(ReadError::TooManyIds(_)) => Ok(()),
        read => read,
    }
}

fn warn(args: &IdArgs, counts: InputCounts, suspects: &BTreeSet<&'static str>) {
    if counts.repeated > 0 {
        let repeated = count(counts.repeated, "id");
        notice(&format!("{repeated} given again and merged: each id is sent once and reported once"));
    }
    for suspect in suspects {
        notice(&format!(
            "warning: `{suspect}` may be a missing id or the name of a column; {} takes it for an id",
            args.vendor.vendor()
        ));
    }
}

struct PlanSink<'a> {
    planner: &'a mut Planner,
    target: TargetNumber,
    vendor: Vendor,
    form: IdForm,
    /// The name of the file that is read.
    file: String,
    counts: InputCounts,
    /// Ids that look like the name of a column, or like a missing one.
    suspects: BTreeSet<&'static str>,
}

impl<'a> PlanSink<'a> {
    fn new(args: &IdArgs, planner: &'a mut Planner, target: TargetNumber) -> Self {
        let file = args.ids_from.as_deref().map_or(String::new(), file_name);
        let (vendor, form) = (args.vendor.vendor(), args.vendor.id_form());
        Self { planner, target, vendor, form, file, counts: InputCounts::default(), suspects: BTreeSet::new() }
    }
}

impl Sink for PlanSink<'_> {
    fn is_id(&self, text: &str) -> bool {
        self.form.parse(text).is_ok()
    }

    fn take(&mut self, _: Place, text: &str) -> Result<bool, TakeError> {
        let not_an_id = |error: delete_core::Error| without_advice(&error.for_vendor(self.vendor));
        let id = self.form.parse(text).map_err(|error| TakeError::NotAnId(not_an_id(error)))?;
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
        self.planner.refuse(self.vendor.as_str(), source, Some(line), &complaint.id, &complaint.reason)
    }
}
