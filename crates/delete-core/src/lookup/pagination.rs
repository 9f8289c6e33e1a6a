//! Checks that a vendor's list makes progress, so that reading it ends.

use std::collections::HashSet;

use crate::RecordId;
use crate::error::Error;

/// More pages in a row without any record are not taken for a list.
const MAX_EMPTY_PAGES: u32 = 100;

/// Drops the records of a page that the previous page had, and fails if the list makes no progress. It holds three pages of
/// ids.
#[derive(Debug, Default)]
pub struct PageDedup {
    previous: HashSet<RecordId>,
    may_repeat: bool,
    empty_pages: u32,
    cycle: CycleDetector<HashSet<RecordId>>,
}

impl PageDedup {
    /// Allows the next page to have no new record, because the list is read from its beginning again, or continues elsewhere.
    pub fn restart(&mut self) {
        self.may_repeat = true;
        self.empty_pages = 0;
        self.cycle = CycleDetector::default();
    }

    /// Returns the entries of a page whose id the previous page did not have, each id once, and those without an id.
    ///
    /// # Errors
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the page has ids and none of them is new, if the pages repeat in a cycle, or after
    /// a hundred pages in a row without any id.
    pub fn advance<T>(&mut self, page: Vec<T>, id: impl Fn(&T) -> Option<&RecordId>) -> Result<Vec<T>, Error> {
        let ids: HashSet<RecordId> = page.iter().filter_map(&id).cloned().collect();
        if ids.is_empty() {
            self.empty_pages += 1;
            return if self.empty_pages > MAX_EMPTY_PAGES { Err(no_progress()) } else { Ok(page) };
        }
        self.empty_pages = 0;
        if self.cycle.observe(&ids) {
            return Err(no_progress());
        }
        let mut known = std::mem::replace(&mut self.previous, ids);
        let may_repeat = std::mem::take(&mut self.may_repeat);
        let has_new = self.previous.iter().any(|id| !known.contains(id));
        if !has_new && !may_repeat {
            return Err(no_progress());
        }
        let mut is_new = |entry: &T| id(entry).is_none_or(|id| known.insert(id.clone()));
        Ok(page.into_iter().filter(|entry| is_new(entry)).collect())
    }
}

/// Where in a list with cursors the next page is. Fails if a cursor comes again, in constant memory.
#[derive(Debug, Default)]
pub struct PageCursor {
    current: Option<String>,
    is_at_end: bool,
    cycle: CycleDetector<String>,
}

impl PageCursor {
    /// The cursor of the next page; `None` for the first one.
    pub fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// Whether the latest page was the last one.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Moves to the page after one that reports whether the list `has_more`, and the `cursor` to it.
    ///
    /// # Errors
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if there is more, and the cursor is missing, empty, or
    /// came before.
    pub fn advance(&mut self, has_more: bool, cursor: Option<&str>) -> Result<(), Error> {
        self.is_at_end = !has_more;
        if !has_more {
            return Ok(());
        }
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()).map(str::to_owned) else {
            let message = "the list has more pages, but the response has no cursor to the next";
            return Err(Error::unexpected_response(message));
        };
        if self.current.as_ref() == Some(&cursor) || self.cycle.observe(&cursor) {
            return Err(no_progress());
        }
        self.current = Some(cursor);
        Ok(())
    }
}

/// Finds a cycle of any length in constant memory, by Brent's algorithm: it compares each step with an earlier one, whose age
/// doubles each time.
#[derive(Debug)]
struct CycleDetector<T> {
    kept: Option<T>,
    steps: u64,
    limit: u64,
}

impl<T> Default for CycleDetector<T> {
    fn default() -> Self {
        Self { kept: None, steps: 0, limit: 0 }
    }
}

impl<T: Clone + PartialEq> CycleDetector<T> {
    /// Returns whether this step closes a cycle.
    fn observe(&mut self, step: &T) -> bool {
        if self.kept.as_ref() == Some(step) {
            return true;
        }
        self.steps += 1;
        if self.steps >= self.limit {
            self.kept = Some(step.clone());
            self.limit = (self.limit * 2).max(1);
            self.steps = 0;
        }
        false
    }
}

fn no_progress() -> Error {
    let message = "the vendor's list makes no progress: a page or cursor came again, so the list is not complete";
    Error::unexpected_response(message)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ErrorKind;

    fn page(ids: impl IntoIterator<Item = u128>) -> Vec<RecordId> {
        ids.into_iter().map(|id| Uuid::from_u128(id).into()).collect()
    }

    fn advance(pages: &mut PageDedup, page: Vec<RecordId>) -> Result<Vec<RecordId>, ErrorKind> {
        pages.advance(page, |id| Some(id)).map_err(|error| error.kind())
    }

    #[test]
    fn a_record_that_moved_to_the_next_page_is_listed_once() {
        let mut pages = PageDedup::default();
        assert_eq!(advance(&mut pages, page(1..=3)), Ok(page(1..=3)));
        assert_eq!(advance(&mut pages, page([3, 4, 4, 5])), Ok(page(4..=5)));
        assert!((0..MAX_EMPTY_PAGES).all(|_| advance(&mut pages, page([])) == Ok(vec![])));
        assert_eq!(advance(&mut pages, page([])), Err(ErrorKind::UnexpectedResponse));
    }

    #[test]
    fn entries_without_an_id_are_kept() {
        let mut pages = PageDedup::default();
        let [one, two] = [1, 2].map(|id| Some(RecordId::from(Uuid::from_u128(id))));
        assert_eq!(pages.advance(vec![one.clone(), None, None], Option::as_ref).unwrap().len(), 3);
        assert_eq!(pages.advance(vec![None, one, two.clone()], Option::as_ref).unwrap(), [None, two]);
    }

    #[test]
    fn a_page_that_comes_again_is_an_error_unless_the_list_begins_anew() {
        let mut pages = PageDedup::default();
        advance(&mut pages, page(1..=2)).unwrap();
        pages.restart();
        assert_eq!(advance(&mut pages, page(1..=2)), Ok(vec![]));
        assert_eq!(advance(&mut pages, page(1..=2)), Err(ErrorKind::UnexpectedResponse));
    }

    #[test]
    fn pages_that_come_in_turns_are_found_out() {
        for turns in 2..9 {
            let mut pages = PageDedup::default();
            let repeated = (0..100).map(|number| page([number % turns * 2, number % turns * 2 + 1]));
            assert!(repeated.take(40).any(|page| advance(&mut pages, page).is_err()), "{turns}");
        }
    }

    #[test]
    fn every_cycle_of_cursors_is_found() {
        for (way_in, cycle) in [(0, 1), (0, 2), (3, 1), (5, 7), (100, 64), (0, 1000)] {
            let mut check = PageCursor::default();
            let cursors = (0..way_in).chain((0..).map(|n| way_in + n % cycle)).take(10_000);
            let found = cursors.enumerate().find(|(_, cursor)| check.advance(true, Some(&cursor.to_string())).is_err());
            let (at, _) = found.expect("the cycle is found");
            assert!(at <= 4 * (way_in + cycle) as usize + 2, "{way_in} {cycle}: {at}");
        }
        let mut check = PageCursor::default();
        assert!((0..10_000).all(|cursor| check.advance(true, Some(&cursor.to_string())).is_ok()));
        assert!(check.current() == Some("9999") && !check.is_at_end());
        for missing in [None, Some("")] {
            assert!(check.advance(true, missing).unwrap_err().to_string().contains("no cursor"));
            assert!(check.advance(false, missing).is_ok() && check.is_at_end());
        }
    }
}
