//! The records of a vendor's list, as a stream over its pages.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_core::Stream;
use futures_util::stream::{self, StreamExt};

use super::RecordMeta;
use crate::error::Error;

/// The records of a list. It is a [`Stream`] that holds one page in memory.
///
/// An error about one record (its id cannot be used, or the filter needs a time that it does not have) is followed by the
/// rest of the list; any other error ends the list. Read it until [`next`](Self::next) returns `None`; then
/// [`is_complete`](Self::is_complete) reports whether every record was listed.
#[must_use = "nothing is sent until it is read"]
pub struct Listing {
    records: Pin<Box<dyn Stream<Item = Result<RecordMeta, Error>> + Send>>,
    progress: Arc<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    has_reached_end: AtomicBool,
    has_unreadable: AtomicBool,
}

impl Listing {
    /// The records of these pages, which are read one at a time.
    pub fn from_pages(pager: impl Pager + 'static) -> Self {
        let progress = Arc::new(Progress::default());
        let pages = stream::unfold((Some(pager), Arc::clone(&progress)), |(pager, progress)| async {
            let mut pager = pager?;
            match pager.next_page().await {
                Ok(Some(page)) => {
                    progress.has_unreadable.fetch_or(page.iter().any(Result::is_err), Ordering::Relaxed);
                    Some((page, (Some(pager), progress)))
                }
                Ok(None) => {
                    progress.has_reached_end.store(true, Ordering::Relaxed);
                    None
                }
                Err(error) => Some((vec![Err(error)], (None, progress))),
            }
        });
        Self { records: Box::pin(pages.flat_map(stream::iter).fuse()), progress }
    }

    /// A list of these records, such as for a mock of a [`RecordReader`](crate::RecordReader). An error in it is about one
    /// record.
    pub fn from_records(records: impl IntoIterator<Item = Result<RecordMeta, Error>>) -> Self {
        Self::from_pages(SinglePage(Some(records.into_iter().collect())))
    }

    /// Whether the list was read to its end and every record in it could be read. False while it is being read, and
    /// after any error.
    pub fn is_complete(&self) -> bool {
        self.has_reached_end() && !self.progress.has_unreadable.load(Ordering::Relaxed)
    }

    /// Whether the list was read to its end: any error was about one record only.
    pub fn has_reached_end(&self) -> bool {
        self.progress.has_reached_end.load(Ordering::Relaxed)
    }

    /// The next record; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<RecordMeta, Error>> {
        self.records.next().await
    }
}

impl Stream for Listing {
    type Item = Result<RecordMeta, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.records.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("is_complete", &self.is_complete()).finish_non_exhaustive()
    }
}

/// Reads a vendor's list page by page.
#[async_trait]
pub trait Pager: Send {
    /// The next page; `None` after the last one. It is not called again after an error.
    ///
    /// # Errors
    /// Whatever keeps the list from being read to its end.
    async fn next_page(&mut self) -> Result<Option<Page>, Error>;
}

/// The records of a page that match the filter. An error in it is about one record.
pub type Page = Vec<Result<RecordMeta, Error>>;

/// Selects the records of a page, such as by [`StatusFilter::select`](crate::StatusFilter::select). Its errors are kept.
pub fn select_page(page: Page, select: impl Fn(RecordMeta) -> Option<Result<RecordMeta, Error>>) -> Page {
    page.into_iter().filter_map(|entry| entry.map_or_else(|error| Some(Err(error)), &select)).collect()
}

struct SinglePage(Option<Page>);

#[async_trait]
impl Pager for SinglePage {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        Ok(self.0.take())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    struct Pages(Vec<Result<Option<Page>, Error>>);

    #[async_trait]
    impl Pager for Pages {
        async fn next_page(&mut self) -> Result<Option<Page>, Error> {
            self.0.remove(0)
        }
    }

    #[tokio::test]
    async fn a_listing_goes_on_after_one_bad_record_and_is_complete_only_without_any_error() {
        let bad = || Error::invalid_input("x");
        let good = || RecordMeta::new(Uuid::from_u128(1));
        let bad_record = || Ok(Some(vec![Ok(good()), Err(bad())]));
        let good_record = || Ok(Some(vec![Ok(good())]));
        for (pages, expected, is_complete) in [
            (vec![bad_record(), Ok(Some(vec![])), Err(bad())], vec![true, false, false], false),
            (vec![bad_record(), good_record(), Ok(None)], vec![true, false, true], false),
            (vec![good_record(), Ok(Some(vec![])), Ok(None)], vec![true], true),
        ] {
            let mut listing = Listing::from_pages(Pages(pages));
            let mut listed = Vec::new();
            while let Some(record) = listing.next().await {
                assert!(!listing.is_complete());
                listed.push(record.is_ok());
            }
            assert_eq!(listed, expected);
            assert_eq!(listing.is_complete(), is_complete);
            assert_eq!(listing.has_reached_end(), expected != [true, false, false]);
            assert!(listing.next().await.is_none());
        }
        let mut listing = Listing::from_records([Ok(good()), Ok(good())]);
        assert!(listing.next().await.is_some() && listing.next().await.is_some() && listing.next().await.is_none());
        assert!(listing.is_complete());
    }
}
