use std::io::{Cursor, Read};
use std::process::Command;

use super::*;
use crate::interop::run;

fn written(files: &[(&'static str, bool, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, is_large, contents) in files {
        zip.add(name, *is_large, |out| out.write_all(contents)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(zip: &[u8]) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut archive = Archive::open(Cursor::new(zip))?;
    let entries = archive.entries.clone();
    let contents = |entry: Entry| {
        let mut contents = Vec::new();
        archive.reader(&entry)?.read_to_end(&mut contents)?;
        Ok((entry.name, contents))
    };
    entries.into_iter().map(contents).collect()
}

const FILES: [(&str, bool, &[u8]); 3] = [("a.txt", false, b"some text"), ("b", true, &[7; 100_000]), ("c", false, b"")];

#[test]
fn what_is_written_is_read_again() {
    let read = read(&written(&FILES)).unwrap();
    assert_eq!(read.len(), 3);
    for ((name, contents), (expected, _, original)) in read.iter().zip(FILES) {
        assert_eq!((name.as_str(), contents.as_slice()), (expected, original));
    }
    assert_eq!(written(&FILES), written(&FILES));
}

/// Python's module checks every header and check sum.
#[test]
fn another_program_reads_what_is_written_and_what_it_writes_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for is_large in [false, true] {
        std::fs::write(folder.path().join("x.zip"), written(&[("a.txt", is_large, b"some text"), ("b", false, b"")]))
            .unwrap();
        let script = "import zipfile\nz = zipfile.ZipFile('x.zip')\nassert not z.testzip()\nassert z.read('a.txt') == \
                      b'some text', z.read('a.txt')\nassert z.namelist() == ['a.txt', 'b']\n\
                      w = zipfile.ZipFile('y.zip', 'w')\nw.writestr('a.txt', b'some text')\nw.comment = b'a comment'\n\
                      w.open('b', 'w', force_zip64=True).close()\nw.close()\n";
        let Some(_) = run(Command::new("python3").args(["-c", script]).current_dir(&folder)) else { return };
        let read = read(&std::fs::read(folder.path().join("y.zip")).unwrap()).unwrap();
        assert_eq!(read, [("a.txt".to_owned(), b"some text".to_vec()), ("b".to_owned(), Vec::new())]);
    }
}

#[test]
fn what_is_damaged_never_panics() {
    let zip = written(&FILES);
    for position in 0..zip.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = zip.clone();
            changed[position] ^= change;
            drop(read(&changed));
        }
        drop(read(&zip[..position]));
        drop(read(&zip[position..]));
    }
    assert!(read(b"").is_err());
}

#[test]
fn no_more_is_read_than_the_headers_say() {
    let mut zip = written(&[("a", false, &[7; 100_000])]);
    let sizes: Vec<_> = zip.windows(4).enumerate().filter(|(_, bytes)| *bytes == 100_000_u32.to_le_bytes()).collect();
    let sizes: Vec<usize> = sizes.into_iter().map(|(at, _)| at).collect();
    assert_eq!(sizes.len(), 2, "one in each header");
    sizes.into_iter().for_each(|at| zip[at..at + 4].copy_from_slice(&10_u32.to_le_bytes()));
    let error = read(&zip).unwrap_err();
    assert_eq!(error.to_string(), "it is longer than its header says");
}

#[test]
fn encrypted_files_and_other_methods_are_refused() {
    let zip = written(&[("a", false, b"x")]);
    let directory = zip.windows(4).position(|bytes| bytes == CENTRAL_HEADER.to_le_bytes()).unwrap();
    for (at, value) in [(8, 1), (10, 12)] {
        let mut changed = zip.clone();
        changed[directory + at] = value;
        assert_eq!(read(&changed).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    }
}
