//! A way through the list that misses nothing, although the list moves while it is read.
//!
//! Its windows are at most 90 days long, and each conversation is in that of its latest message, newest first. One
//! that gets a message meanwhile moves to the top, out of the windows that are still to come. So the windows are read
//! from the newest to the oldest, and then once more what is newer than the newest that was seen at the beginning, until
//! that fits on one page: a page is one response, in which nothing can move.

mod top;

use std::time::{Duration, SystemTime};

use delete_core::vendor_kit::{CursorCycleCheck, Page, PageDedup};
use delete_core::{Error, ErrorKind, timestamp};

use crate::{Client, wire};
use top::{Present, Top};

/// Two clocks may differ by this much, and a message may come in the future of ours. It costs nothing to be generous.
pub(crate) const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A list that still moves after so many looks at its top is moving faster than it can be read.
const MAX_LOOKS_AT_TOP: u32 = 10;

/// The `Date` of a response has whole seconds, so a measured difference of the clocks is that exact.
const DATE_PRECISION: Duration = Duration::from_secs(1);

/// The pause before the top is read up to the present. Both clocks are read too coarsely to know the present by less
/// than three seconds, so without the pause what came just before could be missing.
const SETTLING: Duration = Duration::from_secs(4);

/// How far our clock may be off while no response had a `Date`.
const UNKNOWN_SKEW: Duration = Duration::from_secs(2 * 60 * 60);

/// The pages of a range of time.
pub(crate) struct FullScan {
    client: Client,
    /// In Unix milliseconds; whether a bound belongs to a window is not documented, so each is one further out.
    since: i64,
    /// `None` where the range goes on into the present.
    until: Option<i64>,
    /// Where the first window ended.
    first_end: i64,
    /// Whether Fini refused a window that ends in the future.
    ends_in_present: bool,
    window: Option<Window>,
    top: Top,
    looks_at_top: u32,
    pages: PageDedup,
}

/// A window that is being read.
struct Window {
    since: i64,
    until: i64,
    cursor: Option<String>,
    cursors: CursorCycleCheck,
    pages: u32,
}

impl FullScan {
    /// The conversations whose latest message is at `since` or later, and before `until`. Of a range that ends in the
    /// future, conversations can still move to the top.
    pub(crate) fn new(client: Client, since: Option<SystemTime>, until: Option<SystemTime>) -> Self {
        let now = client.pipeline.clock().system_now();
        let until = until.filter(|until| *until <= now);
        let since = since.map_or(client.history_start, timestamp::unix_millis) - 1;
        let until = until.map(|until| timestamp::unix_millis(until) + 2);
        let newest = until.unwrap_or_else(|| timestamp::unix_millis(now + MARGIN));
        let window = Window::ending_at(newest, since);
        let (top, pages) = (Top::default(), PageDedup::default());
        Self { client, since, until, first_end: newest, ends_in_present: false, window, top, looks_at_top: 0, pages }
    }

