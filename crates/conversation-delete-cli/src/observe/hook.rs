//! The command that is run at the end.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::notice::{notice, notice_always};
use crate::settings;

/// How long it may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A variable of the tests that replaces it, in milliseconds.
const TIME_LIMIT_VARIABLE: &str = "CONVERSATION_DELETE_TEST_HOOK_LIMIT";

/// How long the rest of its output is awaited once it has ended, which a process that it left may hold up.
const REST: Duration = Duration::from_secs(1);

/// How many lines of its output wait to be printed.
const LINES_AHEAD: usize = 64;

const LONGEST_LINE: u64 = 64 * 1024;

const TICK: Duration = Duration::from_millis(20);

/// The first letters of the variables that hold credentials, or say whose.
const VENDORS: [&str; 4] = ["CORTI_", "FINI_", "ELEVENLABS_", "TAVUS_"];

/// Runs the command with `summary` on its stdin. Whatever happens to it is a warning at most.
pub(super) fn run(command: &str, summary: &Value) {
    if let Err(reason) = carry_out(command, summary) {
        notice(&format!("warning: the command of --on-finish {reason}"));
    }
}

fn carry_out(command: &str, summary: &Value) -> Result<(), String> {
    let mut child = shell(command).spawn().map_err(|error| format!("cannot be run: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        let line = format!("{summary}\n");
        // It need not read all of it.
        on_thread(move || drop(stdin.write_all(line.as_bytes())));
    }
    let (sender, lines) = mpsc::sync_channel(LINES_AHEAD);
    forward(child.stdout.take(), sender.clone());
    forward(child.stderr.take(), sender);
    let millis = std::env::var(TIME_LIMIT_VARIABLE).ok().and_then(|text| text.parse().ok());
    let limit = millis.map_or(TIME_LIMIT, Duration::from_millis);
    match wait(&mut child, &lines, limit).map_err(|error| format!("cannot be awaited: {error}"))? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("failed: {status}")),
        None => {
            kill(&mut child);
            Err(format!("was ended after {} seconds", limit.as_secs_f64()))
        }
    }
}

/// Prints what the command prints until it ends; `None` if it does not in time.
fn wait(child: &mut Child, lines: &Receiver<String>, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let mut end = Instant::now() + limit;
    let (mut status, mut is_read) = (None, false);
    while (status.is_none() || !is_read) && Instant::now() < end {
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

/// A process group of its own, so that Ctrl-C does not end it.
fn shell(command: &str) -> Command {
    #[cfg(unix)]
    let mut shell = {
        let mut shell = Command::new("/bin/sh");
        std::os::unix::process::CommandExt::process_group(shell.arg("-c"), 0);
        shell
    };
    #[cfg(not(unix))]
    let mut shell = {
        let mut shell = Command::new("cmd");
        shell.arg("/C");
        shell
    };
    shell.arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let read = settings::secret_variables();
    let is_of_vendor = |name: &str| read.contains(name) || VENDORS.iter().any(|vendor| name.starts_with(vendor));
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| is_of_vendor(name)) {
        shell.env_remove(name);
    }
    shell
}

/// Sends each line that the command prints; a longer one in parts.
fn forward(output: Option<impl Read + Send + 'static>, sender: SyncSender<String>) {
    let Some(output) = output else { return };
    on_thread(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// Without a thread, the pipe is closed.
fn on_thread(work: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().name("on-finish".to_owned()).spawn(work);
}

/// Ends the command, and what it has started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    // On other systems this ends the command alone.
    let _ = child.kill();
    let _ = child.wait();
}
