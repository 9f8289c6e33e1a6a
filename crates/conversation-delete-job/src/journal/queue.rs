//! The way of the commands to the thread that writes them.
//!
//! The thread is woken for the first command of a group and once the group is complete, and not for each command.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::command::Command;

/// Outcomes are committed when so many wait, or after so long.
const GROUP: usize = 1024;
const GROUP_TIME: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    commands: Vec<Command>,
    /// One of them is urgent.
    is_urgent: bool,
    /// Nobody sends, or nobody receives any more.
    is_closed: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops what nobody receives, which reports that to those who wait for a reply.
    fn close(&self, drops_commands: bool) {
        let mut state = self.state();
        state.is_closed = true;
        let dropped = if drops_commands { std::mem::take(&mut state.commands) } else { Vec::new() };
        drop(state);
        self.changed.notify_all();
        drop(dropped);
    }
}

impl State {
    fn is_complete(&self) -> bool {
        self.is_urgent || self.is_closed || self.commands.len() >= GROUP
    }
}

/// Sends commands. The queue ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub(super) struct Sender(Arc<SendingEnd>);

#[derive(Debug)]
struct SendingEnd(Arc<Queue>);

/// Receives commands.
#[derive(Debug)]
pub(super) struct Receiver(Arc<Queue>);

pub(super) fn queue() -> (Sender, Receiver) {
    let queue = Arc::<Queue>::default();
    (Sender(Arc::new(SendingEnd(Arc::clone(&queue)))), Receiver(queue))
}

impl Sender {
    /// Drops the command if nobody receives any more.
    pub(super) fn send(&self, command: Command) {
        let queue = &self.0.0;
        let mut state = queue.state();
        if state.is_closed {
            return;
        }
        let (is_first, was_complete) = (state.commands.is_empty(), state.is_complete());
        state.is_urgent |= command.is_urgent();
        state.commands.push(command);
        let is_to_be_woken = is_first || !was_complete && state.is_complete();
        drop(state);
        if is_to_be_woken {
            queue.changed.notify_one();
        }
    }
}

impl Drop for SendingEnd {
    fn drop(&mut self) {
        self.0.close(false);
    }
}

impl Receiver {
    /// Waits for the commands that go into one transaction, in their order. None once all senders are gone.
    pub(super) fn receive(&self) -> Option<Vec<Command>> {
        let mut state = self.0.state();
        while state.commands.is_empty() {
            if state.is_closed {
                return None;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let until = Instant::now() + GROUP_TIME;
        while !state.is_complete() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.is_urgent = false;
        Some(std::mem::take(&mut state.commands))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.close(true);
    }
}
