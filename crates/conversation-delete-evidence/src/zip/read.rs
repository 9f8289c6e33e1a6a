//! Reads a ZIP file.
//!
//! The file is exactly its entries in the order of the directory, the directory, and the end records: no byte is outside of these.
//! Each local header has what the directory has. So a program that reads from the start sees the same files as one that reads
//! the directory.

mod bytes;
mod contents;
mod end;
mod header;

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::{DESCRIPTOR, LOCAL_HEADER};
use bytes::{invalid, read_at, u32_at};
use contents::Contents;
use header::Header;

/// The longest directory that is read.
const LONGEST_DIRECTORY: u64 = 64 * 1024;

/// A ZIP file that is read.
#[derive(Debug)]
pub(crate) struct Archive<R> {
    source: R,
    pub(crate) entries: Vec<Entry>,
}

/// One file in it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    header: Header,
    /// Where its contents start.
    start: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory and the local headers. What is not a ZIP file, or one that this module does not read, is
    /// `InvalidData` or `UnexpectedEof`.
    pub(crate) fn open(mut source: R) -> io::Result<Self> {
        let directory = end::find(&mut source)?;
        if directory.length > LONGEST_DIRECTORY {
            return Err(invalid("its directory is too long"));
        }
        let headers = read_at(&mut source, directory.start, directory.length)?;
        let headers = header::parse_directory(&headers, directory.entries);
        let headers = headers.ok_or_else(|| invalid("its directory is damaged, or not one of a bundle"))?;
        let starts: Vec<u64> = headers.iter().map(|header| header.offset).chain([directory.start]).collect();
        if starts[0] != 0 {
            return Err(invalid("something is before its first entry"));
        }
        let entries = headers.into_iter().zip(&starts[1..]).map(|(header, end)| locate(&mut source, header, *end));
        let entries = entries.collect::<io::Result<_>>()?;
        Ok(Self { source, entries })
    }

    /// Reads a file of the archive. At its end its size, its check sum and the end of its packed form are checked: what differs
    /// is `InvalidData`.
    pub(crate) fn reader<'a>(&'a mut self, entry: &Entry) -> io::Result<impl Read + use<'a, R>> {
        self.source.seek(SeekFrom::Start(entry.start))?;
        let packed = BufReader::with_capacity(64 * 1024, self.source.by_ref().take(entry.header.packed));
        Ok(Contents::new(packed, &entry.header))
    }
}

/// Finds the contents of an entry, of which nothing is left at `end`.
fn locate(source: &mut (impl Read + Seek), header: Header, end: u64) -> io::Result<Entry> {
    let length = header::local_length(&read_at(source, header.offset, header::LOCAL_LENGTH as u64)?);
    let local = read_at(source, header.offset, length.ok_or_else(|| invalid("a local header is damaged"))?)?;
    let is_same =
        u32_at(&local, 0) == Some(LOCAL_HEADER) && header::parse_local(&local).is_some_and(|it| it.is_of(&header));
    if !is_same {
        return Err(invalid("a local header differs from the directory"));
    }
    let start = header.offset.saturating_add(local.len() as u64);
    let after = start.saturating_add(header.packed);
    let descriptor = end.checked_sub(after).filter(|length| *length <= header::LONGEST_DESCRIPTOR);
    let descriptor = read_at(source, after, descriptor.ok_or_else(|| invalid("something is between its entries"))?)?;
    let expected = if header.flags & DESCRIPTOR == 0 { Some(Vec::new()) } else { header.descriptor(descriptor.len()) };
    if expected.is_none_or(|expected| expected != descriptor) {
        return Err(invalid("something is between its entries"));
    }
    let name = header.name.clone();
    Ok(Entry { name, header, start })
}
