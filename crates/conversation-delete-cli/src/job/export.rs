//! The command `export`: what became of each record of a job, one in memory at a time.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use conversation_delete_job::{ChildReport, PresenceReport, RecordReport, RefusedReport};
use delete_core::ErasureMode;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

use super::{Trouble, read, shown, told};
use crate::args::{ExportArgs, ExportFormat};
use crate::exit::Exit;
use crate::progress::notice;
use crate::report::{ChildRecord, Outcome, Tally, visible, write_json_child, write_json_line};
use crate::spreadsheet::{guarded, milliseconds};
use crate::stream::Stdout;
use crate::unfinished::{self, Unfinished};

/// Carries out the command.
pub(crate) fn execute(args: &ExportArgs) -> Exit {
    told(export(args))
}

fn export(args: &ExportArgs) -> Result<Exit, Trouble> {
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
fn write_file(args: &ExportArgs, path: &Path) -> Result<Exit, Trouble> {
    let unusable = |error| Trouble::usage(format!("{}: {}", shown(path), unfinished::explain(&error)));
    let unfinished = Unfinished::create(path).map_err(unusable)?;
    let exit = write_to(args, unfinished.file(), &shown(path))?;
    match unfinished.finish() {
        Ok(()) => Ok(exit),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(unusable(error)),
        Err(error) => Err(unwritable(&shown(path), &error)),
    }
}

fn unwritable(name: &str, error: &io::Error) -> Trouble {
    Trouble::new(Exit::Stopped, format!("{name} cannot be written to: {error}"))
}

fn write_to(args: &ExportArgs, out: impl Write, name: &str) -> Result<Exit, Trouble> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    let mut written = begin(&mut out, args.output);
    let mut counts = Counts::default();
    if written.is_ok() {
        conversation_delete_job::export(&args.job, |record| {
            counts.0.add(record.outcome);
            written = write_record(&mut out, args.output, &record);
            written.is_ok()
        })?;
    }
    if written.is_ok() {
        conversation_delete_job::export_refused(&args.job, |refused| {
            counts.0.add(Outcome::Refused);
            written = write_refused(&mut out, args.output, &refused);
            written.is_ok()
        })?;
    }
    let written = written.and_then(|()| end(&mut out, args.output, &counts)).and_then(|()| out.flush());
    written.map(|()| Exit::Success).map_err(|error| unwritable(name, &error))
}

/// How many records have each outcome.
#[derive(Default)]
struct Counts(Tally);

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "summary")?;
        for outcome in Outcome::ALL {
            map.serialize_entry(outcome.as_str(), &self.0.get(outcome))?;
        }
        map.end()
    }
}

/// An export without its summary is not complete. In a table it would be one more row.
fn end(out: &mut impl Write, format: ExportFormat, counts: &Counts) -> io::Result<()> {
    match format {
        ExportFormat::Json => write_json_line(out, counts),
        ExportFormat::Csv => Ok(()),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    vendor: &'a str,
    id: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'a str>,
    attempts: u64,
    status: Option<u16>,
    request_id: Option<&'a str>,
    error: Option<Failure<'a>>,
    presence: Presence<'a>,
    settled_at: Option<&'a str>,
    looked_at: Option<&'a str>,
}

#[derive(Serialize)]
struct Failure<'a> {
    kind: &'a str,
    delivery: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Presence<'a> {
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct RefusedLine<'a> {
    #[serde(flatten)]
    line: Line<'a>,
    source: &'a str,
    line_number: Option<u64>,
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

impl<'a> Line<'a> {
    fn of(record: &'a RecordReport) -> Self {
        let failure = |error: &'a conversation_delete_job::Failure| Failure {
            kind: error.kind.as_str(),
            delivery: error.delivery.as_str(),
            message: &error.message,
        };
        let state = |presence: &'a Option<PresenceReport>| presence.as_ref().map(|presence| presence.state.as_str());
        Self {
            r#type: "record",
            vendor: &record.vendor,
            id: &record.id,
            outcome: record.outcome.as_str(),
            mode: record.mode.map(ErasureMode::as_str),
            attempts: record.attempts,
            status: record.status,
            request_id: record.request_id.as_deref(),
            error: record.error.as_ref().map(failure),
            presence: Presence { before: state(&record.before), after: state(&record.after) },
            settled_at: record.settled_at.as_deref(),
            looked_at: record.after.as_ref().and_then(|after| after.time.as_deref()),
        }
    }

    fn of_refused(refused: &'a RefusedReport) -> Self {
        Self {
            r#type: "record",
            vendor: &refused.vendor,
            id: &refused.text,
            outcome: "refused",
            mode: None,
            attempts: 0,
            status: None,
            request_id: None,
            error: Some(Failure { kind: "invalid_input", delivery: "not_sent", message: &refused.reason }),
            presence: Presence { before: None, after: None },
            settled_at: None,
            looked_at: None,
        }
    }
}

