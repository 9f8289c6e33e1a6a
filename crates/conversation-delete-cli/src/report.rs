//! What the program reports: records, counts and errors, as text, JSON or a table.

mod colour;
mod context;
mod csv;
mod display;
mod end;
mod error;
mod json;
mod lines;
mod lookup;
mod presence;
mod printer;
mod progress;
mod record;
mod schema;
mod stored;
mod summary;
mod text;
mod zone;

pub(crate) use conversation_delete_job::{Counts as Tally, RecordOutcome as Outcome};

pub(crate) use colour::coloured_check;
pub(crate) use context::{Context, Format};
pub(crate) use csv::{CsvStyle, Delimiter};
pub(crate) use display::{count, visible};
pub(crate) use end::EndRecord;
pub(crate) use error::{report_error, report_errors_as_json, write_error_line};
pub(crate) use json::{
    checked as write_json_check, lookup_summary as write_json_lookup_summary, record as write_json_record,
    summary as write_json_summary, value as json_value, write_line as write_json_line,
};
pub(crate) use lines::{
    AcceptedMember, CountMembers, DeletedMember, EndResult, EvidenceLine, HoldMembers, JobLine, JobTarget,
    LookupMembers, PlanLine, ProfileLine, RunMember, SkewMember, SummaryLine, TargetLine,
};
pub(crate) use lookup::{LookupOutcome, LookupRecord, LookupTally};
pub(crate) use printer::{Item, Output, Printer};
pub(crate) use progress::{ProgressReporter, clock_time, span};
pub(crate) use record::{ChildRecord, Record};
pub(crate) use schema::document as json_schema;
pub(crate) use stored::{ARGUMENTS, CHUNK, records};
pub(crate) use summary::Summary;
pub(crate) use text::{
    counts as write_text_counts, lookup_counts as write_text_lookup_counts, record as write_text_record,
};
pub(crate) use zone::Zone;

#[cfg(test)]
mod tests;
