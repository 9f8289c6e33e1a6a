//! The command `export`: what became of each record of a job, one in memory at a time.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use delete_core::ErasureMode;

use crate::args::{CsvArgs, ExportArgs, ExportFormat};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job_file::{read, shown};
use crate::notice::notice;
use crate::report::{CsvStyle, Record, Summary, Tally, write_json_record, write_json_summary};
use crate::stream::Stdout;
use crate::unfinished::{self, Unfinished};

/// Carries out the command.
pub(crate) fn execute(args: &ExportArgs) -> Exit {
    exit_of(export(args))
}

fn export(args: &ExportArgs) -> Result<Exit, CommandError> {
    let form = Form::of(args)?;
    // Refuses a job that is not planned to its end before it makes a file.
    let status = read(&args.job)?;
    let exit = match &args.out {
        None => write_to(&args.job, &form, Stdout, "stdout"),
        Some(path) => write_file(&args.job, &form, path),
    }?;
    if status.outcomes_may_be_missing {
        notice(super::status::MISSING);
        return Ok(Exit::Incomplete);
    }
    Ok(exit)
}

/// How records are written.
enum Form {
    Json,
    Csv(CsvStyle),
}

impl Form {
    fn of(args: &ExportArgs) -> Result<Self, CommandError> {
        match args.format() {
            None => Err(CommandError::usage(
                "it is not clear how to write the records: give --output json or --output csv, or a file that ends in .csv, \
                 .json, .ndjson or .jsonl to --out",
            )),
            Some(ExportFormat::Json) if args.csv.is_any() => Err(CommandError::usage(
                "--timezone, --delimiter, --excel and --allow-formulas are for CSV; times in JSON are in UTC",
            )),
            Some(ExportFormat::Json) => Ok(Self::Json),
            Some(ExportFormat::Csv) => Ok(Self::Csv(style(&args.csv))),
        }
    }

    fn begin(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Json => Ok(()),
            Self::Csv(style) => style.header(out),
        }
    }

    fn write(&self, out: &mut impl Write, vendor: &str, mode: Option<&str>, record: &Record) -> io::Result<()> {
        match self {
            Self::Json => write_json_record(out, vendor, mode, record),
            Self::Csv(style) => style.record(out, vendor, mode, record),
        }
    }

    /// An export without its summary is not complete. In a table it would be one more row.
    fn end(&self, out: &mut impl Write, summary: &Summary) -> io::Result<()> {
        match self {
            Self::Json => write_json_summary(out, summary),
            Self::Csv(_) => Ok(()),
        }
    }
}

fn style(args: &CsvArgs) -> CsvStyle {
    CsvStyle {
        delimiter: args.delimiter.unwrap_or_default(),
        zone: args.timezone.clone(),
        is_for_excel: args.excel,
        is_guarded: !args.allow_formulas,
    }
}

/// The file gets its name when all of it is written, so that half an export is never taken for a whole one.
fn write_file(job: &Path, form: &Form, path: &Path) -> Result<Exit, CommandError> {
    let unusable = |error| CommandError::usage(format!("{}: {}", shown(path), unfinished::explain(&error)));
    let unfinished = Unfinished::create(path).map_err(unusable)?;
    let exit = write_to(job, form, unfinished.file(), &shown(path))?;
    match unfinished.finish() {
        Ok(()) => Ok(exit),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(unusable(error)),
        Err(error) => Err(unwritable(&shown(path), &error)),
    }
}

fn unwritable(name: &str, error: &io::Error) -> CommandError {
    CommandError::new(Exit::Stopped, format!("{name} cannot be written to: {error}"))
}

fn write_to(job: &Path, form: &Form, out: impl Write, name: &str) -> Result<Exit, CommandError> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    let mut written = form.begin(&mut out);
    let mut tally = Tally::default();
    if written.is_ok() {
        conversation_delete_job::export(job, |report| {
            let (vendor, mode) = (report.vendor.clone(), report.mode.map(ErasureMode::as_str));
            let record = Record::stored(report);
            tally.add(record.outcome);
            written = form.write(&mut out, &vendor, mode, &record);
            written.is_ok()
        })?;
    }
    if written.is_ok() {
        conversation_delete_job::export_refused(job, |refused| {
            let vendor = refused.vendor.clone();
            let record = Record::stored_refused(refused);
            tally.add(record.outcome);
            written = form.write(&mut out, &vendor, None, &record);
            written.is_ok()
        })?;
    }
    let written = written.and_then(|()| form.end(&mut out, &tally.into())).and_then(|()| out.flush());
    written.map(|()| Exit::Success).map_err(|error| unwritable(name, &error))
}
