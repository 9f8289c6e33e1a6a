use std::cell::Cell;
use std::io::{self, Read};

/// An input that repeats the same bytes for ever, and counts what was read of it.
pub(in crate::ids) struct Endless<'a> {
    pub(in crate::ids) pattern: &'a [u8],
    pub(in crate::ids) read: &'a Cell<usize>,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.read.get() % self.pattern.len();
        let bytes = self.pattern.iter().cycle().skip(start);
        buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.read.set(self.read.get() + buffer.len());
        Ok(buffer.len())
    }
}
