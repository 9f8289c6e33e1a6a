//! The header of an entry, in the directory and before its contents.

use super::bytes::{u16_at, u32_at, u64_at};
use crate::zip::{
    CENTRAL_HEADER, DEFLATED, DESCRIPTOR, DESCRIPTOR_HEADER, EXTRA_64, EXTRA_OWNER, EXTRA_TIME, IN_EXTRA_64, LEVEL,
    STORED, UTF8,
};

/// The headers without name and extra fields.
pub(super) const LOCAL_LENGTH: usize = 30;
const CENTRAL_LENGTH: usize = 46;

/// Its mark, the check sum and two 64-bit sizes.
pub(super) const LONGEST_DESCRIPTOR: u64 = 24;

#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) sum: u32,
    pub(super) size: u64,
    pub(super) packed: u64,
    pub(super) offset: u64,
}

/// All of the directory, and nothing else.
pub(super) fn parse_directory(mut headers: &[u8], count: u64) -> Option<Vec<Header>> {
    let mut parsed = Vec::new();
    while !headers.is_empty() {
        let (header, length) = parse_central(headers)?;
        headers = headers.get(length..)?;
        parsed.push(header);
    }
    (parsed.len() as u64 == count).then_some(parsed)
}

fn parse_central(bytes: &[u8]) -> Option<(Header, usize)> {
    let (header, length) = parse(bytes.get(6..)?, bytes.get(CENTRAL_LENGTH..)?, u32_at(bytes, 42)?)?;
    // No comment, and on the first disk.
    let is_plain = u32_at(bytes, 0)? == CENTRAL_HEADER && u32_at(bytes, 32)? == 0;
    let is_readable = match header.method {
        // Where such an entry ends could be seen in its contents alone.
        STORED => header.flags & DESCRIPTOR == 0 && header.size == header.packed,
        method => method == DEFLATED,
    };
    (is_plain && is_readable).then_some((header, CENTRAL_LENGTH + length))
}

/// Reads a local header, which has no offset.
pub(super) fn parse_local(bytes: &[u8]) -> Option<Header> {
    parse(bytes.get(4..)?, bytes.get(LOCAL_LENGTH..)?, 0).map(|(header, _)| header)
}

/// The length of a local header with its name and its extra fields.
pub(super) fn local_length(bytes: &[u8]) -> Option<u64> {
    Some(LOCAL_LENGTH as u64 + u64::from(u16_at(bytes, 26)?) + u64::from(u16_at(bytes, 28)?))
}

/// Reads the fields that both headers have, from the version on, and name and extra fields. Returns the length of these two.
fn parse(fields: &[u8], rest: &[u8], offset: u32) -> Option<(Header, usize)> {
    let (flags, method) = (u16_at(fields, 2)?, u16_at(fields, 4)?);
    let (name, extra) = (usize::from(u16_at(fields, 22)?), usize::from(u16_at(fields, 24)?));
    let mut wide = wide_numbers(rest.get(name..name + extra)?)?.into_iter();
    let mut number = |narrow: u32| if narrow == IN_EXTRA_64 { wide.next() } else { Some(narrow.into()) };
    // This is their order in the extra field.
    let (size, packed, offset) = (number(u32_at(fields, 18)?)?, number(u32_at(fields, 14)?)?, number(offset)?);
    if wide.next().is_some() || flags & !(LEVEL | DESCRIPTOR | UTF8) != 0 {
        return None;
    }
    let text = String::from_utf8(rest.get(..name)?.to_vec()).ok()?;
    let header = Header { name: text, flags, method, sum: u32_at(fields, 10)?, size, packed, offset };
    Some((header, name + extra))
}

/// The 64-bit numbers of the extra fields. Only times and owners may be there besides: other fields rename files.
fn wide_numbers(mut fields: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = None;
    while !fields.is_empty() {
        let (tag, length) = (u16_at(fields, 0)?, usize::from(u16_at(fields, 2)?));
        let field = fields.get(4..4 + length)?;
        match tag {
            EXTRA_64 if numbers.is_none() && length % 8 == 0 => {
                numbers = Some(field.chunks_exact(8).filter_map(|number| u64_at(number, 0)).collect());
            }
            EXTRA_TIME | EXTRA_OWNER => {}
            _ => return None,
        }
        fields = &fields[4 + length..];
    }
    Some(numbers.unwrap_or_default())
}

impl Header {
    /// Compares a local header with that of the directory. Before a descriptor, sum and sizes may be zero.
    pub(super) fn is_of(&self, directory: &Self) -> bool {
        let is_open = directory.flags & DESCRIPTOR != 0;
        let is_same = |found: u64, expected: u64| found == expected || is_open && found == 0;
        (&self.name, self.flags, self.method) == (&directory.name, directory.flags, directory.method)
            && is_same(self.sum.into(), directory.sum.into())
            && is_same(self.size, directory.size)
            && is_same(self.packed, directory.packed)
    }

    /// The descriptor of this length that may be behind the contents.
    pub(super) fn descriptor(&self, length: usize) -> Option<Vec<u8>> {
        let mark = if matches!(length, 16 | 24) { DESCRIPTOR_HEADER.to_le_bytes().to_vec() } else { Vec::new() };
        let sizes = [self.packed, self.size];
        let sizes = match length {
            12 | 16 => sizes.map(|size| u32::try_from(size).map(u32::to_le_bytes)),
            20 | 24 => {
                return Some([mark, self.sum.to_le_bytes().to_vec(), sizes.map(u64::to_le_bytes).concat()].concat());
            }
            _ => return None,
        };
        let [Ok(packed), Ok(size)] = sizes else { return None };
        Some([mark, [self.sum.to_le_bytes(), packed, size].concat()].concat())
    }
}
