//! Whether the quotes of a CSV file are in order.
//!
//! The parser reads on whatever comes, so that one stray quote would swallow all rows up to the next one. Ids that
//! vanish like this are never deleted, and nobody notices; so such a file is not read at all.

/// What is wrong with a quote, and the line where it opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteError {
    /// The input ends inside of the quotes.
    NeverClosed(u64),
    /// Something other than the end of the field follows the closing quote.
    TextAfter(u64),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Bare,
    Quoted,
    /// After a quote inside of quotes: it ends the field, or is the first half of a doubled one.
    Closed,
}

/// Follows the quotes of the bytes that the parser consumes, and counts lines on the way.
pub(super) struct Quotes {
    delimiter: u8,
    state: State,
    line: u64,
    opened: u64,
}

impl Quotes {
    pub(super) fn new(first_line: u64, delimiter: u8) -> Self {
        Self { delimiter, state: State::FieldStart, line: first_line, opened: first_line }
    }

    /// The line of the next byte.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), QuoteError> {
        for byte in bytes {
            self.state = self.after(*byte)?;
            self.line += u64::from(*byte == b'\n');
        }
        Ok(())
    }

    fn after(&mut self, byte: u8) -> Result<State, QuoteError> {
        Ok(match (self.state, byte) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) | (State::Closed, b'"') => State::Quoted,
            (_, b'\r' | b'\n') => State::FieldStart,
            (_, byte) if byte == self.delimiter => State::FieldStart,
            (State::Closed, _) => return Err(QuoteError::TextAfter(self.opened)),
            (State::FieldStart, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            (State::FieldStart | State::Bare, _) => State::Bare,
        })
    }

    /// The input is at its end.
    pub(super) fn finish(&self) -> Result<(), QuoteError> {
        if self.state == State::Quoted { Err(QuoteError::NeverClosed(self.opened)) } else { Ok(()) }
    }
}
