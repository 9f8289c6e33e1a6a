//! A table of records.

use std::io::{self, Write};

use super::display::visible;
use super::lines::ChildMembers;
use super::presence::Sighting;
use super::record::Record;
use crate::spreadsheet::{guarded, milliseconds};

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

/// The names of the columns.
pub(crate) fn header(out: &mut impl Write) -> io::Result<()> {
    write_row(out, HEADER.iter().map(|name| (*name).to_owned()))
}

/// A record, with its children in the last column.
pub(crate) fn record(out: &mut impl Write, vendor: &str, mode: Option<&str>, record: &Record) -> io::Result<()> {
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
        text(record.mode(mode)),
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
