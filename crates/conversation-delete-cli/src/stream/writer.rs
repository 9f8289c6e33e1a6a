//! A queue and the thread that writes it.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::patience::Patience;
use super::state::{Piece, State};

/// How often somebody who waits for the reader checks whether the process shall end.
const TICK: Duration = Duration::from_millis(50);

/// How long other output lets this stream go first.
const SETTLE: Duration = Duration::from_millis(100);

/// A stream with its thread. Clones write to the same one.
#[derive(Clone)]
pub(crate) struct Stream {
    shared: Arc<Shared>,
    limit: usize,
    patience: Patience,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Stream {
    /// Starts the thread that writes to `out`.
    pub(crate) fn start(name: &str, out: impl Write + Send + 'static, limit: usize, patience: Patience) -> Self {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let writer = Arc::clone(&shared);
        let started = thread::Builder::new().name(name.to_owned()).spawn(move || writer.write_all(out));
        if let Err(error) = started {
            shared.lock().failure = Some(error);
        }
        Self { shared, limit, patience }
    }

    /// Adds pieces, after waiting for room if too much waits already.
    ///
    /// # Errors
    /// When the stream cannot be written to, or is not read and the patience is over. The pieces are handed back then: they
    /// are not among those that [`take_back`](Self::take_back) returns.
    pub(crate) fn push(&self, pieces: Vec<Piece>) -> Result<(), (io::Error, Vec<Piece>)> {
        if let Err(error) = self.wait_until(|state| state.queued_bytes < self.limit) {
            return Err((error, pieces));
        }
        let mut state = self.shared.lock();
        let was_empty = state.is_empty();
        pieces.into_iter().for_each(|piece| state.push(piece));
        drop(state);
        // The thread waits only while there are no pieces.
        if was_empty {
            self.shared.changed.notify_all();
        }
        Ok(())
    }

    /// Adds a piece if less than `limit` bytes wait; otherwise it is dropped, which is reported once there is room.
    pub(crate) fn offer(&self, bytes: Vec<u8>, limit: usize) {
        let mut state = self.shared.lock();
        if state.queued_bytes < limit && state.failure.is_none() && !state.is_abandoned {
            state.push(Piece::new(bytes));
        } else {
            state.dropped += 1;
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Shows a line below all else, or takes it away.
    pub(crate) fn set_status(&self, line: Option<String>) {
        let mut state = self.shared.lock();
        state.status.is_stale |= state.status.line != line;
        state.status.line = line;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Whether there is, or a moment ago was, a line at the bottom of the terminal.
    pub(crate) fn has_status(&self) -> bool {
        self.shared.lock().status.was_drawn()
    }

    /// Draws the status line again, which something else has overwritten.
    pub(crate) fn redraw_status(&self) {
        let mut state = self.shared.lock();
        if state.status.line.is_some() {
            state.status.is_stale = true;
            self.shared.changed.notify_all();
        }
    }

    /// Waits until the stream has taken everything.
    ///
    /// # Errors
    /// When it cannot be written to, or is not read and the patience is over.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.wait_until(State::is_done)
    }

    /// Waits until the stream has taken everything, for a moment.
    pub(crate) fn settle(&self) {
        let end = Instant::now() + SETTLE;
        let mut state = self.shared.lock();
        while !state.is_done() && state.failure.is_none() && Instant::now() < end {
            state = self.shared.wait(state, SETTLE);
        }
    }

    /// The pieces that the stream has not taken, whole or in part. Nothing more is written to it.
    pub(crate) fn take_back(&self) -> Vec<Piece> {
        let mut state = self.shared.lock();
        state.is_abandoned = true;
        state.take_back()
    }

    /// Waits for a state. A stream that is not read for too long is given up.
    fn wait_until(&self, is_so: impl Fn(&State) -> bool) -> io::Result<()> {
        let mut state = self.shared.lock();
        let mut standing = (state.progress, Instant::now());
        loop {
            if let Some(failure) = &state.failure {
                return Err(copy(failure));
            }
            if state.is_abandoned {
                return Err(not_read());
            }
            if is_so(&state) {
                return Ok(());
            }
            if state.progress != standing.0 {
                standing = (state.progress, Instant::now());
            }
            if self.patience.is_over(standing.1) {
                state.is_abandoned = true;
                return Err(not_read());
            }
            state = self.shared.wait(state, TICK);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    /// The thread: writes what comes until the stream fails, or nobody wants it any more.
    fn write_all(&self, mut out: impl Write) {
        loop {
            let mut state = self.lock();
            while let Some(idle) = state.idle_for(Instant::now()) {
                state = self.wait(state, idle);
            }
            if state.is_abandoned {
                return;
            }
            let chunk = state.next_chunk(Instant::now());
            drop(state);
            let written = self.write(&mut out, &chunk);
            let mut state = self.lock();
            let is_over = match written {
                Ok(()) => {
                    state.writing.clear();
                    state.is_abandoned
                }
                Err(error) => {
                    state.failure = Some(error);
                    true
                }
            };
            drop(state);
            self.changed.notify_all();
            if is_over {
                return;
            }
        }
    }

    /// Writes without the lock, and notes what the stream takes.
    fn write(&self, out: &mut impl Write, chunk: &[u8]) -> io::Result<()> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let count = match out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            rest = &rest[count..];
            let mut state = self.lock();
            state.taken += count;
            state.progress += 1;
            if state.is_abandoned {
                return Ok(());
            }
            drop(state);
            self.changed.notify_all();
        }
        out.flush()
    }
}

fn not_read() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "nobody reads it")
}

/// The same error for everybody who meets it.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_takes_no_more_keeps_nothing_either() {
        let patience = Patience { grace: Duration::ZERO, stopping_since: || None, longest: None };
        let stream = Stream::start("test", std::fs::File::open("Cargo.toml").unwrap(), 64, patience);
        let piece = Piece::new(b"a file that is open to be read takes nothing\n".to_vec());
        // The thread finds out sooner or later.
        while stream.push(vec![piece.clone()]).is_ok() {}
        stream.take_back();
        for _ in 0..10 {
            let (_, refused) = stream.push(vec![piece.clone()]).unwrap_err();
            assert_eq!(refused, std::slice::from_ref(&piece));
            stream.offer(piece.bytes.clone(), usize::MAX);
        }
        assert_eq!(stream.take_back(), []);
        assert!(stream.finish().is_err());
    }
}
