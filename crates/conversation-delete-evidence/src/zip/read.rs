//! Reads a ZIP file.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use super::{CENTRAL_HEADER, DEFLATED, END, END_64, END_64_LOCATOR, EXTRA_64, IN_EXTRA_64, LOCAL_HEADER, STORED};

/// The longest directory that is read.
const LONGEST_DIRECTORY: u64 = 64 * 1024;

/// The end of the directory without its comment, and the longest comment.
const END_LENGTH: usize = 22;
const LONGEST_COMMENT: u64 = 65_535;

const LOCAL_HEADER_LENGTH: usize = 30;
const CENTRAL_HEADER_LENGTH: usize = 46;

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
    method: u16,
    pub(crate) size: u64,
    packed: u64,
    offset: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory. What is not a ZIP file, or one that this module does not read, is `InvalidData`.
    pub(crate) fn open(mut source: R) -> io::Result<Self> {
        let length = source.seek(SeekFrom::End(0))?;
        let tail = length.min(LONGEST_COMMENT + END_LENGTH as u64);
        let tail = read_at(&mut source, length - tail, tail)?;
        let is_end =
            |at: &usize| u32_at(&tail, *at) == Some(END) && tail.len() == at + END_LENGTH + comment(&tail, *at);
        let end = (0..tail.len()).rev().find(is_end).ok_or_else(|| invalid("it is not a ZIP file"))?;
        let directory = match locate_64(&mut source, &tail[..end])? {
            Some(directory) => directory,
            None => directory_at(&tail[end..]).ok_or_else(|| invalid("its directory is damaged"))?,
        };
        if directory.length > LONGEST_DIRECTORY {
            return Err(invalid("its directory is too long"));
        }
        let headers = read_at(&mut source, directory.start, directory.length)?;
        let entries = parse_entries(&headers, directory.entries).ok_or_else(|| invalid("its directory is damaged"))?;
        Ok(Self { source, entries })
    }

    /// Reads a file of the archive. It ends after as many bytes as the directory says at the latest.
    pub(crate) fn reader(&mut self, entry: &Entry) -> io::Result<Box<dyn Read + '_>> {
        let header = read_at(&mut self.source, entry.offset, LOCAL_HEADER_LENGTH as u64)?;
        let lengths = u16_at(&header, 26).zip(u16_at(&header, 28));
        let Some((name, extra)) = lengths.filter(|_| u32_at(&header, 0) == Some(LOCAL_HEADER)) else {
            return Err(invalid("its header is damaged"));
        };
        let start = entry.offset.saturating_add((LOCAL_HEADER_LENGTH + usize::from(name) + usize::from(extra)) as u64);
        self.source.seek(SeekFrom::Start(start))?;
        let packed = BufReader::with_capacity(64 * 1024, self.source.by_ref().take(entry.packed));
        Ok(match entry.method {
            STORED => Box::new(packed.take(entry.size)),
            _ => Box::new(DeflateDecoder::new(packed).take(entry.size)),
        })
    }
}

struct Directory {
    entries: u64,
    length: u64,
    start: u64,
}

fn directory_at(end: &[u8]) -> Option<Directory> {
    Some(Directory {
        entries: u16_at(end, 10)?.into(),
        length: u32_at(end, 12)?.into(),
        start: u32_at(end, 16)?.into(),
    })
}

/// The directory as 64-bit numbers say it, if they do.
fn locate_64(source: &mut (impl Read + Seek), before_end: &[u8]) -> io::Result<Option<Directory>> {
    let Some(locator) = before_end.len().checked_sub(20).map(|at| &before_end[at..]) else { return Ok(None) };
    let Some(at) = u64_at(locator, 8).filter(|_| u32_at(locator, 0) == Some(END_64_LOCATOR)) else { return Ok(None) };
    let end = read_at(source, at, 56)?;
    let directory = || {
        let is_end = u32_at(&end, 0)? == END_64;
        is_end.then_some(Directory { entries: u64_at(&end, 32)?, length: u64_at(&end, 40)?, start: u64_at(&end, 48)? })
    };
    directory().map(Some).ok_or_else(|| invalid("its directory is damaged"))
}

/// All of the directory, and nothing else.
fn parse_entries(mut headers: &[u8], count: u64) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while !headers.is_empty() {
        let (entry, length) = parse_entry(headers)?;
        headers = headers.get(length..)?;
        entries.push(entry);
    }
    (entries.len() as u64 == count).then_some(entries)
}

fn parse_entry(header: &[u8]) -> Option<(Entry, usize)> {
    let [name, extra, comment] = [28, 30, 32].map(|at| u16_at(header, at).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let (flags, method) = (u16_at(header, 8)?, u16_at(header, 10)?);
    let is_readable = flags & 1 == 0 && (method == STORED || method == DEFLATED);
    if u32_at(header, 0)? != CENTRAL_HEADER || !is_readable {
        return None;
    }
    let rest = header.get(CENTRAL_HEADER_LENGTH..)?;
    let (text, extra_fields) = (rest.get(..name)?, rest.get(name..name + extra)?);
    let mut wide = wide_numbers(extra_fields);
    let mut number = |at| match u32_at(header, at)? {
        IN_EXTRA_64 => wide.next(),
        number => Some(number.into()),
    };
    // This is their order in the extra field.
    let (size, packed, offset) = (number(24)?, number(20)?, number(42)?);
    let name_text = String::from_utf8(text.to_vec()).ok()?;
    let entry = Entry { name: name_text, method, size, packed, offset };
    Some((entry, CENTRAL_HEADER_LENGTH + name + extra + comment))
}

/// The 64-bit numbers of an extra field.
fn wide_numbers(mut fields: &[u8]) -> impl Iterator<Item = u64> + use<> {
    let mut numbers = Vec::new();
    while let Some((tag, length)) = u16_at(fields, 0).zip(u16_at(fields, 2)) {
        let Some(field) = fields.get(4..4 + usize::from(length)) else { break };
        if tag == EXTRA_64 {
            numbers = field.chunks_exact(8).filter_map(|number| u64_at(number, 0)).collect();
            break;
        }
        fields = &fields[4 + usize::from(length)..];
    }
    numbers.into_iter()
}

fn comment(tail: &[u8], end: usize) -> usize {
    u16_at(tail, end + 20).map_or(usize::MAX / 2, usize::from)
}

/// So many bytes from a position on; `UnexpectedEof` if there are fewer.
fn read_at(source: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    source.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes_at(bytes, at).map(u64::from_le_bytes)
}
