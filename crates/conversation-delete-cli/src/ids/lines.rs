//! Lines of any input, one at a time, with a bound on the memory that one can take.

use std::io::{self, BufRead};

use super::ReadError;

/// The longest line, and the longest row of a CSV file.
pub(super) const MAX_LINE_LEN: usize = 64 * 1024;

/// How many bytes of a line, a row or a JSON value are read at all. What goes on beyond has no end, most likely.
pub(super) const MAX_READ_LEN: usize = if cfg!(test) { 1024 * 1024 } else { 16 * 1024 * 1024 };

/// Reads lines that end with `\n` or `\r\n`, or with the input.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
}

/// One line, without its end.
pub(super) struct Line<'a> {
    pub(super) number: u64,
    /// Of a line that is too long, only its start.
    pub(super) bytes: &'a [u8],
    pub(super) is_too_long: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, number: 0, buffer: Vec::new() }
    }

    /// The next line, or `None` at the end.
    ///
    /// # Errors
    /// When the input cannot be read, or a line does not come to an end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, ReadError> {
        self.buffer.clear();
        let mut length = 0;
        let mut is_too_long = false;
        let mut is_empty_input = true;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if available.is_empty() {
                break;
            }
            is_empty_input = false;
            let end = memchr::memchr(b'\n', available);
            let part = &available[..end.unwrap_or(available.len())];
            // Two bytes of room: a `\r` that belongs to the end of the line must not make it too long.
            let room = (MAX_LINE_LEN + 2).saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(&part[..part.len().min(room)]);
            is_too_long |= part.len() > room;
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            length += used;
            if end.is_some() {
                if self.buffer.ends_with(b"\r") && !is_too_long {
                    self.buffer.pop();
                }
                break;
            }
            if length > MAX_READ_LEN {
                return Err(ReadError::Endless(self.number + 1));
            }
        }
        if is_empty_input {
            return Ok(None);
        }
        self.number += 1;
        is_too_long |= self.buffer.len() > MAX_LINE_LEN;
        Ok(Some(Line { number: self.number, bytes: &self.buffer, is_too_long }))
    }
}

/// One id in quotes, as some programs export a single column.
pub(super) fn without_quotes(line: &[u8]) -> &[u8] {
    match line {
        [b'"', inner @ .., b'"'] if !inner.contains(&b'"') => inner,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(input: &[u8], capacity: usize) -> Vec<(u64, usize, bool)> {
        let mut lines = Lines::new(BufReader::with_capacity(capacity, input));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((line.number, line.bytes.len(), line.is_too_long));
        }
        all
    }

    #[test]
    fn line_ends_of_all_kinds_and_none_at_the_end() {
        for capacity in [1, 2, 3, 64] {
            assert_eq!(
                lines(b"a\nbb\r\n\n\r\nccc", capacity),
                [(1, 1, false), (2, 2, false), (3, 0, false), (4, 0, false), (5, 3, false)]
            );
            assert_eq!(lines(b"", capacity), []);
            assert_eq!(lines(b"\n", capacity), [(1, 0, false)]);
            assert_eq!(lines(b"a\r", capacity), [(1, 2, false)], "a lone \\r is not a line end");
        }
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        for (length, is_too_long) in [(MAX_LINE_LEN, false), (MAX_LINE_LEN + 1, true), (MAX_LINE_LEN * 10, true)] {
            for end in ["\n", "\r\n"] {
                let input = format!("{}{end}b", "x".repeat(length));
                let found = lines(input.as_bytes(), 8 * 1024);
                assert_eq!(found.len(), 2);
                assert_eq!(found[0].2, is_too_long, "{length} {end:?}");
                assert!(found[0].1 <= MAX_LINE_LEN + 2);
                assert_eq!(found[1], (2, 1, false));
            }
        }
    }

    #[test]
    fn a_line_without_an_end_is_not_read_for_ever() {
        let read = std::cell::Cell::new(0);
        let endless = crate::ids::feed::tests::Endless { pattern: b"x", read: &read };
        let mut lines = Lines::new(BufReader::new(endless));
        assert!(matches!(lines.next(), Err(ReadError::Endless(1))));
        assert!((MAX_READ_LEN..MAX_READ_LEN + 64 * 1024).contains(&read.get()));
        assert!(lines.buffer.capacity() <= 2 * MAX_LINE_LEN);
    }
}
