//! Commands that print a secret.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use delete_core::{AccessToken, TokenSource};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::value::{as_text, check, read_bytes};

/// How long a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How often a command is looked at that has closed its stdout.
const POLL: Duration = Duration::from_millis(10);

/// How long Corti's tokens live, if they do not say so themselves.
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// A wrong clock must not make a command run for each request. A token that has expired is renewed after its 401.
const MIN_LIFETIME: Duration = Duration::from_secs(30);

/// Returns what a command line prints, without white space around it. Its stderr is ours.
///
/// # Errors
/// What is wrong, without what was printed.
pub(super) fn read(line: &str) -> Result<Zeroizing<String>, String> {
    read_within(line, TIME_LIMIT)
}

fn read_within(line: &str, limit: Duration) -> Result<Zeroizing<String>, String> {
    if line.trim().is_empty() {
        return Err("the command is empty".to_owned());
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = shell.spawn().map_err(|error| format!("the shell `sh` cannot be started: {error}"))?;
    let output = output_of(&mut child, limit);
    if output.is_err() {
        // It may have ended meanwhile.
        let _ = child.kill().and_then(|()| child.wait());
    }
    let (bytes, status) = output?;
    let text = as_text(&bytes, "what the command printed")?;
    match status.success() {
        true => check(text.trim(), "what the command printed"),
        false => Err(format!("the command ended with {status}")),
    }
}

fn output_of(child: &mut Child, limit: Duration) -> Result<(Zeroizing<Vec<u8>>, ExitStatus), String> {
    let deadline = Instant::now() + limit;
    let late = || format!("the command did not end within {} s", limit.as_secs());
    let failed = |error: &dyn std::fmt::Display| format!("the command cannot be read: {error}");
    let stdout = child.stdout.take().ok_or_else(|| failed(&"it has no stdout"))?;
    let (sender, receiver) = mpsc::channel();
    // If nobody waits any more, the output is dropped.
    thread::spawn(move || drop(sender.send(read_bytes(stdout))));
    let bytes = receiver.recv_timeout(limit).map_err(|error| match error {
        RecvTimeoutError::Timeout => late(),
        RecvTimeoutError::Disconnected => failed(&error),
    })?;
    let bytes = bytes.map_err(|error| failed(&error))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((bytes, status)),
            Ok(None) if Instant::now() < deadline => thread::sleep(POLL),
            Ok(None) => return Err(late()),
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// A source that begins with a token that the command printed, and runs it again for each further one. `name` is the
/// setting that holds the command.
pub(super) fn token_source(name: String, line: String, first: String) -> TokenSource {
    let first = Mutex::new(Some(Zeroizing::new(first)));
    TokenSource::new(move || {
        let known = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (name, line) = (name.clone(), line.clone());
        async move {
            let token = match known {
                Some(token) => token,
                None => read_aside(line).await.map_err(|message| format!("{name}: {message}"))?,
            };
            let lifetime = lifetime(&token, SystemTime::now());
            Ok(AccessToken::new(token.as_str())?.with_lifetime(lifetime))
        }
    })
}

/// Runs the command on a thread of its own, which nobody waits for once the program ends.
async fn read_aside(line: String) -> Result<Zeroizing<String>, String> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || drop(sender.send(read(&line))));
    receiver.await.unwrap_or_else(|_| Err("the command was not awaited".to_owned()))
}

fn lifetime(token: &str, now: SystemTime) -> Duration {
    corti_delete::token_expiry(token)
        .map_or(TOKEN_LIFETIME, |end| end.duration_since(now).unwrap_or_default().max(MIN_LIFETIME))
}

#[cfg(test)]
mod tests;
