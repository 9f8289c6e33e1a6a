//! How much of an input of JSON is read.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use crate::ids::ReadError;
use crate::ids::lines::MAX_READ_LEN;

/// Counts what is read: lines, and how much of one value may still come.
pub(super) struct Meter {
    left: Cell<usize>,
    line: Cell<u64>,
    /// Where the value begins.
    pub(super) start: Cell<u64>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { left: Cell::new(MAX_READ_LEN), line: Cell::new(1), start: Cell::new(1) }
    }
}

impl Meter {
    /// Another value begins.
    pub(super) fn reset(&self) {
        self.left.set(MAX_READ_LEN);
        self.start.set(self.line.get());
    }

    pub(super) fn explain(&self, error: serde_json::Error) -> ReadError {
        match error.is_io() {
            true if self.left.get() == 0 => ReadError::Endless(self.start.get()),
            true => ReadError::Io(error.into()),
            false => ReadError::Json(self.line.get()),
        }
    }
}

pub(super) struct Metered<'m, R> {
    pub(super) reader: R,
    pub(super) meter: &'m Meter,
}

impl<R: BufRead> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.meter.left.get();
        if left == 0 {
            return Err(io::Error::other("a value that is too long"));
        }
        let most = buffer.len().min(left);
        let length = self.reader.read(&mut buffer[..most])?;
        let lines = buffer[..length].iter().filter(|byte| **byte == b'\n').count();
        self.meter.left.set(left - length);
        self.meter.line.set(self.meter.line.get() + lines as u64);
        Ok(length)
    }
}
