//! What is found, as a stream over the pages of a vendor's list.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::SystemTime;

use async_trait::async_trait;
use futures_core::Stream;
use futures_util::stream::{self, StreamExt};

use crate::error::Error;
use crate::{RecordId, Status};

/// A record that was found: its id, its times and its status, and nothing of what was said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMeta {
    id: RecordId,
    created_at: Option<SystemTime>,
    updated_at: Option<SystemTime>,
    status: Option<Status>,
}

impl RecordMeta {
    /// A record with this id.
    pub fn new(id: impl Into<RecordId>) -> Self {
        Self { id: id.into(), created_at: None, updated_at: None, status: None }
    }

    /// Sets the time of its creation, where it is known.
    #[must_use]
    pub fn with_created_at(mut self, time: Option<SystemTime>) -> Self {
        self.created_at = time;
        self
    }

    /// Sets the time of its latest change, where it is known.
    #[must_use]
    pub fn with_updated_at(mut self, time: Option<SystemTime>) -> Self {
        self.updated_at = time;
        self
    }

    /// Sets its status, where it has one.
    #[must_use]
    pub fn with_status(mut self, status: Option<Status>) -> Self {
        self.status = status;
        self
    }

    /// The id.
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// When it was created, or when its call began (ElevenLabs).
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at
    }

    /// When it changed last, or when its latest message came (Fini).
    pub fn updated_at(&self) -> Option<SystemTime> {
        self.updated_at
    }

    /// What the vendor says of its life.
    pub fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }
}

/// The records that a list yields, one page of them in memory.
///
/// An error about one record only (its id cannot be used; its time cannot be read, and the filter asks for one) is
/// followed by the rest of the list. Every other error ends the list. Read it to the end: [`next`](Self::next) returns
/// `None` then, and [`is_complete`](Self::is_complete) reports whether every record was listed. It is a [`Stream`] as
/// well.
#[must_use = "nothing is sent until it is read"]
pub struct Listing {
    found: Pin<Box<dyn Stream<Item = Result<RecordMeta, Error>> + Send>>,
    progress: Arc<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    has_reached_end: AtomicBool,
    has_unreadable: AtomicBool,
}

impl Listing {
    /// A listing of the pages that `walk` comes by.
    pub fn from_pages(walk: impl Pager + 'static) -> Self {
        let progress = Arc::new(Progress::default());
        let pages = stream::unfold((Some(walk), Arc::clone(&progress)), |(walk, progress)| async {
            let mut walk = walk?;
            match walk.next_page().await {
                Ok(Some(page)) => {
                    progress.has_unreadable.fetch_or(page.iter().any(Result::is_err), Ordering::Relaxed);
                    Some((page, (Some(walk), progress)))
                }
                Ok(None) => {
                    progress.has_reached_end.store(true, Ordering::Relaxed);
                    None
                }
                Err(error) => Some((vec![Err(error)], (None, progress))),
            }
        });
        Self { found: Box::pin(pages.flat_map(stream::iter).fuse()), progress }
    }

    /// Whether the list was read to its end and every record in it could be read. False while it is being read, and
    /// after any error.
    pub fn is_complete(&self) -> bool {
        self.has_reached_end() && !self.progress.has_unreadable.load(Ordering::Relaxed)
    }

    /// Whether the list was read to its end: its last error, if there was any, is about one record only.
    pub fn has_reached_end(&self) -> bool {
        self.progress.has_reached_end.load(Ordering::Relaxed)
    }

    /// The next record; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<RecordMeta, Error>> {
        self.found.next().await
    }
}

impl Stream for Listing {
    type Item = Result<RecordMeta, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.found.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("is_complete", &self.is_complete()).finish_non_exhaustive()
    }
}

/// Goes through a vendor's list, page by page.
#[async_trait]
pub trait Pager: Send {
    /// The next page; `None` after the last one. After an error it is not asked again.
    ///
    /// # Errors
    /// Whatever keeps the list from being read to its end.
    async fn next_page(&mut self) -> Result<Option<Page>, Error>;
}

/// What a page holds for the caller. An error in it is about one record only.
pub type Page = Vec<Result<RecordMeta, Error>>;

/// Watches a walk: what the page before held is not told again, and a list that does not move on is an error instead of
/// an endless loop. It holds two pages of ids.
#[derive(Debug, Default)]
pub struct PageDedup {
    page_before: HashSet<RecordId>,
    may_repeat: bool,
    empty_in_row: u32,
    circle: Circle<HashSet<RecordId>>,
}

/// So many pages in a row without any record are no list.
const MAX_EMPTY: u32 = 100;

impl PageDedup {
    /// The list begins anew, or goes on elsewhere: its next page may hold nothing new.
    pub fn restart(&mut self) {
        self.may_repeat = true;
        self.empty_in_row = 0;
        self.circle = Circle::default();
    }

    /// The records of a page that the page before did not hold.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when the page holds records, and none that is new; or when a hundred pages in a
    /// row held none.
    pub fn advance(&mut self, page: Vec<RecordMeta>) -> Result<Vec<RecordMeta>, Error> {
        if page.is_empty() {
            self.empty_in_row += 1;
            return if self.empty_in_row > MAX_EMPTY { Err(no_progress()) } else { Ok(page) };
        }
        self.empty_in_row = 0;
        let ids: HashSet<RecordId> = page.iter().map(|found| found.id.clone()).collect();
        if self.circle.closes_on(&ids) {
            return Err(no_progress());
        }
        let mut told = std::mem::replace(&mut self.page_before, ids);
        let may_repeat = std::mem::take(&mut self.may_repeat);
        let new: Vec<RecordMeta> = page.into_iter().filter(|found| told.insert(found.id.clone())).collect();
        if new.is_empty() && !may_repeat { Err(no_progress()) } else { Ok(new) }
    }
}

