//! Stdout and stderr, each with a thread of its own that writes to it.
//!
//! Nobody else waits in a write: a reader that is slow, or reads no more, holds up this thread alone. What it holds up is
//! kept, bounded, and can be taken back when the process shall end.

mod file;
mod patience;
mod state;
mod writer;

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

use crate::stopping;
pub(crate) use patience::Patience;
pub(crate) use state::Piece;
pub(crate) use writer::Stream;

/// How long a reader may stand still once the process shall end.
const GRACE: Duration = Duration::from_secs(1);

/// How long the end of a process waits for a reader of stderr that stands still.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How much may wait for the reader of stdout before its producers wait too.
const STDOUT_LIMIT: usize = 256 * 1024;

/// How much may wait for the reader of stderr; more than that is dropped, and counted.
const NOTICES_LIMIT: usize = 1024 * 1024;

/// Log lines are dropped earlier, so that notices find room.
const LOG_LIMIT: usize = 256 * 1024;

/// Stdout waits for its reader, until the process shall end.
const PATIENT: Patience = Patience { grace: GRACE, stopping_since: stopping::since, longest: None };

const IMPATIENT: Patience = Patience { longest: Some(LAST_WORDS), ..PATIENT };

static STDOUT: OnceLock<Stream> = OnceLock::new();

/// Stdout.
pub(crate) fn stdout() -> &'static Stream {
    STDOUT.get_or_init(|| Stream::start("stdout", file::stdout(), STDOUT_LIMIT, PATIENT))
}

fn stderr() -> &'static Stream {
    static STDERR: OnceLock<Stream> = OnceLock::new();
    STDERR.get_or_init(|| Stream::start("stderr", file::stderr(), NOTICES_LIMIT, IMPATIENT))
}

/// Writes to stdout, and waits until it has taken all of it.
///
/// # Errors
/// When stdout cannot be written to, or nobody reads it and the process shall end.
pub(crate) fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    // On a terminal, what was said before stands before it.
    stderr().settle();
    Stdout.write_all(bytes)?;
    stdout().finish()
}

/// Stdout as a writer.
pub(crate) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        stdout().push(vec![Piece::new(bytes.to_vec())]).map_err(|(error, _)| error)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        stdout().finish()
    }
}

/// Adds a message to what stderr shows; it is dropped if nobody reads stderr and too much waits already.
pub(crate) fn push_notice(bytes: Vec<u8>) {
    stderr().offer(bytes, NOTICES_LIMIT);
}

/// Adds a line of the log to what stderr shows.
pub(crate) fn push_log(bytes: &[u8]) {
    stderr().offer(bytes.to_vec(), LOG_LIMIT);
}

/// Adds what stdout did not take to what stderr shows, and waits for room. Nobody is left to be told if that fails.
pub(crate) fn rescue(bytes: Vec<u8>) {
    let _ = stderr().push(vec![Piece::new(bytes)]);
}

/// Shows a line that changes, on a terminal; `None` takes it away.
pub(crate) fn set_status(line: Option<String>) {
    stderr().set_status(line);
}

/// What takes the status line off the terminal, before stdout writes to it.
pub(crate) fn clear_status_line() -> &'static [u8] {
    if stderr().has_status() && io::stdout().is_terminal() { state::CLEAR_LINE } else { b"" }
}

/// Draws the status line again, after something else was written to the terminal.
pub(crate) fn redraw_status() {
    stderr().redraw_status();
}

/// Waits until stdout has taken all that was written to it.
///
/// # Errors
/// When stdout cannot be written to, or nobody reads it and the process shall end.
pub(crate) fn finish_stdout() -> io::Result<()> {
    STDOUT.get().map_or(Ok(()), Stream::finish)
}

/// Waits until stderr has taken all of it, for as long as it is read.
pub(crate) fn finish_stderr() {
    // Who does not read it cannot be told.
    let _ = stderr().finish();
}
