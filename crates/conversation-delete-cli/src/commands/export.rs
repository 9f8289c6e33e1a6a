//! The command `export`: what became of each record of a job, one in memory at a time.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use delete_core::ErasureMode;

use crate::args::{ExportArgs, ExportFormat};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job_file::{read, shown};
use crate::notice::notice;
use crate::report::{
    Record, Summary, Tally, write_csv_header, write_csv_record, write_json_record, write_json_summary,
};
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
            written = write_record(&mut out, args.output, &vendor, mode, &record);
            written.is_ok()
        })?;
    }
    if written.is_ok() {
        conversation_delete_job::export_refused(&args.job, |refused| {
            let vendor = refused.vendor.clone();
            let record = Record::stored_refused(refused);
            tally.add(record.outcome);
            written = write_record(&mut out, args.output, &vendor, None, &record);
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

fn begin(out: &mut impl Write, format: ExportFormat) -> io::Result<()> {
    match format {
        ExportFormat::Json => Ok(()),
        ExportFormat::Csv => write_csv_header(out),
    }
}

fn write_record(
    out: &mut impl Write,
    format: ExportFormat,
    vendor: &str,
    mode: Option<&str>,
    record: &Record,
) -> io::Result<()> {
    match format {
        ExportFormat::Json => write_json_record(out, vendor, mode, record),
        ExportFormat::Csv => write_csv_record(out, vendor, mode, record),
    }
}
