//! The kinds of files that hold no ids as text, and what to do with them.

use std::fmt;

/// What a file is if it is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
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
    /// By its first bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let magic: [(&[u8], Self); 12] = [
            (b"\x1f\x8b", Self::Compressed("gzip, and that again with gzip")),
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
    pub(super) fn of_text(head: &[u8]) -> Option<Self> {
        match head.trim_ascii_start().first() {
            Some(b'<') => Some(Self::Markup),
            _ => head.contains(&0).then_some(Self::Binary),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
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
