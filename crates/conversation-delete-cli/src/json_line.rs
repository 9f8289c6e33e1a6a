//! How this program writes JSON: one object a line, safe to show on a terminal.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::SystemTime;

use delete_core::text::is_unsafe_to_print;
use delete_core::timestamp;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use uuid::Uuid;

/// The id of this invocation of the program.
pub(crate) fn run_id() -> &'static str {
    static RUN: OnceLock<String> = OnceLock::new();
    RUN.get_or_init(|| Uuid::new_v4().to_string())
}

thread_local! {
    /// The second of the latest line, and its text: a second has many lines.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// The time, in RFC 3339 with milliseconds.
pub(crate) fn now() -> String {
    let millis = timestamp::unix_millis(SystemTime::now());
    let second = millis.div_euclid(1_000);
    SECOND.with_borrow_mut(|(known, text)| {
        if *known != second {
            let time = timestamp::from_unix_seconds(second).unwrap_or(SystemTime::UNIX_EPOCH);
            (*known, *text) = (second, timestamp::format(time).trim_end_matches('Z').to_owned());
        }
        format!("{text}.{:03}Z", millis.rem_euclid(1_000))
    })
}

/// Writes an object on a line of its own.
pub(crate) fn write(out: &mut impl Write, object: &impl Serialize) -> io::Result<()> {
    object.serialize(&mut Serializer::with_formatter(&mut *out, Visible))?;
    out.write_all(b"\n")
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
