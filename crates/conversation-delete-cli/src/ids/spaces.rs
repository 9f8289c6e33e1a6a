//! Tables whose delimiters are followed by spaces, as people type them.

use std::io::{self, BufRead, Read};

use super::lines::MAX_READ_LEN;

/// Leaves out the spaces after delimiters, except in quotes.
pub(super) struct WithoutSpaces<R> {
    reader: R,
    delimiter: u8,
    state: State,
    /// How many spaces in a row were left out. Without a limit, endless ones would never be seen.
    left_out: usize,
    buffer: Vec<u8>,
    used: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// After a delimiter, or after spaces that follow one.
    Delimiter,
    RowStart,
    Bare,
    Quoted,
    /// After a quote inside of quotes: it ends the field, or is the first half of a doubled one.
    Closed,
}

impl<R: BufRead> WithoutSpaces<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Self { reader, delimiter, state: State::RowStart, left_out: 0, buffer: Vec::new(), used: 0 }
    }

    fn is_kept(&mut self, byte: u8) -> bool {
        let is_space = self.state == State::Delimiter && byte == b' ';
        self.left_out = if is_space { self.left_out.saturating_add(1) } else { 0 };
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) | (State::Closed, b'"') => State::Quoted,
            (State::Delimiter, b' ') => State::Delimiter,
            (State::Delimiter | State::RowStart, b'"') => State::Quoted,
            (_, b'\n') => State::RowStart,
            (_, byte) if byte == self.delimiter => State::Delimiter,
            _ => State::Bare,
        };
        !is_space || self.left_out > MAX_READ_LEN
    }
}

impl<R: BufRead> BufRead for WithoutSpaces<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.used == self.buffer.len() {
            self.buffer.clear();
            self.used = 0;
            let bytes = self.reader.fill_buf()?.to_vec();
            if bytes.is_empty() {
                break;
            }
            self.reader.consume(bytes.len());
            let mut kept = std::mem::take(&mut self.buffer);
            kept.extend(bytes.into_iter().filter(|byte| self.is_kept(*byte)));
            self.buffer = kept;
        }
        Ok(&self.buffer[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        self.used += amount;
    }
}

impl<R: BufRead> Read for WithoutSpaces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn spaces_after_delimiters_are_left_out_except_in_quotes() {
        let text = " a, \"b, \"\" c\",  d e \n, f\n";
        let mut out = String::new();
        for capacity in [1, 2, 64] {
            out.clear();
            let reader = BufReader::with_capacity(capacity, text.as_bytes());
            WithoutSpaces::new(reader, b',').read_to_string(&mut out).unwrap();
            assert_eq!(out, " a,\"b, \"\" c\",d e \n,f\n");
        }
    }
}
