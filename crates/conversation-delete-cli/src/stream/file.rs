//! The two streams as files without a buffer or a lock of their own.

use std::io::{self, Write};

/// A writer that waits where the stream asks to try again: it may be in non-blocking mode, which is a matter of whoever
/// opened it.
#[cfg(unix)]
struct Patient(std::fs::File);

#[cfg(unix)]
impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait()?,
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
impl Patient {
    fn wait(&self) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, poll};
        match poll(&mut [PollFd::new(&self.0, PollFlags::OUT)], None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The lock of the standard library's stream would be held while a write waits.
#[cfg(unix)]
fn unlocked(stream: impl std::os::fd::AsFd + Write + Send + 'static) -> Box<dyn Write + Send> {
    match stream.as_fd().try_clone_to_owned() {
        Ok(fd) => Box::new(Patient(fd.into())),
        Err(_) => Box::new(stream),
    }
}

#[cfg(not(unix))]
fn unlocked(stream: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    Box::new(stream)
}

pub(super) fn stdout() -> Box<dyn Write + Send> {
    unlocked(io::stdout())
}

pub(super) fn stderr() -> Box<dyn Write + Send> {
    unlocked(io::stderr())
}
