//! ZIP files by which this crate and other programs could see different bundles. The genuine files are all in them.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

use super::*;

const DOCTORED: &[u8] = b"<h1>Doctored</h1>";

/// An entry as its local header and the directory name it.
#[derive(Clone)]
struct Packed {
    local_name: String,
    name: String,
    bytes: Vec<u8>,
    sum: u32,
    size: u32,
    extra: Vec<u8>,
}

impl Packed {
    fn new(name: &str, contents: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(contents).unwrap();
        let mut crc = Crc::new();
        crc.update(contents);
        Self {
            local_name: name.to_owned(),
            name: name.to_owned(),
            bytes: encoder.finish().unwrap(),
            sum: crc.sum(),
            size: contents.len() as u32,
            extra: Vec::new(),
        }
    }

    fn shared(&self, name: &str, extra: usize) -> Vec<u8> {
        let mut fields = [20_u16, 0, 8, 0, 0x21].map(u16::to_le_bytes).concat();
        fields.extend([self.sum, self.bytes.len() as u32, self.size].map(u32::to_le_bytes).concat());
        fields.extend([name.len() as u16, extra as u16].map(u16::to_le_bytes).concat());
        fields
    }

    fn local(&self) -> Vec<u8> {
        let shared = self.shared(&self.local_name, 0);
        [b"PK\x03\x04", &shared[..], self.local_name.as_bytes(), &self.bytes].concat()
    }

    fn central(&self, offset: usize) -> Vec<u8> {
        let shared = self.shared(&self.name, self.extra.len());
        let offset = (offset as u32).to_le_bytes();
        [b"PK\x01\x02\x14\x03", &shared[..], &[0; 10], &offset, self.name.as_bytes(), &self.extra].concat()
    }
}

fn end(entries: usize, length: usize, start: usize, comment: usize) -> Vec<u8> {
    let entries = (entries as u16).to_le_bytes();
    let place = [length as u32, start as u32].map(u32::to_le_bytes).concat();
    [b"PK\x05\x06\0\0\0\0", &entries[..], &entries, &place, &(comment as u16).to_le_bytes()].concat()
}

fn end_64(entries: usize, length: usize, start: usize, at: usize) -> Vec<u8> {
    let numbers = [entries, entries, length, start].map(|number| (number as u64).to_le_bytes()).concat();
    let record = [b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0", &[0; 8][..], &numbers].concat();
    [&record[..], b"PK\x06\x07\0\0\0\0", &(at as u64).to_le_bytes(), &1_u32.to_le_bytes()].concat()
}

/// Entries one after the other behind a prefix, and their directory.
fn entries(prefix: &[u8], packed: &[Packed]) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut directory) = (prefix.to_vec(), Vec::new());
    for entry in packed {
        directory.extend(entry.central(out.len()));
        out.extend(entry.local());
    }
    (out, directory)
}

fn whole(prefix: &[u8], packed: &[Packed]) -> Vec<u8> {
    let (out, directory) = entries(prefix, packed);
    let end = end(packed.len(), directory.len(), out.len(), 0);
    [out, directory, end].concat()
}

/// The genuine files, then an entry with a doctored report; the genuine directory, and one that has that report.
fn two_directories(genuine: &[Packed]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (mut out, directory) = entries(b"", genuine);
    let doctored = Packed::new(file::REPORT, DOCTORED);
    let mut position = 0;
    let mut other = Vec::new();
    for entry in genuine {
        let entry_of_other =
            if entry.name == file::REPORT { doctored.central(out.len()) } else { entry.central(position) };
        other.extend(entry_of_other);
        position += entry.local().len();
    }
    out.extend(doctored.local());
    (out, directory, other)
}

fn with(genuine: &[Packed], name: &str, change: impl FnOnce(&mut Packed)) -> Vec<u8> {
    let mut packed = genuine.to_vec();
    change(packed.iter_mut().find(|entry| entry.name == name).unwrap());
    whole(b"", &packed)
}

fn longer_than_its_header_says(genuine: &[Packed], report: &[u8]) -> Vec<u8> {
    with(genuine, file::REPORT, |entry| {
        let size = entry.size;
        *entry = Packed::new(file::REPORT, &[report, DOCTORED].concat());
        entry.size = size;
    })
}

fn directory_of_64_bits_beside_another_one(genuine: &[Packed]) -> Vec<u8> {
    let (out, directory, other) = two_directories(genuine);
    let start = out.len();
    let other_start = start + directory.len();
    let at = other_start + other.len();
    let ends = [end_64(genuine.len(), directory.len(), start, at), end(genuine.len(), other.len(), other_start, 0)];
    [out, directory, other, ends.concat()].concat()
}

fn end_in_the_comment_of_another_one(genuine: &[Packed]) -> Vec<u8> {
    let (out, directory, other) = two_directories(genuine);
    let last = end(genuine.len(), directory.len(), out.len() + other.len(), 0);
    let first = end(genuine.len(), other.len(), out.len(), last.len());
    [out, other, directory, first, last].concat()
}

fn renamed_by_an_extra_field(entry: &mut Packed) {
    let mut crc = Crc::new();
    crc.update(entry.name.as_bytes());
    let field = [&[1][..], &crc.sum().to_le_bytes(), b"../evil.txt"].concat();
    entry.extra = [&0x7075_u16.to_le_bytes(), &(field.len() as u16).to_le_bytes()[..], &field].concat();
}

#[test]
fn a_zip_file_that_other_programs_could_read_otherwise_is_refused() {
    let genuine = files(&Sample::new().bundle(&signed()));
    let packed: Vec<_> = genuine.iter().map(|(name, contents)| Packed::new(name, contents)).collect();
    let key = signer().verifier();
    verified(&whole(b"", &packed), Some(&key)).unwrap();
    let report = &genuine.iter().find(|(name, _)| name == file::REPORT).unwrap().1;
    let hidden = Packed::new(file::REPORT, DOCTORED).local();
    let between = {
        let (mut out, _) = entries(b"", &packed);
        let (start, directory) = (out.len() + hidden.len(), entries(b"", &packed).1);
        out.extend(&hidden);
        [out, directory.clone(), end(packed.len(), directory.len(), start, 0)].concat()
    };
    let mut trailing = packed.clone();
    trailing[0].bytes.push(0);
    let mut unfinished = packed.clone();
    unfinished[0].bytes.pop();
    let forged = [
        ("longer than its header says", longer_than_its_header_says(&packed, report)),
        ("two directories", directory_of_64_bits_beside_another_one(&packed)),
        ("an entry before the first one", whole(&hidden, &packed)),
        ("check sum", with(&packed, file::README, |entry| entry.sum ^= 1)),
        ("renamed by an extra field", with(&packed, file::README, renamed_by_an_extra_field)),
        (
            "other name in its local header",
            with(&packed, file::REPORT, |entry| entry.local_name = "ev.html".to_owned()),
        ),
        ("an end in the comment of another one", end_in_the_comment_of_another_one(&packed)),
        ("a prefix that offsets leave out", [b"#!/bin/sh\n", &whole(b"", &packed)[..]].concat()),
        ("an entry behind the last one", between),
        ("bytes behind a packed file", whole(b"", &trailing)),
        ("a packed file without its end", whole(b"", &unfinished)),
        ("bytes behind the end", [&whole(b"", &packed)[..], b"\0"].concat()),
    ];
    for (what, zip) in forged {
        let found = verified(&zip, Some(&key));
        assert!(matches!(found, Err(VerifyError::Mismatch(_))), "{what}: {found:?}");
    }
}
