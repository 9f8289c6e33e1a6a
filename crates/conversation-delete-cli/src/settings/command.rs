//! Commands that print a secret.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use delete_core::{AccessToken, TokenSource};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::value::{as_text, check, read_bytes};
use crate::child::{Output, on_thread};
use crate::stopping;

/// How long a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How long Corti's tokens live, if they do not say so themselves.
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// A wrong clock must not make a command run for each request. A token that has expired is renewed after its 401.
const MIN_LIFETIME: Duration = Duration::from_secs(30);

/// Returns what a command line prints, without white space around it. The lines of its stderr become lines of ours.
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
    shell.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
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
    let late = || match stopping::since() {
        Some(_) => "the command was ended, because the program is to stop".to_owned(),
        None => format!("the command did not end within {} s", limit.as_secs()),
    };
    let failed = |error: &dyn std::fmt::Display| format!("the command cannot be read: {error}");
    let stdout = child.stdout.take().ok_or_else(|| failed(&"it has no stdout"))?;
    let (sender, receiver) = mpsc::channel();
    // If nobody waits any more, what was printed is dropped.
    on_thread(move || drop(sender.send(read_bytes(stdout))));
    let output = Output::default();
    output.forward(child.stderr.take());
    let status = output.print_until_end(child, limit, || stopping::since().is_some());
    let status = status.map_err(|error| failed(&error))?.ok_or_else(late)?;
    let bytes =
        receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).map_err(|error| match error {
            RecvTimeoutError::Timeout => late(),
            RecvTimeoutError::Disconnected => failed(&error),
        })?;
    Ok((bytes.map_err(|error| failed(&error))?, status))
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
    on_thread(move || drop(sender.send(read(&line))));
    receiver.await.unwrap_or_else(|_| Err("the command was not awaited".to_owned()))
}

fn lifetime(token: &str, now: SystemTime) -> Duration {
    corti_delete::token_expiry(token)
        .map_or(TOKEN_LIFETIME, |end| end.duration_since(now).unwrap_or_default().max(MIN_LIFETIME))
}

#[cfg(test)]
mod tests;
