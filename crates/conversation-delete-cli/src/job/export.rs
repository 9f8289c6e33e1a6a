//! The command `export`: what became of each record of a job, one in memory at a time.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use delete_core::ErasureMode;

use crate::args::{ExportArgs, ExportFormat};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job_file::{read, shown};
use crate::notice::notice;
use crate::report::{ChildMembers, Record, Sighting, Summary, Tally, visible, write_json_record, write_json_summary};
use crate::spreadsheet::{guarded, milliseconds};
use crate::stream::Stdout;
use crate::unfinished::{self, Unfinished};

/// Carries out the command.
pub(crate) fn execute(args: &ExportArgs) -> Exit {
    exit_of(export(args))
}

fn export(args: &ExportArgs) -> Result<Exit, CommandError> {
    // Refuses a job that is not planned to its end before it makes a file.
    let status = read(&args.job)?;
    let exit = match &args.out {
        None => write_to(args, Stdout, "stdout"),
        Some(path) => write_file(args, path),
    }?;
    if status.outcomes_may_be_missing {
        notice(super::status::MISSING);
        return Ok(Exit::Incomplete);
    }
    Ok(exit)
}

/// The file gets its name when all of it is written, so that half an export is never taken for a whole one.
fn write_file(args: &ExportArgs, path: &Path) -> Result<Exit, CommandError> {
    let unusable = |error| CommandError::usage(format!("{}: {}", shown(path), unfinished::explain(&error)));
    let unfinished = Unfinished::create(path).map_err(unusable)?;
    let exit = write_to(args, unfinished.file(), &shown(path))?;
    match unfinished.finish() {
        Ok(()) => Ok(exit),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(unusable(error)),
        Err(error) => Err(unwritable(&shown(path), &error)),
    }
}

fn unwritable(name: &str, error: &io::Error) -> CommandError {
    CommandError::new(Exit::Stopped, format!("{name} cannot be written to: {error}"))
}

fn write_to(args: &ExportArgs, out: impl Write, name: &str) -> Result<Exit, CommandError> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    let mut written = begin(&mut out, args.output);
    let mut tally = Tally::default();
    if written.is_ok() {
        conversation_delete_job::export(&args.job, |report| {
            let (vendor, mode) = (report.vendor.clone(), report.mode.map(ErasureMode::as_str));
            let record = Record::stored(report);
            tally.add(record.outcome);
            written = write_record(&mut out, args.output, (&vendor, mode), &record);
            written.is_ok()
        })?;
    }
    if written.is_ok() {
        conversation_delete_job::export_refused(&args.job, |refused| {
            let vendor = refused.vendor.clone();
            let record = Record::stored_refused(refused);
            tally.add(record.outcome);
            written = write_record(&mut out, args.output, (&vendor, None), &record);
            written.is_ok()
        })?;
    }
    let written = written.and_then(|()| end(&mut out, args.output, &tally.into())).and_then(|()| out.flush());
    written.map(|()| Exit::Success).map_err(|error| unwritable(name, &error))
}

/// An export without its summary is not complete. In a table it would be one more row.
fn end(out: &mut impl Write, format: ExportFormat, summary: &Summary) -> io::Result<()> {
    match format {
        ExportFormat::Json => write_json_summary(out, summary),
        ExportFormat::Csv => Ok(()),
    }
}

const HEADER: [&str; 17] = [
    "vendor",
    "id",
    "outcome",
    "mode",
    "attempts",
    "status",
    "request_id",
    "error_kind",
    "error_delivery",
    "error_message",
    "presence_before",
    "presence_after",
    "settled_at",
    "looked_at",
    "source",
    "line",
    "children",
];

fn begin(out: &mut impl Write, format: ExportFormat) -> io::Result<()> {
    match format {
        ExportFormat::Json => Ok(()),
        ExportFormat::Csv => write_row(out, HEADER.iter().map(|name| (*name).to_owned())),
    }
}

fn write_record(
    out: &mut impl Write,
    format: ExportFormat,
    (vendor, mode): (&str, Option<&str>),
    record: &Record,
) -> io::Result<()> {
    match format {
        ExportFormat::Json => write_json_record(out, vendor, mode, record),
        ExportFormat::Csv => write_csv(out, (vendor, mode), record),
    }
}

fn write_csv(out: &mut impl Write, (vendor, mode): (&str, Option<&str>), record: &Record) -> io::Result<()> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let number = |value: Option<u64>| value.map(|number| number.to_string()).unwrap_or_default();
    let error = record.error.as_ref();
    let presence = record.presence.as_deref().cloned().unwrap_or_default();
    let state = |seen: &Option<Sighting>| text(seen.as_ref().map(|seen| seen.state));
    let origin = record.origin.as_ref();
    let row = [
        vendor.to_owned(),
        visible(&record.id),
        record.outcome.as_str().to_owned(),
        text(mode),
        record.attempts.to_string(),
        number(record.status.map(u64::from)),
        text(record.request_id.as_deref()),
        text(error.map(|error| &*error.kind)),
        text(error.map(|error| &*error.delivery)),
        text(error.map(|error| &*error.message)),
        state(&presence.before),
        state(&presence.after),
        record.settled_at.as_deref().map(milliseconds).unwrap_or_default(),
        record.looked_at().map(milliseconds).unwrap_or_default(),
        origin.map(|origin| visible(&origin.source)).unwrap_or_default(),
        number(origin.and_then(|origin| origin.line)),
        children(record)?,
    ];
    write_row(out, row.into_iter())
}

/// A JSON array for the one field of a table; empty if there are no children.
fn children(record: &Record) -> io::Result<String> {
    let children: Vec<ChildMembers<'_>> = record.children.iter().map(ChildMembers::of).collect();
    if children.is_empty() { Ok(String::new()) } else { Ok(serde_json::to_string(&children)?) }
}

/// RFC 4180, safe for spreadsheets: quotes around what holds a separator, quotes inside doubled, lines end with CR LF.
fn write_row(out: &mut impl Write, fields: impl Iterator<Item = String>) -> io::Result<()> {
    for (number, field) in fields.enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        let field = guarded(&field);
        if field.contains([',', '"', '\r', '\n']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_quoted_where_it_must_be() {
        let mut out = Vec::new();
        let fields = ["a", "b,c", "say \"no\"", "two\nlines", "", "-1e10", "=1,2"].map(str::to_owned);
        write_row(&mut out, fields.into_iter()).unwrap();
        let expected = "a,\"b,c\",\"say \"\"no\"\"\",\"two\nlines\",,'-1e10,\"'=1,2\"\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
