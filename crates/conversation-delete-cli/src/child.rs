//! The processes of commands that a setting or an option names: what they print, and their end.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use crate::notice::notice_always;

/// How long the rest of its output is awaited once a process has ended, which another one that it left may hold up.
const REST: Duration = Duration::from_secs(1);

/// How many lines wait to be printed.
const LINES_AHEAD: usize = 64;

const LONGEST_LINE: u64 = 64 * 1024;

const TICK: Duration = Duration::from_millis(20);

/// The lines that a process prints, which become lines of our stderr.
pub(crate) struct Output {
    sender: SyncSender<String>,
    lines: Receiver<String>,
}

impl Default for Output {
    fn default() -> Self {
        let (sender, lines) = mpsc::sync_channel(LINES_AHEAD);
        Self { sender, lines }
    }
}

impl Output {
    /// Takes each line of a stream; a longer one in parts.
    pub(crate) fn forward(&self, stream: Option<impl Read + Send + 'static>) {
        let Some(stream) = stream else { return };
        let sender = self.sender.clone();
        on_thread(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
                if sender.send(text).is_err() {
                    return;
                }
                line.clear();
            }
        });
    }

    /// Prints the lines until the process ends; `None` if it does not within `limit`, or before `is_given_up`.
    ///
    /// # Errors
    /// When the process cannot be awaited.
    pub(crate) fn print_until_end(
        self,
        child: &mut Child,
        limit: Duration,
        is_given_up: impl Fn() -> bool,
    ) -> io::Result<Option<ExitStatus>> {
        let Self { sender, lines } = self;
        drop(sender);
        let mut end = Instant::now() + limit;
        let (mut status, mut is_read) = (None, false);
        while (status.is_none() || !is_read) && Instant::now() < end && !is_given_up() {
            match lines.recv_timeout(TICK) {
                Ok(line) => notice_always(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    is_read = true;
                    thread::sleep(TICK);
                }
            }
            if status.is_none() {
                status = child.try_wait()?;
                end = if status.is_some() { end.min(Instant::now() + REST) } else { end };
            }
        }
        Ok(status)
    }
}

/// Without a thread, the work is dropped, and the pipe that it holds is closed.
pub(crate) fn on_thread(work: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().name("child".to_owned()).spawn(work);
}
