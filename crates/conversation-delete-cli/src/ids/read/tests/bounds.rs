//! Inputs without an end: how much is read of them, and what is kept.

use std::cell::Cell;

use conversation_delete_job::JobError;

use super::*;
use crate::ids::feed::tests::Endless;
use crate::ids::feed::{MAX_REFUSED, MAX_SKIPPED};
use crate::ids::lines::MAX_READ_LEN;
use crate::ids::{Complaint, TakeError};

/// Keeps nothing but the last id, and knows what it took.
#[derive(Default)]
struct Forgetful {
    last: String,
    taken: u64,
    longest: usize,
}

impl Sink for Forgetful {
    fn is_id(&self, text: &str) -> bool {
        IdForm::Opaque.parse(text).is_ok()
    }

    fn take(&mut self, _: Place, text: &str) -> Result<bool, TakeError> {
        self.longest = self.longest.max(text.len());
        if !self.is_id(text) {
            return Err(TakeError::NotAnId(String::new()));
        }
        self.taken += 1;
        match text {
            _ if text == self.last => Ok(false),
            _ => {
                text.clone_into(&mut self.last);
                Ok(true)
            }
        }
    }

    fn refuse(&mut self, complaint: Complaint) -> Result<(), JobError> {
        self.taken += 1;
        self.longest = self.longest.max(complaint.id.len());
        Ok(())
    }
}

/// Reads `start` and then `pattern` for ever. The error, how many entries came, and how many bytes were read.
fn read_endless(start: &str, pattern: &str) -> (ReadError, u64, usize) {
    let read_bytes = Cell::new(0);
    let endless = Endless { pattern: pattern.as_bytes(), read: &read_bytes };
    let mut sink = Forgetful::default();
    let error = read(start.as_bytes().chain(endless), &OPTIONS, &mut sink).unwrap_err();
    assert!(sink.longest <= 64 * 1024);
    (error, sink.taken, read_bytes.get())
}

#[test]
fn the_reader_stops_at_one_id_more_than_the_maximum() {
    for (start, before, after) in
        [("", "c", "\n"), ("id,x\n", "c", ",x\n"), ("[", "\"c", "\",\n"), ("{\"id\":\"c1\"}\n", "{\"id\":\"c", "\"}\n")]
    {
        let ids: String = (1..100_000).map(|number| format!("{before}{number}{after}")).collect();
        let mut input = start.as_bytes().chain(ids.as_bytes());
        let mut list = IdList::new(IdForm::Opaque);
        let options = ReadOptions { max_ids: 100, ..OPTIONS };
        let error = read(&mut input, &options, &mut list).unwrap_err();
        assert!(matches!(error, ReadError::TooManyIds(100)), "{start:?}: {error}");
        assert_eq!(list.len(), 101, "{start:?}");
        let left = input.into_inner().1.len();
        assert!(left > ids.len() - 3 * 64 * 1024, "{start:?}: {left}");
    }
}

#[test]
fn what_never_ends_is_not_read_for_ever() {
    for (start, pattern) in [
        ("", "x"),
        ("c1\n", "x y"),
        ("id,x\n", "x"),
        ("id,x\nc1,\"", "y\n"),
        ("id, x\nc1,", " "),
        ("[\"", "x"),
        ("[", " "),
        ("[{\"id\":\"c1\",\"text\":\"", "x"),
        ("[", "["),
        ("{\"id\":\"c1\",\n\"messages\":[0", ",0"),
        ("{\"id\":\"c1\"}\n{\"text\":\"", "x"),
        ("{\"text\":\"", "x"),
    ] {
        let (error, taken, read) = read_endless(start, pattern);
        let is_named = matches!(error, ReadError::Endless(1 | 2));
        assert!(is_named || pattern == "[" && matches!(error, ReadError::Json(1)), "{start:?} {pattern:?}: {error}");
        assert!(taken <= 2 && read <= 2 * MAX_READ_LEN + 3 * 64 * 1024, "{start:?} {pattern:?}: {read} bytes");
    }
}

#[test]
fn entries_that_are_not_ids_are_not_collected_for_ever() {
    for (start, pattern) in [
        ("", "a/b\n"),
        ("", "Jane Doe\n"),
        ("", "\u{fffd}\n"),
        ("c1\n", "a/b\nc1\n"),
        ("id,x\n", "a/b,x\n"),
        ("id,x\n", "c1\n"),
        ("{\"id\":\"c1\"}\n", "{\"id\":1}\n"),
        ("[0", ",0"),
        ("", "{\n}\n"),
    ] {
        let (error, taken, _) = read_endless(start, pattern);
        assert!(matches!(error, ReadError::TooManyRefused(MAX_REFUSED)), "{pattern:?}: {error}");
        assert!(taken <= 2 * MAX_REFUSED + 3, "{pattern:?}: {taken}");
    }
}

#[test]
fn blank_lines_and_repetitions_are_not_skipped_for_ever() {
    for (start, pattern) in [
        ("", "\n"),
        ("", " \r\n"),
        ("", "c1\n"),
        ("id\n", "c1\n"),
        ("id,x\n", "c1,x\n"),
        ("id,x\n", "\n"),
        ("id,x\n", "  \n"),
        ("[\"c1\"", ",\"c1\""),
        ("{\"id\":\"c1\"}\n", "{\"id\":\"c1\"}\n"),
    ] {
        let (error, taken, _) = read_endless(start, pattern);
        assert!(matches!(error, ReadError::NothingNew(_)), "{pattern:?}: {error}");
        assert!(taken <= MAX_SKIPPED + 110, "{pattern:?}: {taken}");
    }
}
