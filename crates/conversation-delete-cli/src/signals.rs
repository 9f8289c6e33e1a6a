//! Ctrl-C and its kin, as messages.

use std::future::Future;
use std::io;

use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::exit::Exit;

/// A message for each time that somebody asks the program to stop. The third one ends it at once, whatever it does.
///
/// # Errors
/// When the system does not let the program listen.
pub(crate) fn listen() -> io::Result<UnboundedReceiver<()>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut source = Source::new()?;
    tokio::spawn(async move {
        for _ in 0..2 {
            source.next().await;
            // Nobody listening means that the program is about to end anyway.
            let _ = sender.send(());
        }
        source.next().await;
        std::process::exit(Exit::Stopped.code().into());
    });
    Ok(receiver)
}

/// What `future` gives; `None` where somebody asks the program to stop before. Then the future is dropped, so it must do
/// nothing that cannot be left half done.
pub(crate) async fn unless_interrupted<T>(
    future: impl Future<Output = T>,
    signals: &mut UnboundedReceiver<()>,
) -> Option<T> {
    tokio::select! {
        biased;
        Some(()) = signals.recv() => None,
        done = future => Some(done),
    }
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None` where the caller wants the program to outlive its terminal.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Source {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = if was_begun_with_nohup() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hangup })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

/// To listen would undo `nohup`. Only Linux tells what a program began with.
#[cfg(unix)]
fn was_begun_with_nohup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// Whether the first bit of the ignored signals is set.
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
struct Source;

#[cfg(not(unix))]
impl Source {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_seen_in_the_mask_of_ignored_signals() {
        assert!(ignores_hangup("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n"));
        assert!(!ignores_hangup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangup(""));
    }
}
