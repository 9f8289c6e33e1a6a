//! Ctrl-C and its kin, as messages.

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

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
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
