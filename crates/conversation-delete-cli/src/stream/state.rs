//! What waits to be written to a stream.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use crate::log_line::{self, Level};

/// What is written with one call.
const CHUNK: usize = 64 * 1024;

/// The status line is drawn no more often than this.
const REDRAW: Duration = Duration::from_millis(100);

/// How long the thread sleeps if nothing wakes it.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// Takes the status line off a terminal.
pub(crate) const CLEAR_LINE: &[u8] = b"\r\x1b[K";

/// Something to be written as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Whether it reports something that happened, and that nobody could find out again.
    pub(crate) is_precious: bool,
}

impl Piece {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, is_precious: false }
    }
}

#[derive(Default)]
pub(super) struct State {
    queue: VecDeque<Piece>,
    pub(super) queued_bytes: usize,
    /// What the thread writes now, and how much of it the stream has taken.
    pub(super) writing: Vec<Piece>,
    pub(super) taken: usize,
    /// What comes before the pieces.
    prefix: usize,
    /// Counts the writes that the stream took.
    pub(super) progress: u64,
    pub(super) dropped: u64,
    pub(super) status: Status,
    pub(super) failure: Option<io::Error>,
    pub(super) is_abandoned: bool,
}

/// The line at the bottom of a terminal.
#[derive(Default)]
pub(super) struct Status {
    pub(super) line: Option<String>,
    is_shown: bool,
    pub(super) is_stale: bool,
    drawn_at: Option<Instant>,
}

impl State {
    pub(super) fn push(&mut self, piece: Piece) {
        self.queued_bytes += piece.bytes.len();
        self.queue.push_back(piece);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn is_done(&self) -> bool {
        self.queue.is_empty() && self.writing.is_empty() && !self.status.is_due_to_go()
    }

    /// How long the thread has nothing to do; `None` if it has.
    pub(super) fn idle_for(&self, now: Instant) -> Option<Duration> {
        if !self.queue.is_empty() || self.status.is_due_to_go() {
            return None;
        }
        if !self.status.is_stale {
            return Some(IDLE);
        }
        let drawn = self.status.drawn_at.map_or(REDRAW, |drawn| now.saturating_duration_since(drawn));
        REDRAW.checked_sub(drawn).filter(|rest| !rest.is_zero())
    }

    /// The next bytes to write, which are kept as `writing` until they are written.
    pub(super) fn next_chunk(&mut self, now: Instant) -> Vec<u8> {
        let mut chunk = Vec::new();
        if std::mem::take(&mut self.status.is_shown) {
            chunk.extend_from_slice(CLEAR_LINE);
        }
        if self.dropped > 0 {
            let dropped = std::mem::take(&mut self.dropped);
            let message = format!("({dropped} messages were dropped: stderr was not read)");
            chunk.extend_from_slice(&log_line::render(Level::Warn, &message));
        }
        let prefix = chunk.len();
        while let Some(piece) = self.queue.pop_front() {
            self.queued_bytes -= piece.bytes.len();
            chunk.extend_from_slice(&piece.bytes);
            self.writing.push(piece);
            if chunk.len() >= CHUNK {
                break;
            }
        }
        if let Some(line) = self.status.line.as_ref().filter(|_| self.queue.is_empty()) {
            chunk.extend_from_slice(line.as_bytes());
            (self.status.is_shown, self.status.drawn_at) = (true, Some(now));
        }
        self.status.is_stale = self.status.is_stale && !self.queue.is_empty();
        self.taken = 0;
        // Whatever comes before the pieces does not belong to them.
        self.prefix = prefix;
        chunk
    }

    pub(super) fn take_back(&mut self) -> Vec<Piece> {
        let mut taken = self.taken.saturating_sub(self.prefix);
        let is_left = |piece: &Piece| {
            let is_taken = taken >= piece.bytes.len();
            taken = if is_taken { taken - piece.bytes.len() } else { 0 };
            !is_taken
        };
        let mut pieces: Vec<Piece> = std::mem::take(&mut self.writing).into_iter().filter(is_left).collect();
        self.queued_bytes = 0;
        pieces.extend(std::mem::take(&mut self.queue));
        pieces
    }
}

impl Status {
    pub(super) fn was_drawn(&self) -> bool {
        self.drawn_at.is_some()
    }

    fn is_due_to_go(&self) -> bool {
        self.is_shown && self.line.is_none()
    }
}

#[cfg(test)]
mod tests;