fn begin(out: &mut impl Write, format: ExportFormat) -> io::Result<()> {
    match format {
        ExportFormat::Json => Ok(()),
        ExportFormat::Csv => write_row(out, HEADER.iter().map(|name| (*name).to_owned())),
    }
}

fn write_record(out: &mut impl Write, format: ExportFormat, record: &RecordReport) -> io::Result<()> {
    let line = Line::of(record);
    match format {
        ExportFormat::Json => {
            let mut children = record.children.iter().cloned().map(ChildRecord::stored);
            children.try_for_each(|child| write_json_child(out, &record.vendor, &record.id, &child))?;
            write_json_line(out, &line)
        }
        ExportFormat::Csv => write_csv(out, &line, "", None, children_json(&record.children).as_deref()),
    }
}

/// A JSON array for the one field of a table; `None` if there are no children.
fn children_json(children: &[ChildReport]) -> Option<String> {
    let failure = |error: &conversation_delete_job::Failure| json!({ "kind": error.kind.as_str(), "delivery": error.delivery.as_str(), "message": error.message });
    let child = |child: &ChildReport| {
        json!({
            "kind": child.kind, "id": child.id, "outcome": child.outcome.as_str(), "attempts": child.attempts,
            "status": child.status, "request_id": child.request_id, "error": child.error.as_ref().map(failure),
        })
    };
    (!children.is_empty()).then(|| children.iter().map(child).collect::<Value>().to_string())
}

fn write_refused(out: &mut impl Write, format: ExportFormat, refused: &RefusedReport) -> io::Result<()> {
    let line = Line::of_refused(refused);
    match format {
        ExportFormat::Json => {
            write_json_line(out, &RefusedLine { line, source: &refused.source, line_number: refused.line })
        }
        ExportFormat::Csv => write_csv(out, &line, &refused.source, refused.line, None),
    }
}

fn write_csv(
    out: &mut impl Write,
    line: &Line<'_>,
    source: &str,
    number: Option<u64>,
    children: Option<&str>,
) -> io::Result<()> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let error = |part: fn(&Failure<'_>) -> String| line.error.as_ref().map(part).unwrap_or_default();
    let row = [
        line.vendor.to_owned(),
        visible(line.id),
        line.outcome.to_owned(),
        text(line.mode),
        line.attempts.to_string(),
        line.status.map(|status| status.to_string()).unwrap_or_default(),
        text(line.request_id),
        error(|error| error.kind.to_owned()),
        error(|error| error.delivery.to_owned()),
        error(|error| visible(error.message)),
        text(line.presence.before),
        text(line.presence.after),
        line.settled_at.map(milliseconds).unwrap_or_default(),
        line.looked_at.map(milliseconds).unwrap_or_default(),
        visible(source),
        number.map(|number| number.to_string()).unwrap_or_default(),
        text(children),
    ];
    write_row(out, row.into_iter())
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
