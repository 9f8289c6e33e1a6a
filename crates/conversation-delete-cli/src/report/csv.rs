//! A table of records.

use std::io::{self, Write};

use clap::ValueEnum;

use super::display::visible;
use super::lines::ChildMembers;
use super::presence::Sighting;
use super::record::Record;
use super::zone::Zone;
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

/// The columns of times.
const TIMES: [&str; 2] = ["settled_at", "looked_at"];

/// RFC 3339 with three decimals.
const RFC_3339: &str = "%Y-%m-%dT%H:%M:%S%.3f%:z";

/// What Excel takes for a time.
const EXCEL: &str = "%Y-%m-%d %H:%M:%S";

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What separates the columns of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Delimiter {
    #[default]
    #[value(alias = ",")]
    Comma,
    #[value(alias = ";")]
    Semicolon,
    Tab,
}

/// How a table is written.
#[derive(Clone, Debug)]
pub(crate) struct CsvStyle {
    pub(crate) delimiter: Delimiter,
    /// The zone of its times; `None` is UTC, as in JSON.
    pub(crate) zone: Option<Zone>,
    /// Whether Excel is to read it without being asked for its form.
    pub(crate) is_for_excel: bool,
    /// Whether text that a spreadsheet would calculate gets a `'`.
    pub(crate) is_guarded: bool,
}

impl CsvStyle {
    /// Writes the names of the columns.
    pub(crate) fn header(&self, out: &mut impl Write) -> io::Result<()> {
        if self.is_for_excel {
            out.write_all(BYTE_ORDER_MARK)?;
        }
        self.write_row(out, HEADER.iter().map(|name| self.column(name)))
    }

    /// A time without offset has its zone in the name of its column.
    fn column(&self, name: &str) -> String {
        match self.is_for_excel && TIMES.contains(&name) {
            true => format!("{name} ({})", self.zone.as_ref().map_or("UTC", Zone::name)),
            false => name.to_owned(),
        }
    }

    fn time(&self, time: Option<&str>) -> String {
        match (time, &self.zone) {
            (None, _) => String::new(),
            (Some(time), zone) if self.is_for_excel => zone.clone().unwrap_or_else(Zone::utc).format(time, EXCEL),
            (Some(time), Some(zone)) => zone.format(time, RFC_3339),
            (Some(time), None) => milliseconds(time),
        }
    }

    /// Writes a record, with its children in the last column.
    pub(crate) fn record(
        &self,
        out: &mut impl Write,
        vendor: &str,
        mode: Option<&str>,
        record: &Record,
    ) -> io::Result<()> {
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
            self.time(record.settled_at.as_deref()),
            self.time(record.looked_at()),
            origin.map(|origin| visible(&origin.source)).unwrap_or_default(),
            number(origin.and_then(|origin| origin.line)),
            children(record)?,
        ];
        self.write_row(out, row.into_iter())
    }

    /// RFC 4180, safe for spreadsheets: quotes around what holds a separator, quotes inside doubled, lines end with CR LF.
    fn write_row(&self, out: &mut impl Write, fields: impl Iterator<Item = String>) -> io::Result<()> {
        let delimiter = match self.delimiter {
            Delimiter::Comma => b",",
            Delimiter::Semicolon => b";",
            Delimiter::Tab => b"\t",
        };
        for (number, field) in fields.enumerate() {
            if number > 0 {
                out.write_all(delimiter)?;
            }
            let field = if self.is_guarded { guarded(&field) } else { field.as_str().into() };
            if field.contains([',', ';', '\t', '"', '\r', '\n']) {
                write!(out, "\"{}\"", field.replace('"', "\"\""))?;
            } else {
                out.write_all(field.as_bytes())?;
            }
        }
        out.write_all(b"\r\n")
    }
}

/// A JSON array for the one field of a table; empty if there are no children.
fn children(record: &Record) -> io::Result<String> {
    let children: Vec<ChildMembers<'_>> = record.children.iter().map(ChildMembers::of).collect();
    if children.is_empty() { Ok(String::new()) } else { Ok(serde_json::to_string(&children)?) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: CsvStyle = CsvStyle { delimiter: Delimiter::Comma, zone: None, is_for_excel: false, is_guarded: true };

    fn row(style: &CsvStyle, fields: &[&str]) -> String {
        let mut out = Vec::new();
        style.write_row(&mut out, fields.iter().map(|field| (*field).to_owned())).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_row_is_quoted_where_it_must_be() {
        let fields = ["a", "b,c", "say \"no\"", "two\nlines", "", "-1e10", "=1,2", "a;b"];
        let expected = "a,\"b,c\",\"say \"\"no\"\"\",\"two\nlines\",,'-1e10,\"'=1,2\",\"a;b\"\r\n";
        assert_eq!(row(&PLAIN, &fields), expected);
        let style = CsvStyle { delimiter: Delimiter::Semicolon, is_guarded: false, ..PLAIN };
        assert_eq!(row(&style, &["=1", "a;b", "a,b", "c"]), "=1;\"a;b\";\"a,b\";c\r\n");
        assert_eq!(row(&CsvStyle { delimiter: Delimiter::Tab, ..PLAIN }, &["=1", "b"]), "'=1\tb\r\n");
    }

    #[test]
    fn times_are_in_the_form_and_zone_that_were_asked_for() {
        let zone = Zone::parse("Europe/Berlin").ok();
        let time = Some("2026-07-01T10:00:00.123456Z");
        for (zone, is_for_excel, expected, column) in [
            (None, false, "2026-07-01T10:00:00.123Z", "settled_at"),
            (zone.clone(), false, "2026-07-01T12:00:00.123+02:00", "settled_at"),
            (None, true, "2026-07-01 10:00:00", "settled_at (UTC)"),
            (zone, true, "2026-07-01 12:00:00", "settled_at (Europe/Berlin)"),
        ] {
            let style = CsvStyle { zone, is_for_excel, ..PLAIN };
            assert_eq!((style.time(time), style.column("settled_at")), (expected.to_owned(), column.to_owned()));
            assert_eq!((style.time(None), style.column("id")), (String::new(), "id".to_owned()));
        }
    }
}
