//! Errors of a command: a line on stderr, and under `--output json` one on stdout too.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use super::json;
use super::lines::ErrorLine;
use crate::exit::Exit;
use crate::notice::notice;
use crate::stream::Stdout;

/// Whether stdout takes NDJSON.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Errors from now on are lines on stdout too.
pub(crate) fn report_errors_as_json() {
    IS_JSON.store(true, Ordering::Relaxed);
}

/// Reports an error, with the exit code that it has on its own. `advice` goes on with the message.
pub(crate) fn report_error(exit: Exit, message: &str, advice: &str) {
    write_error_line(exit, message, advice);
    notice(&format!("error: {message}{advice}"));
}

/// The line of an error that stderr has already.
pub(crate) fn write_error_line(exit: Exit, message: &str, advice: &str) {
    if !IS_JSON.load(Ordering::Relaxed) {
        return;
    }
    let advice = advice.trim_start_matches([';', ':', ' ']);
    let advice = (!advice.is_empty()).then_some(advice);
    let mut line = Vec::new();
    let written =
        json::write_line(&mut line, &ErrorLine { kind: exit.name(), message, exit_code: exit.code(), advice });
    // If stdout is closed, stderr alone has the error.
    let _ = written.and_then(|()| Stdout.write_all(&line));
}
