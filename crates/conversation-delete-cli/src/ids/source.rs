//! The bytes of an input as UTF-8 text, if it is text.

use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

use encoding_rs_io::DecodeReaderBytes;
use flate2::read::MultiGzDecoder;

use super::diagnosis::ReadError;
use super::file_kind::FileKind;
use super::lines::MAX_LINE_LEN;

/// How many bytes at the beginning decide what sort of file it is.
const SNIFFED: u64 = 64;

/// Small in tests, so that boundaries lie in the middle of something.
const CAPACITY: usize = if cfg!(test) { 61 } else { 64 * 1024 };

/// The first bytes of what is compressed with gzip.
const GZIP: &[u8] = b"\x1f\x8b";

/// What to do about gzip that cannot be unpacked.
const DAMAGED: &str = "it is compressed with gzip, and damaged or incomplete: get the file again (`gunzip -t FILE` shows whether it is whole)";

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
        match start.starts_with(GZIP) {
            true => Self::open_unpacked(Gunzip(MultiGzDecoder::new(whole(start, reader)))),
            false => Self::open_text(start, reader),
        }
    }

    fn open_unpacked(mut reader: impl Read + 'a) -> Result<Self, ReadError> {
        let start = read_up_to(&mut reader, SNIFFED)?;
        Self::open_text(start, reader)
    }

    fn open_text(start: Vec<u8>, reader: impl Read + 'a) -> Result<Self, ReadError> {
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

/// Unpacks gzip, a bounded part at a time.
struct Gunzip<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            kind @ (ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof) => {
                io::Error::new(kind, DAMAGED)
            }
            _ => error,
        })
    }
}
