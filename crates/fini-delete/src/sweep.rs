//! A way through the list that misses nothing, although the list moves while it is read.
//!
//! Its windows are at most 90 days long, and each conversation stands in that of its latest message, newest first. One
//! that gets a message meanwhile moves to the top, out of the windows that are still to come. So the windows are read
//! from the newest to the oldest, and then once more what is newer than the newest that was seen at the beginning, until
//! that fits on one page: a page is one answer, in which nothing can move.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use delete_core::vendor_kit::{CursorGuard, PageGuard};
use delete_core::{Error, ErrorKind, Found, RecordId, timestamp};

use crate::{Client, wire};

/// Two clocks may differ by this much, and a message may come in the future of ours. It costs nothing to be generous.
pub(crate) const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A list that still moves after so many looks at its top is moving faster than it can be read.
const MAX_LOOKS_AT_TOP: u32 = 10;

/// The pages of a range of time.
pub(crate) struct Sweep {
    client: Client,
    /// In Unix milliseconds; whether a bound belongs to a window is not documented, so each is one further out.
    since: i64,
    /// `None` where the range goes on into the present.
    until: Option<i64>,
    window: Option<Window>,
    top: Top,
    looks_at_top: u32,
    pages: PageGuard,
}

/// A window that is being read.
struct Window {
    since: i64,
    until: i64,
    cursor: Option<String>,
    cursors: CursorGuard,
    pages: u32,
}

/// The newest conversations, in this look at the top and in the one before.
#[derive(Default)]
struct Top {
    newest: Option<i64>,
    newest_before: Option<i64>,
    /// The first page of the latest look. Of the conversations of the very moment of the newest, those that are not on it
    /// are news.
    first_page: HashSet<RecordId>,
}

impl Sweep {
    /// The conversations whose latest message is at `since` or later, and before `until`. Of a range that ends in the
    /// future, conversations can still move to the top.
    pub(crate) fn new(client: Client, since: Option<SystemTime>, until: Option<SystemTime>) -> Self {
        let now = client.pipeline.clock().system_now();
        let until = until.filter(|until| *until <= now);
        let since = since.map_or(client.history_start, timestamp::unix_millis) - 1;
        let until = until.map(|until| timestamp::unix_millis(until) + 2);
        let newest = until.unwrap_or_else(|| present(&client));
        let window = Window::ending_at(newest, since);
        Self { client, since, until, window, top: Top::default(), looks_at_top: 0, pages: PageGuard::default() }
    }

    /// The next page; `None` at the end.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<Found>>, Error> {
        let Some(window) = &mut self.window else { return Ok(None) };
        let query = wire::page_query(window.since, window.until, wire::PAGE_SIZE, window.cursor.as_deref());
        let now = timestamp::unix_millis(self.client.pipeline.clock().system_now());
        let page = self.client.patient_page(&query).await?;
        let has_more = window.advance(&page)?;
        let found = page.interactions.iter().map(wire::Conversation::found).collect::<Result<Vec<_>, _>>()?;
        let found = self.pages.advance(found)?;
        let news = self.top.note(found, now);
        if !has_more {
            self.end_window()?;
        }
        Ok(Some(news))
    }

    /// Goes on to the window before this one, or to what has come on top meanwhile.
    fn end_window(&mut self) -> Result<(), Error> {
        self.pages.restart();
        let Some(window) = self.window.take() else { return Ok(()) };
        let is_at_top = self.looks_at_top > 0;
        if !is_at_top && window.since > self.since {
            // They overlap by the millisecond of the bound.
            self.window = Window::ending_at(window.since + 1, self.since);
        } else if self.until.is_none() && !(is_at_top && window.pages == 1) {
            self.look_at_top()?;
        }
        Ok(())
    }

    fn look_at_top(&mut self) -> Result<(), Error> {
        self.looks_at_top += 1;
        if self.looks_at_top > MAX_LOOKS_AT_TOP {
            return Err(Error::unexpected_answer("the list moved faster than it could be read: some may be missing"));
        }
        let since = self.top.begin_anew().map_or(self.since, |newest| newest - 1).max(self.since);
        self.window = Window::ending_at(present(&self.client), since);
        Ok(())
    }
}

/// A sweep that is throttled so often in a row is not wanted.
const MAX_THROTTLED: u32 = 2;

impl Client {
    /// Reads a page. Where others have used the throttle up, or an earlier run of ours, its window is waited out, and the
    /// same page is asked for again.
    async fn patient_page(&self, query: &[(&str, String)]) -> Result<wire::ConversationPage, Error> {
        let mut throttled = 0;
        loop {
            let error = match self.pipeline.read_page(&self.bulk, query, &wire::LIST).await {
                Err(error) if error.kind() == ErrorKind::RateLimited && throttled < MAX_THROTTLED => error,
                page => return page,
            };
            throttled += 1;
            let (_, window) = wire::RATE;
            self.pipeline.clock().sleep(error.retry_after().unwrap_or(window).min(2 * window)).await;
        }
    }
}

fn present(client: &Client) -> i64 {
    timestamp::unix_millis(client.pipeline.clock().system_now() + MARGIN)
}

impl Window {
    /// The longest window that ends here; `None` where nothing is left.
    fn ending_at(until: i64, since: i64) -> Option<Self> {
        let since = since.max(until - wire::LONGEST_WINDOW);
        (since < until).then(|| Self { since, until, cursor: None, cursors: CursorGuard::default(), pages: 0 })
    }

    /// Notes where the list goes on after this page. False at its end.
    fn advance(&mut self, page: &wire::ConversationPage) -> Result<bool, Error> {
        self.pages += 1;
        if !page.has_more {
            return Ok(false);
        }
        let Some(cursor) = &page.next_cursor else {
            return Err(Error::unexpected_answer("the list has more, but its answer says not where"));
        };
        self.cursors.advance(cursor)?;
        self.cursor = Some(cursor.clone());
        Ok(true)
    }
}

impl Top {
    /// Notes a page that was asked for at `now`, and gives back what of it was not told in an earlier look. Whatever its
    /// dates say, nothing on it moved up later than that.
    fn note(&mut self, found: Vec<Found>, now: i64) -> Vec<Found> {
        let newest = found.iter().filter_map(latest).max().map(|newest| newest.min(now));
        let ids = found.iter().map(|found| found.id().clone()).collect();
        let news = found.into_iter().filter(|found| self.is_news(found)).collect();
        if self.newest.is_none() {
            self.newest = newest;
            self.first_page = ids;
        }
        news
    }

    fn is_news(&self, found: &Found) -> bool {
        match (self.newest_before, latest(found)) {
            (Some(before), Some(time)) if time == before => !self.first_page.contains(found.id()),
            (Some(before), Some(time)) => time > before,
            _ => true,
        }
    }

    /// A new look begins. Gives the time of the newest that is known.
    fn begin_anew(&mut self) -> Option<i64> {
        self.newest_before = self.newest.take().max(self.newest_before);
        self.newest_before
    }
}

/// When its latest message came; without one, when it was made, which is no later.
fn latest(found: &Found) -> Option<i64> {
    found.updated_at().or(found.created_at()).map(timestamp::unix_millis)
}
