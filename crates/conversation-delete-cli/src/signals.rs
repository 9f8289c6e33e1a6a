//! SIGINT, SIGTERM and SIGHUP, from the first moment of the process to its last.
//!
//! A thread of its own hears them, so that they work whatever the other threads do: also as process 1 of a container,
//! for which the system's default is to ignore them. Before a command [listens](listen), nothing was sent, and a signal
//! ends the process at once. From then on the command gets a message, and ends in order.

mod escalation;
mod source;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use delete_core::StopToken;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::exit::Exit;
use crate::log_line::Level;
use crate::notice::notice_as;
use crate::own_file::{FileId, remove_own};
use crate::{stopping, stream};
use escalation::{Escalation, Wish};

/// What a signal ends.
enum Phase {
    /// Nothing was sent: the process ends at once.
    Unsent,
    /// The parts of a command listen, or did until a moment ago. They end in their own way.
    Listening(Vec<UnboundedSender<()>>),
}

struct State {
    phase: Phase,
    escalation: Escalation,
    /// What is removed if the process ends at once.
    drafts: Vec<Draft>,
}

static STATE: Mutex<State> =
    Mutex::new(State { phase: Phase::Unsent, escalation: Escalation::new(), drafts: Vec::new() });

static STOP: LazyLock<StopToken> = LazyLock::new(StopToken::default);

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs the handlers. It must be called before anything else.
///
/// # Errors
/// When the system does not allow it.
pub(crate) fn install() -> io::Result<()> {
    source::start(|is_interrupt| hear(is_interrupt, Instant::now()))
}

/// A message when the command shall stop, and another when it shall not wait any longer either. The wish after that ends
/// the process at once.
pub(crate) fn listen() -> UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut state = state();
    if stopping::since().is_some() {
        // The receiver is at hand, so this cannot fail.
        let _ = sender.send(());
    }
    let mut listeners = match std::mem::replace(&mut state.phase, Phase::Unsent) {
        Phase::Unsent => Vec::new(),
        Phase::Listening(listeners) => listeners,
    };
    listeners.retain(|listener| !listener.is_closed());
    listeners.push(sender);
    state.phase = Phase::Listening(listeners);
    receiver
}

/// Stops the clients' calls before their next request.
pub(crate) fn stop_token() -> StopToken {
    STOP.clone()
}

/// A file or a folder that is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Draft {
    path: PathBuf,
    id: Option<FileId>,
}

impl Draft {
    fn remove(&self) {
        if let Some(id) = self.id {
            remove_own(&self.path, id);
        }
    }
}

/// Removes a file or a folder of this process that is not complete if a signal ends the process at once, for as long as this lives.
#[derive(Debug)]
pub(crate) struct DraftGuard(Draft);

impl DraftGuard {
    /// Makes the file. A signal that comes meanwhile waits for it.
    ///
    /// # Errors
    /// Those of `create`.
    pub(crate) fn around<T, E>(path: &Path, create: impl FnOnce() -> Result<T, E>) -> Result<(T, Self), E> {
        Self::around_named(create, |_| path.to_owned())
    }

    /// The same for a folder or a file whose name is known once it is made.
    pub(crate) fn around_named<T, E>(
        create: impl FnOnce() -> Result<T, E>,
        name: impl FnOnce(&T) -> PathBuf,
    ) -> Result<(T, Self), E> {
        let mut state = state();
        let created = create()?;
        let path = name(&created);
        let draft = Draft { id: FileId::at(&path), path };
        state.drafts.push(draft.clone());
        Ok((created, Self(draft)))
    }
}

impl Drop for DraftGuard {
    fn drop(&mut self) {
        state().drafts.retain(|draft| *draft != self.0);
    }
}

/// Does what must not be interrupted half-way: a signal waits for it. It must be short.
pub(crate) fn undisturbed<T>(act: impl FnOnce() -> T) -> T {
    let _state = state();
    act()
}

fn hear(is_interrupt: bool, now: Instant) {
    let mut state = state();
    let wish = state.escalation.hear(is_interrupt, now);
    match (wish, &state.phase) {
        (Wish::Nothing, _) => {}
        (Wish::End, _) => std::process::exit(Exit::Stopped.code().into()),
        // The state stays locked, so that no command begins to send meanwhile.
        (_, Phase::Unsent) => {
            for draft in &state.drafts {
                draft.remove();
            }
            stopping::begin(now);
            notice_as(Level::Warn, "interrupted: nothing was sent");
            stream::finish_stderr();
            std::process::exit(Exit::Stopped.code().into());
        }
        (Wish::Stop | Wish::Abort, Phase::Listening(listeners)) => {
            for listener in listeners {
                // Nobody listens any more if its part has come to its end.
                let _ = listener.send(());
            }
            stopping::begin(now);
            STOP.stop();
        }
    }
}

/// The output of `future`; `None` if the process shall stop before. Then the future is dropped, so it must do nothing
/// that cannot be left half done.
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