    /// The next page; `None` at the end. An error in it is about one conversation.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let present = present(&self.client);
        let Some((page, has_more)) = self.read().await? else { return Ok(None) };
        let (found, unreadable) = page.into_records();
        let news = self.top.note(self.pages.advance(found)?, present);
        if !has_more {
            self.window = self.next_window().await?;
        }
        Ok(Some(news.into_iter().map(Ok).chain(unreadable.into_iter().map(Err)).collect()))
    }

    /// Reads the next page of the window, and returns whether the window has more.
    ///
    /// It is not documented whether Fini accepts a window that ends in the future: if it answers 400, the window is read
    /// up to the present instead.
    async fn read(&mut self) -> Result<Option<(wire::ConversationPage, bool)>, Error> {
        let Some(window) = &mut self.window else { return Ok(None) };
        let page = match self.client.patient_page(&window.query()).await {
            Err(error) if error.status() == Some(400) && !self.ends_in_present => {
                if !window.end_at(present_bound(&self.client)) {
                    return Err(error);
                }
                self.ends_in_present = true;
                // What the window does not reach now is read with the top.
                self.until = None;
                self.client.patient_page(&window.query()).await?
            }
            page => page?,
        };
        let has_more = window.advance(&page)?;
        Ok(Some((page, has_more)))
    }

    /// The window before this one, or what has come on top meanwhile.
    async fn next_window(&mut self) -> Result<Option<Window>, Error> {
        self.pages.restart();
        let Some(window) = &self.window else { return Ok(None) };
        let is_at_top = self.looks_at_top > 0;
        if !is_at_top && window.since > self.since {
            // They overlap by the millisecond of the bound.
            Ok(Window::ending_at(window.since + 1, self.since))
        } else if self.until.is_none() && !(is_at_top && window.pages == 1) {
            self.top_window().await
        } else {
            Ok(None)
        }
    }

    async fn top_window(&mut self) -> Result<Option<Window>, Error> {
        self.looks_at_top += 1;
        if self.looks_at_top > MAX_LOOKS_AT_TOP {
            return Err(Error::unexpected_response("the list moved faster than it could be read: some may be missing"));
        }
        let since = self.top.begin_anew().map_or(self.since, |newest| newest - 1).max(self.since);
        let until = self.newest_bound().await;
        if until - wire::LONGEST_WINDOW > self.first_end {
            let message = "our clock is months behind the vendor's, so the list cannot be read to its end";
            return Err(Error::unexpected_response(message));
        }
        // The top is read even if the clocks were set back meanwhile.
        Ok(Window::ending_at(until, since.min(until - 1)))
    }

    /// Where the newest window ends.
    async fn newest_bound(&self) -> i64 {
        let clock = self.client.pipeline.clock();
        if !self.ends_in_present {
            let latest = present(&self.client).time.max(clock.system_now());
            return timestamp::unix_millis(latest + MARGIN);
        }
        clock.sleep(SETTLING).await;
        present_bound(&self.client)
    }
}

/// A sweep fails once it is throttled more often in a row.
const MAX_THROTTLED: u32 = 2;

impl Client {
    /// Reads a page. If other clients have used up the throttle, or an earlier run of ours, the client waits for its
    /// window to pass, and requests the same page again.
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

/// The present by the vendor's clock, or by ours before it is known how they differ.
fn present(client: &Client) -> Present {
    let ours = client.pipeline.clock().system_now();
    match client.pipeline.clock_skew() {
        Some(skew) if skew.is_ahead() => Present { time: ours - skew.magnitude(), precision: SETTLING },
        Some(skew) => Present { time: ours + skew.magnitude(), precision: SETTLING },
        None => Present { time: ours, precision: UNKNOWN_SKEW },
    }
}

/// Where a window ends that may not end in the future: the vendor's present.
fn present_bound(client: &Client) -> i64 {
    timestamp::unix_millis(present(client).time - DATE_PRECISION)
}

impl Window {
    /// The longest window that ends here; `None` where nothing is left.
    fn ending_at(until: i64, since: i64) -> Option<Self> {
        let since = since.max(until - wire::LONGEST_WINDOW);
        (since < until).then(|| Self { since, until, cursor: None, cursors: CursorCycleCheck::default(), pages: 0 })
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        wire::page_query(self.since, self.until, wire::PAGE_SIZE, self.cursor.as_deref())
    }

    /// Moves the end of a window that ends in the future to `present`, if it begins earlier and was not yet read. Returns
    /// whether it did.
    fn end_at(&mut self, present: i64) -> bool {
        let does = self.cursor.is_none() && self.since < present && present < self.until;
        if does {
            self.until = present;
        }
        does
    }

    /// Notes where the list goes on after this page. False at its end.
    fn advance(&mut self, page: &wire::ConversationPage) -> Result<bool, Error> {
        self.pages += 1;
        if !page.has_more {
            return Ok(false);
        }
        let Some(cursor) = page.next_cursor.as_ref().filter(|cursor| !cursor.is_empty()) else {
            return Err(Error::unexpected_response(
                "the list has more pages, but the response has no cursor to the next",
            ));
        };
        self.cursors.advance(cursor)?;
        self.cursor = Some(cursor.clone());
        Ok(true)
    }
}
