//! The command that is run at the end.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::child::{Output, on_thread};
use crate::notice::notice;
use crate::settings;

/// How long it may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A variable of the tests that replaces it, in milliseconds.
const TIME_LIMIT_VARIABLE: &str = "CONVERSATION_DELETE_TEST_HOOK_LIMIT";

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
    let output = Output::default();
    output.forward(child.stdout.take());
    output.forward(child.stderr.take());
    let millis = std::env::var(TIME_LIMIT_VARIABLE).ok().and_then(|text| text.parse().ok());
    let limit = millis.map_or(TIME_LIMIT, Duration::from_millis);
    match output.print_until_end(&mut child, limit, || false).map_err(|error| format!("cannot be awaited: {error}"))? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("failed: {status}")),
        None => {
            kill(&mut child);
            Err(format!("was ended after {} seconds", limit.as_secs_f64()))
        }
    }
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
