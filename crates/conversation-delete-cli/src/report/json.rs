//! NDJSON for programs. The names and their order are a promise.

use std::io::{self, Write};

use delete_core::text::is_unsafe_to_print;
use delete_core::{CredentialCheck, Error, RecordMeta, Vendor, timestamp};
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::{ChildRecord, Context, Failure, Outcome, Proof, Record, Seen, Sight, SightTally, Summary};

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    vendor: &'static str,
    id: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    attempts: usize,
    status: Option<u16>,
    request_id: Option<&'a str>,
    error: Option<&'a Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence: Option<&'a Proof>,
}

/// A record, after what belonged to it.
pub(super) fn record(out: &mut impl Write, context: &Context, record: &Record) -> io::Result<()> {
    record.children.iter().try_for_each(|child| self::child(out, context.vendor.as_str(), &record.id, child))?;
    let line = Line {
        r#type: "record",
        vendor: context.vendor.as_str(),
        id: &record.id,
        outcome: record.outcome.as_str(),
        mode: context.erasure.map(|erasure| erasure.as_str()),
        attempts: record.attempts,
        status: record.status,
        request_id: record.request_id.as_deref(),
        error: record.error.as_ref(),
        presence: record.proof.as_deref(),
    };
    write_line(out, &line)
}

#[derive(Serialize)]
struct ChildLine<'a> {
    r#type: &'static str,
    vendor: &'a str,
    parent: &'a str,
    kind: &'a str,
    id: &'a str,
    outcome: &'static str,
    attempts: usize,
    status: Option<u16>,
    request_id: Option<&'a str>,
    error: Option<&'a Failure>,
}

/// What belonged to a record and was deleted before it.
pub(crate) fn child(out: &mut impl Write, vendor: &str, parent: &str, child: &ChildRecord) -> io::Result<()> {
    let record = &child.record;
    let line = ChildLine {
        r#type: "child",
        vendor,
        parent,
        kind: &child.kind,
        id: &record.id,
        outcome: record.outcome.as_str(),
        attempts: record.attempts,
        status: record.status,
        request_id: record.request_id.as_deref(),
        error: record.error.as_ref(),
    };
    write_line(out, &line)
}

#[derive(Serialize)]
struct FoundLine<'a> {
    r#type: &'static str,
    vendor: &'static str,
    id: String,
    created_at: Option<String>,
    updated_at: Option<String>,
    status: Option<&'a str>,
}

/// A record that a list held.
pub(super) fn found(out: &mut impl Write, context: &Context, found: &RecordMeta) -> io::Result<()> {
    let line = FoundLine {
        r#type: "record",
        vendor: context.vendor.as_str(),
        id: found.id().to_string(),
        created_at: found.created_at().map(timestamp::format),
        updated_at: found.updated_at().map(timestamp::format),
        status: found.status().map(|status| status.as_str()),
    };
    write_line(out, &line)
}

#[derive(Serialize)]
struct SightLine<'a> {
    r#type: &'static str,
    vendor: &'static str,
    id: &'a str,
    presence: &'static str,
    status: Option<&'a str>,
    error: Option<&'a Failure>,
}

/// The result of a lookup.
pub(super) fn sight(out: &mut impl Write, context: &Context, sight: &Sight) -> io::Result<()> {
    let line = SightLine {
        r#type: "record",
        vendor: context.vendor.as_str(),
        id: &sight.id,
        presence: sight.seen.presence(),
        status: sight.status.as_deref(),
        error: sight.error.as_ref(),
    };
    write_line(out, &line)
}

#[derive(Serialize)]
struct CheckLine<'a> {
    r#type: &'static str,
    vendor: &'static str,
    ok: bool,
    target: Option<&'a str>,
    sees_records: Option<bool>,
    may_delete: Option<bool>,
    confirmed: &'a [String],
    error: Option<Failure>,
}

/// What a check of the credential found.
pub(crate) fn checked(
    out: &mut impl Write,
    vendor: Vendor,
    is_ok: bool,
    checked: Result<&CredentialCheck, &Error>,
) -> io::Result<()> {
    let found = checked.ok();
    let line = CheckLine {
        r#type: "check",
        vendor: vendor.as_str(),
        ok: is_ok,
        target: found.map(|check| check.target.as_str()),
        sees_records: found.map(|check| check.sees_records),
        may_delete: found.and_then(|check| check.may_delete),
        confirmed: found.map_or(&[], |check| &check.confirmed),
        error: checked.err().map(Failure::of),
    };
    write_line(out, &line)
}

#[derive(Serialize)]
struct PlanLine<'a> {
    r#type: &'static str,
    vendor: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    method: &'a str,
    url: &'a str,
    ids: &'a [String],
}

/// A request that a dry run has not sent.
pub(super) fn planned(
    out: &mut impl Write,
    context: &Context,
    method: &str,
    url: &str,
    ids: &[String],
) -> io::Result<()> {
    let mode = context.erasure.map(|erasure| erasure.as_str());
    let line = PlanLine { r#type: "plan", vendor: context.vendor.as_str(), mode, method, url, ids };
    write_line(out, &line)
}

impl Serialize for Summary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "summary")?;
        for outcome in Outcome::ALL {
            map.serialize_entry(outcome.as_str(), &self.tally.get(outcome))?;
        }
        if let Some(proof) = &self.proof {
            map.serialize_entry("verified", &proof.verified)?;
            map.serialize_entry("still_present", &proof.still_present)?;
            map.serialize_entry("unverified", &proof.unverified)?;
        }
        map.end()
    }
}

impl Serialize for SightTally {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "summary")?;
        for seen in Seen::ALL {
            map.serialize_entry(seen.as_str(), &self.count(seen))?;
        }
        map.end()
    }
}

/// The last line of any report.
pub(super) fn summary(out: &mut impl Write, summary: &impl Serialize) -> io::Result<()> {
    write_line(out, summary)
}

/// Escapes what a terminal would act on or hide, on top of what JSON demands. It reads back as the same text.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(start) = rest.find(is_unsafe_to_print) {
            let (plain, tail) = rest.split_at(start);
            out.write_all(plain.as_bytes())?;
            let length = tail.chars().next().map_or(tail.len(), char::len_utf8);
            let (character, tail) = tail.split_at(length);
            character.encode_utf16().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            rest = tail;
        }
        out.write_all(rest.as_bytes())
    }
}

/// One object on a line of its own.
pub(crate) fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Visible))?;
    out.write_all(b"\n")
}