/// Watches the cursors of a walk for one that comes again, in constant memory.
#[derive(Debug, Default)]
pub struct CursorCycleCheck {
    before: Option<String>,
    circle: Circle<String>,
}

impl CursorCycleCheck {
    /// Notes a cursor.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it came before.
    pub fn advance(&mut self, cursor: &str) -> Result<(), Error> {
        let cursor = cursor.to_owned();
        if self.before.as_ref() == Some(&cursor) || self.circle.closes_on(&cursor) {
            return Err(no_progress());
        }
        self.before = Some(cursor);
        Ok(())
    }
}

/// Something of some time ago. Its age doubles each time, so that a circle of any length closes on it, in constant memory
/// (Brent's way to find one).
#[derive(Debug)]
struct Circle<T> {
    kept: Option<T>,
    steps: u64,
    limit: u64,
}

impl<T> Default for Circle<T> {
    fn default() -> Self {
        Self { kept: None, steps: 0, limit: 0 }
    }
}

impl<T: Clone + PartialEq> Circle<T> {
    /// Whether this is what was kept. Else it may be kept itself.
    fn closes_on(&mut self, step: &T) -> bool {
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
    let message = "the vendor's list does not move on: a page or cursor came again, so the list is not complete";
    Error::unexpected_response(message)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ErrorKind;

    fn page(ids: impl IntoIterator<Item = u128>) -> Vec<RecordMeta> {
        ids.into_iter().map(|id| RecordMeta::new(Uuid::from_u128(id))).collect()
    }

    #[test]
    fn a_record_that_moved_to_the_next_page_is_told_once() {
        let mut guard = PageDedup::default();
        assert_eq!(guard.advance(page(1..=3)).unwrap(), page(1..=3));
        assert_eq!(guard.advance(page([3, 4, 4, 5])).unwrap(), page(4..=5));
        assert!((0..MAX_EMPTY).all(|_| guard.advance(page([])).unwrap().is_empty()));
        assert_eq!(guard.advance(page([])).unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }

    #[test]
    fn a_page_that_comes_again_is_an_error_unless_the_list_begins_anew() {
        let mut guard = PageDedup::default();
        guard.advance(page(1..=2)).unwrap();
        guard.restart();
        assert_eq!(guard.advance(page(1..=2)).unwrap(), []);
        assert_eq!(guard.advance(page(1..=2)).unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }

    #[test]
    fn pages_that_come_in_turns_are_found_out() {
        for turns in 2..9 {
            let mut guard = PageDedup::default();
            let pages = (0..100).map(|number| page([number % turns * 2, number % turns * 2 + 1]));
            assert!(pages.take(40).any(|page| guard.advance(page).is_err()), "{turns}");
        }
    }

    #[test]
    fn every_circle_of_cursors_is_found() {
        for (way_in, circle) in [(0, 1), (0, 2), (3, 1), (5, 7), (100, 64), (0, 1000)] {
            let mut guard = CursorCycleCheck::default();
            let cursors = (0..way_in).chain((0..).map(|n| way_in + n % circle)).take(10_000);
            let found = cursors.enumerate().find(|(_, cursor)| guard.advance(&cursor.to_string()).is_err());
            let (at, _) = found.expect("the circle is found");
            assert!(at <= 4 * (way_in + circle) as usize + 2, "{way_in} {circle}: {at}");
        }
        let mut guard = CursorCycleCheck::default();
        assert!((0..10_000).all(|cursor| guard.advance(&cursor.to_string()).is_ok()));
    }

    struct Pages(Vec<Result<Option<Page>, Error>>);

    #[async_trait]
    impl Pager for Pages {
        async fn next_page(&mut self) -> Result<Option<Page>, Error> {
            self.0.remove(0)
        }
    }

    #[tokio::test]
    async fn a_listing_goes_on_after_one_bad_record_and_is_complete_without_any_error_alone() {
        let bad = || Error::invalid_input("x");
        let good = || page([1]).remove(0);
        let bad_record = || Ok(Some(vec![Ok(good()), Err(bad())]));
        let good_record = || Ok(Some(vec![Ok(good())]));
        for (pages, expected, is_complete) in [
            (vec![bad_record(), Ok(Some(vec![])), Err(bad())], vec![true, false, false], false),
            (vec![bad_record(), good_record(), Ok(None)], vec![true, false, true], false),
            (vec![good_record(), Ok(Some(vec![])), Ok(None)], vec![true], true),
        ] {
            let mut listing = Listing::from_pages(Pages(pages));
            let mut told = Vec::new();
            while let Some(found) = listing.next().await {
                assert!(!listing.is_complete());
                told.push(found.is_ok());
            }
            assert_eq!(told, expected);
            assert_eq!(listing.is_complete(), is_complete);
            assert_eq!(listing.has_reached_end(), expected != [true, false, false]);
            assert!(listing.next().await.is_none());
        }
    }
}
