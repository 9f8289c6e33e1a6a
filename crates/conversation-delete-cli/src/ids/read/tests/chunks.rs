//! The same ids, however an input is encoded, and in whatever pieces it arrives.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// Gives its bytes in pieces of these lengths, over and over.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.lengths.next().unwrap_or(1).min(buffer.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.bytes = rest;
        Ok(length)
    }
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Le,
    Utf16Be,
    Utf16LeWithMark,
    Utf16BeWithMark,
}

const ENCODINGS: [Encoding; 6] = [
    Encoding::Utf8,
    Encoding::Utf8WithMark,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
    Encoding::Utf16LeWithMark,
    Encoding::Utf16BeWithMark,
];

fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect();
    match encoding {
        Encoding::Utf8 => text.into(),
        Encoding::Utf8WithMark => marked.into(),
        Encoding::Utf16Le => utf16(text, u16::to_le_bytes),
        Encoding::Utf16Be => utf16(text, u16::to_be_bytes),
        Encoding::Utf16LeWithMark => utf16(&marked, u16::to_le_bytes),
        Encoding::Utf16BeWithMark => utf16(&marked, u16::to_be_bytes),
    }
}

/// Ids in each format that is read.
const FORMATS: [fn(&[String]) -> String; 8] = [
    |ids| ids.join("\n"),
    |ids| ids.iter().map(|id| format!("\"{id}\"\r\n\r\n")).collect(),
    |ids| table(ids, ";", "\r\n"),
    |ids| table(ids, ",", "\n"),
    |ids| format!("sep=\t\r\n{}", table(ids, "\t", "\r\n")),
    |ids| {
        ids.iter().map(|id| format!("{{\"text\":\"[Jörg]\",\"conversationId\":\"{id}\",\"n\":[1,{{}}]}}\n")).collect()
    },
    |ids| {
        format!("[{}]", ids.iter().map(|id| format!("{{\"id\":\"{id}\",\"ü\":null}}")).collect::<Vec<_>>().join(",\n"))
    },
    |ids| {
        format!(
            "{{\n\"total\": 3,\n\"data\":[{}]\n}}",
            ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
        )
    },
];

fn table(ids: &[String], delimiter: &str, end: &str) -> String {
    let rows = ids.iter().map(|id| ["\"Jörg \"\"J\"\"\nDoe\"".to_owned(), id.clone(), "😀".to_owned()].join(delimiter));
    let header = ["Name", "Interaction ID", "\"am\""].join(delimiter);
    std::iter::once(header).chain(rows).map(|row| row + end).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

proptest! {
    #[test]
    fn any_encoding_in_any_pieces_is_the_same_ids(
        ids in proptest::collection::vec("c[0-9a-f]{1,9}", 1..40),
        format in 0..FORMATS.len(),
        encoding in 0..ENCODINGS.len(),
        members in 0..3_usize,
        lengths in proptest::collection::vec(1..200_usize, 1..6),
    ) {
        let bytes = encode(&FORMATS[format](&ids), ENCODINGS[encoding]);
        let bytes = match members {
            0 => bytes,
            1 => gzip(&bytes),
            // Files of gzip may be put one behind the other.
            _ => [gzip(&bytes[..bytes.len() / 2]), gzip(&bytes[bytes.len() / 2..])].concat(),
        };
        let mut list = IdList::new(IdForm::Opaque);
        read(Pieces { bytes: &bytes, lengths: lengths.into_iter().cycle() }, &OPTIONS, &mut list).unwrap();
        let mut distinct: Vec<String> = Vec::new();
        for id in &ids {
            if !distinct.contains(id) {
                distinct.push(id.clone());
            }
        }
        prop_assert_eq!(list.ids(), distinct);
        prop_assert_eq!((list.refused_len(), list.merged()), (0, (ids.len() - list.len()) as u64));
    }
}

#[test]
fn gzip_that_is_cut_off_or_holds_no_text_is_named() {
    let whole = gzip(table(&vec!["c1".to_owned(); 100], ",", "\n").as_bytes());
    for length in [3, 11, whole.len() / 2, whole.len() - 1] {
        assert!(error(&whole[..length]).contains("gzip, and damaged or incomplete"), "{length}");
    }
    assert!(error(gzip(&whole)).contains("unpack it first"));
    assert!(error(gzip(b"PK\x03\x04\x14\0rest")).contains("Excel workbook"));
    assert!(error(gzip(&[0; 1_000_000])).contains("binary data"));
}

#[test]
fn what_is_packed_without_an_end_is_not_read_for_ever() {
    let line = format!("c1\n{}", "x".repeat(2 * crate::ids::lines::MAX_READ_LEN));
    assert!(matches!(try_read(IdForm::Opaque, &OPTIONS, &gzip(line.as_bytes())), Err(ReadError::Endless(2))));
    let blank = gzip(&b"c1\n".repeat(20_000));
    assert!(matches!(try_read(IdForm::Opaque, &OPTIONS, &blank), Err(ReadError::NothingNew(_))));
}
