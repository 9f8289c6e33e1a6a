//! The bytes of an input as UTF-8 text, if it is text.

use std::fmt;
use std::io::{BufRead, BufReader, Chain, Cursor, Read};

use encoding_rs_io::DecodeReaderBytes;

use super::ReadError;
use super::lines::MAX_LINE_LEN;

/// How many bytes at the beginning decide what sort of file it is.
const SNIFFED: u64 = 64;

/// Small in tests, so that boundaries lie in the middle of something.
const CAPACITY: usize = if cfg!(test) { 61 } else { 64 * 1024 };

/// What a file is if it is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Gzip,
    Zip,
    Excel,
    Pdf,
    Rtf,
    Markup,
    Sqlite,
    /// Another compression, by its name.
    Compressed(&'static str),
    Utf32,
    Binary,
}

impl FileKind {
    fn of(head: &[u8]) -> Option<Self> {
        let magic: [(&[u8], Self); 12] = [
            (b"\x1f\x8b", Self::Gzip),
            (b"PK\x03\x04", Self::Zip),
            (b"PK\x05\x06", Self::Zip),
            (b"\xd0\xcf\x11\xe0", Self::Excel),
            (b"%PDF", Self::Pdf),
            (b"{\\rtf", Self::Rtf),
            (b"SQLite format 3\0", Self::Sqlite),
            (b"BZh", Self::Compressed("bzip2")),
            (b"\xfd7zXZ\0", Self::Compressed("xz")),
            (b"\x28\xb5\x2f\xfd", Self::Compressed("zstd")),
            (b"\xff\xfe\0\0", Self::Utf32),
            (b"\0\0\xfe\xff", Self::Utf32),
        ];
        magic.into_iter().find(|(start, _)| head.starts_with(start)).map(|(_, kind)| kind)
    }

    /// What text is that holds no ids.
    fn of_text(head: &[u8]) -> Option<Self> {
        match head.trim_ascii_start().first() {
            Some(b'<') => Some(Self::Markup),
            _ => head.contains(&0).then_some(Self::Binary),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => {
                "it is compressed with gzip: unpack it first (`gunzip FILE`), or pipe it (`gunzip -c FILE | … --ids-from -`)"
            }
            Self::Zip => {
                "it is a ZIP archive, such as an Excel workbook (.xlsx): save the sheet as \"CSV UTF-8\", or unpack the \
                 archive first"
            }
            Self::Excel => "it is an Excel workbook (.xls): save the sheet as \"CSV UTF-8\"",
            Self::Pdf => "it is a PDF, from which no ids can be read: export the table as \"CSV UTF-8\"",
            Self::Rtf => "it is a document (RTF): save it as plain text, one id a line",
            Self::Markup => "it is HTML or XML, such as a page of an error: export the table as \"CSV UTF-8\"",
            Self::Sqlite => "it is a SQLite database: a job is run with `conversation-delete run FILE`",
            Self::Utf32 => "its encoding is UTF-32: save it as \"CSV UTF-8\"",
            Self::Binary => "it is binary data and not text: save it as \"CSV UTF-8\", or as plain text, one id a line",
            Self::Compressed(name) => return write!(f, "it is compressed with {name}: unpack it first"),
        })
    }
}

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
