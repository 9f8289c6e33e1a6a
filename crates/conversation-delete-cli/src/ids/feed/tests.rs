use std::cell::Cell;
use std::io::{self, Read};

use super::*;
use crate::ids::IdForm;
use crate::ids::tests::IdList;

/// An input that repeats the same bytes for ever, and counts what was read of it.
pub(in crate::ids) struct Endless<'a> {
    pub(in crate::ids) pattern: &'a [u8],
    pub(in crate::ids) read: &'a Cell<usize>,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.read.get() % self.pattern.len();
        let bytes = self.pattern.iter().cycle().skip(start);
        buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.read.set(self.read.get() + buffer.len());
        Ok(buffer.len())
    }
}

#[test]
fn entries_that_are_not_ids_are_kept_shorter_from_a_number_on() {
    let mut list = IdList::new(IdForm::Opaque);
    let mut feed = Feed::new(&mut list, 1);
    let text = format!("{}/", "x".repeat(200));
    for line in 1..=MAX_FULL {
        feed.entry(Place::Line(line), text.as_bytes()).unwrap();
    }
    // In tests, this is the most that may be refused, too.
    let error = feed.entry(Place::Line(MAX_FULL + 1), text.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::TooManyRefused(MAX_REFUSED)));
    let kept = [0, 9_999, 10_000].map(|number| list.refused(number).unwrap());
    assert_eq!([&kept[0].id, &kept[1].id], [&text, &text]);
    assert_eq!(kept[2].message(), "line 10001: it is not an id");
    assert_eq!(kept[2].id, format!("{}…", "x".repeat(SHORT_LEN)));
}
