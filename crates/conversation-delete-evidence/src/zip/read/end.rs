//! The records at the end of a ZIP file, which say where its directory is.

use std::io::{self, Read, Seek, SeekFrom};

use super::bytes::{invalid, read_at, u16_at, u32_at, u64_at};
use crate::zip::{END, END_64, END_64_LOCATOR, IN_EXTRA_64};

/// The end record without its comment, and the longest comment.
const LENGTH: usize = 22;
const LONGEST_COMMENT: u64 = 65_535;

/// The 64-bit end record, and its locator behind it.
const LENGTH_64: usize = 56;
const LOCATOR_LENGTH: usize = 20;

pub(super) struct Directory {
    pub(super) entries: u64,
    pub(super) length: u64,
    pub(super) start: u64,
}

/// Finds the directory, which ends where the end records begin.
pub(super) fn find(source: &mut (impl Read + Seek)) -> io::Result<Directory> {
    let length = source.seek(SeekFrom::End(0))?;
    let tail = length.min(LONGEST_COMMENT + (LENGTH + LENGTH_64 + LOCATOR_LENGTH) as u64);
    let base = length - tail;
    let tail = read_at(source, base, tail)?;
    // The last one, so that no comment holds another one.
    let end = tail.windows(4).rposition(|bytes| bytes == END.to_le_bytes());
    let end = end.ok_or_else(|| invalid("it is not a ZIP file"))?;
    let directory = directory(&tail, end, base)
        .filter(|(directory, records)| directory.start.checked_add(directory.length) == Some(base + *records as u64));
    directory
        .map(|(directory, _)| directory)
        .ok_or_else(|| invalid("its end is damaged, or not where its directory ends"))
}

/// The directory, and where the end records begin in `tail`, which is at `base` in the file.
fn directory(tail: &[u8], end: usize, base: u64) -> Option<(Directory, usize)> {
    let record = tail.get(end..)?;
    let entries = u16_at(record, 10)?;
    let is_whole = record.len() == LENGTH + usize::from(u16_at(record, 20)?);
    if !is_whole || u32_at(record, 4)? != 0 || u16_at(record, 8)? != entries {
        return None;
    }
    let (length, start) = (u32_at(record, 12)?, u32_at(record, 16)?);
    let locator = end.checked_sub(LOCATOR_LENGTH);
    if locator.and_then(|at| u32_at(tail, at)) != Some(END_64_LOCATOR) {
        return Some((Directory { entries: entries.into(), length: length.into(), start: start.into() }, end));
    }
    let at = end.checked_sub(LENGTH_64 + LOCATOR_LENGTH)?;
    let wide = directory_64(tail.get(at..end)?, base + at as u64)?;
    // A program that does not read 64-bit numbers must not see another directory.
    let is_same = (entries == u16::MAX || u64::from(entries) == wide.entries)
        && [(length, wide.length), (start, wide.start)]
            .into_iter()
            .all(|(narrow, wide)| narrow == IN_EXTRA_64 || u64::from(narrow) == wide);
    is_same.then_some((wide, at))
}

/// Reads the 64-bit end record at `at` in the file, and its locator.
fn directory_64(record: &[u8], at: u64) -> Option<Directory> {
    let entries = u64_at(record, 32)?;
    let is_record = u32_at(record, 0)? == END_64
        && u64_at(record, 4)? == (LENGTH_64 - 12) as u64
        && u64_at(record, 16)? == 0
        && u64_at(record, 24)? == entries;
    let locator = record.get(LENGTH_64..)?;
    let is_located = u32_at(locator, 4)? == 0 && u64_at(locator, 8)? == at && u32_at(locator, 16)? == 1;
    let directory = Directory { entries, length: u64_at(record, 40)?, start: u64_at(record, 48)? };
    (is_record && is_located).then_some(directory)
}
