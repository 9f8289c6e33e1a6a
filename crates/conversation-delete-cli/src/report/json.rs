//! NDJSON for programs.

use std::io::{self, Write};

use delete_core::{CredentialCheck, Error, RecordMeta, Vendor, timestamp};
use serde::Serialize;
use serde_json::Value;

use super::context::Context;
use super::lines::{
    CheckLine, ChildLine, ChildMembers, FoundLine, Line, PresenceLine, RecordLine, RequestLine, SummaryLine,
};
use super::lookup::{LookupRecord, LookupTally};
use super::record::{Failure, Record};
use super::summary::Summary;
use crate::json_line;

/// The version of the lines: a consumer of one version can read all of it, but for members and types that it does not know.
pub(super) const SCHEMA: u8 = 1;

/// What every line has, and what its type has beside it.
#[derive(Serialize)]
struct Enveloped<'a, T> {
    r#type: &'static str,
    schema: u8,
    /// When the line was written.
    time: String,
    run: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

/// A record, after what belonged to it.
pub(crate) fn record(out: &mut impl Write, vendor: &str, mode: Option<&str>, record: &Record) -> io::Result<()> {
    for child in &record.children {
        write_line(out, &ChildLine { vendor, parent: &record.id, child: ChildMembers::of(child) })?;
    }
    write_line(out, &RecordLine::of(vendor, mode, record))
}

/// A record that a list held.
pub(super) fn found(out: &mut impl Write, context: &Context, found: &RecordMeta) -> io::Result<()> {
    let line = FoundLine {
        vendor: context.vendor.as_str(),
        id: &found.id().to_string(),
        created_at: found.created_at().map(timestamp::format),
        updated_at: found.updated_at().map(timestamp::format),
        record_status: found.status().map(|status| status.as_str()),
    };
    write_line(out, &line)
}

/// The result of a lookup.
pub(super) fn lookup(out: &mut impl Write, context: &Context, record: &LookupRecord) -> io::Result<()> {
    let (vendor, error) = (context.vendor.as_str(), record.error.as_ref());
    write_line(out, &PresenceLine { vendor, id: &record.id, presence: &record.presence, error })
}

/// What a check of the credential found.
pub(crate) fn checked(
    out: &mut impl Write,
    (vendor, profile): (Vendor, Option<&str>),
    is_ok: bool,
    checked: Result<&CredentialCheck, &Error>,
) -> io::Result<()> {
    let found = checked.ok();
    let line = CheckLine {
        vendor: vendor.as_str(),
        ok: is_ok,
        target: found.map(|check| check.target.as_str()),
        sees_records: found.and_then(|check| check.sees_records),
        may_delete: found.and_then(|check| check.may_delete),
        confirmed: found.map_or(&[], |check| &check.confirmed),
        error: checked.err().map(Failure::of),
        profile,
    };
    write_line(out, &line)
}

/// A request that a dry run has not sent.
pub(super) fn planned(
    out: &mut impl Write,
    context: &Context,
    method: &str,
    url: &str,
    ids: &[String],
) -> io::Result<()> {
    write_line(out, &RequestLine { vendor: context.vendor.as_str(), mode: context.mode(), method, url, ids })
}

/// The last line of a report on deletions.
pub(crate) fn summary(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    write_line(out, &SummaryLine::of(summary))
}

/// The last line of a report on lookups.
pub(crate) fn lookup_summary(out: &mut impl Write, tally: &LookupTally) -> io::Result<()> {
    let (counts, lookups) = tally.members();
    write_line(out, &SummaryLine { counts, lookups, ..SummaryLine::default() })
}

/// One object on a line of its own.
pub(crate) fn write_line<L: Line>(out: &mut impl Write, body: &L) -> io::Result<()> {
    let line = Enveloped { r#type: L::TYPE, schema: SCHEMA, time: json_line::now(), run: json_line::run_id(), body };
    json_line::write(out, &line)
}

/// The same object as a value.
pub(crate) fn value<L: Line>(body: &L) -> Option<Value> {
    let mut line = Vec::new();
    write_line(&mut line, body).ok()?;
    serde_json::from_slice(&line).ok()
}
