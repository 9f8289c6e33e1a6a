//! The bytes of an input as UTF-8 text, if it is text.

use std::io::{BufRead, BufReader, Chain, Cursor, Read};

use encoding_rs_io::DecodeReaderBytes;

use super::diagnosis::ReadError;
use super::file_kind::FileKind;
use super::lines::MAX_LINE_LEN;

/// How many bytes at the beginning decide what sort of file it is.
const SNIFFED: u64 = 64;

/// Small in tests, so that boundaries lie in the middle of something.
const CAPACITY: usize = if cfg!(test) { 61 } else { 64 * 1024 };

/// Text of which the beginning is known.
pub(super) struct Source<'a> {
    /// At most as much as the longest line. All of it if the text is shorter than that.
    pub(super) head: Vec<u8>,
    rest: Box<dyn Read + 'a>,
}

impl<'a> Source<'a> {
    /// # Errors
    /// When the input cannot be read, or is not text.
    pub(super) fn open(mut reader: impl Read + 'a) -> Result<Self, ReadError> {
        let start = read_up_to(&mut reader, SNIFFED)?;
        if let Some(kind) = FileKind::of(&start) {
            return Err(ReadError::NotText(kind));
        }
        let mut rest = decoded(start, reader);
        let mut head = read_up_to(&mut rest, MAX_LINE_LEN as u64)?;
        if let Some(kind) = FileKind::of_text(&head) {
            return Err(ReadError::NotText(kind));
        }
        if head.starts_with("\u{feff}".as_bytes()) {
            head.drain(..3);
        }
        Ok(Self { head, rest })
    }

    /// All of the text.
    pub(super) fn into_reader(self) -> impl BufRead + 'a {
        BufReader::with_capacity(CAPACITY, Cursor::new(self.head).chain(self.rest))
    }
}

fn read_up_to(reader: &mut impl Read, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    reader.by_ref().take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// UTF-16 ("Unicode text", as some programs call it) becomes UTF-8; everything else stays as it is.
fn decoded<'a>(start: Vec<u8>, rest: impl Read + 'a) -> Box<dyn Read + 'a> {
    let mark: &[u8] = match start.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => b"",
        [0, second, ..] if *second != 0 => b"\xfe\xff",
        [first, 0, ..] if *first != 0 => b"\xff\xfe",
        _ => return Box::new(whole(start, rest)),
    };
    Box::new(DecodeReaderBytes::new(whole([mark, &start].concat(), rest)))
}

fn whole<R: Read>(start: Vec<u8>, rest: R) -> Chain<Cursor<Vec<u8>>, R> {
    Cursor::new(start).chain(rest)
}
