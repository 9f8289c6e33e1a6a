//! The lines on stderr: which are shown, and their form.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::json_line;

static IS_JSON: AtomicBool = AtomicBool::new(false);
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// How messages are written to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// NDJSON, an object a line, for log pipelines.
    Json,
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

impl Level {
    /// The level that the first word of a message states, and the rest of the message.
    pub(crate) fn of(message: &str) -> (Self, &str) {
        let words = [("error: ", Self::Error), ("warning: ", Self::Warn), ("note: ", Self::Info)];
        let stated = words.into_iter().find_map(|(word, level)| Some((level, message.strip_prefix(word)?)));
        stated.unwrap_or((Self::Info, message))
    }
}

/// Decides about the lines from now on. `is_quiet` leaves out what is neither an error nor a warning.
pub(crate) fn set(format: LogFormat, is_quiet: bool) {
    IS_JSON.store(format == LogFormat::Json, Ordering::Relaxed);
    IS_QUIET.store(is_quiet, Ordering::Relaxed);
}

pub(crate) fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Whether messages of this level are shown.
pub(crate) fn shows(level: Level) -> bool {
    level <= Level::Warn || !IS_QUIET.load(Ordering::Relaxed)
}

/// Whether a terminal may show how far a run is in a line that changes.
pub(crate) fn allows_bar() -> bool {
    !is_json() && shows(Level::Info)
}

#[derive(Serialize)]
struct LogLine<'a> {
    time: String,
    level: Level,
    message: &'a str,
    run: &'static str,
    vendor: Option<&'a str>,
    #[serde(flatten)]
    fields: &'a Map<String, Value>,
}

/// One line for `message`.
pub(crate) fn render(level: Level, message: &str) -> Vec<u8> {
    match is_json() {
        true => render_json(level, Level::of(message).1, vendor_of(message), &Map::new()),
        false => format!("{message}\n").into_bytes(),
    }
}

/// Results that stdout did not take, for stderr: as they are, or each line as a message.
pub(crate) fn quoting(results: Vec<u8>) -> Vec<u8> {
    match is_json() {
        true => String::from_utf8_lossy(&results).lines().flat_map(|line| render(Level::Error, line)).collect(),
        false => results,
    }
}

/// An object with more members than every line has.
pub(crate) fn render_json(level: Level, message: &str, vendor: Option<&str>, fields: &Map<String, Value>) -> Vec<u8> {
    let (time, run) = (json_line::now(), json_line::run_id());
    let mut line = Vec::new();
    // Writing to memory cannot fail.
    let _ = json_line::write(&mut line, &LogLine { time, level, message: message.trim(), run, vendor, fields });
    line
}

/// The vendor that a message names first.
fn vendor_of(message: &str) -> Option<&'static str> {
    let first = Level::of(message).1.split([' ', ':']).next()?;
    let vendors = [corti_delete::VENDOR, fini_delete::VENDOR, elevenlabs_delete::VENDOR, tavus_delete::VENDOR];
    vendors.iter().find(|vendor| vendor.to_string() == first).map(|vendor| vendor.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_states_its_level_and_names_its_vendor() {
        for (message, level, rest, vendor) in [
            ("error: Tavus: no", Level::Error, "Tavus: no", Some("tavus")),
            ("warning: nothing", Level::Warn, "nothing", None),
            ("ElevenLabs waits", Level::Info, "ElevenLabs waits", Some("elevenlabs")),
            ("Tavusx", Level::Info, "Tavusx", None),
            ("", Level::Info, "", None),
        ] {
            assert_eq!(Level::of(message), (level, rest));
            assert_eq!(vendor_of(message), vendor, "{message}");
        }
    }
}
