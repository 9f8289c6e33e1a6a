//! A scan of the list that misses nothing, although the list moves while it is read.
//!
//! The list is read in windows of at most 90 days, and each conversation is in the window of its latest message. One that gets
//! a message meanwhile moves to the head of the list, out of the windows that are still to come. So the windows are read from
//! the newest to the oldest, and then the head once more, from the newest conversation seen at the beginning, until that fits
//! on one page: a page is one response, in which nothing can move.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use delete_core::vendor_kit::{Page, PageCursor, PageDedup};
use delete_core::{Error, ErrorKind, RecordId, RecordMeta, timestamp};

use crate::wire::{Conversation, ConversationPage};
use crate::{Client, wire};

/// Two clocks may differ by this much, and a message may be dated in the future of ours. A long margin costs nothing.
pub(crate) const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A list that still moves after so many rescans of its head moves faster than it can be read.
const MAX_RESCANS: u32 = 10;

/// A scan fails if it is throttled more often in a row.
const MAX_THROTTLED: u32 = 2;

/// The `Date` of a response has whole seconds, so a measured difference of the clocks is that exact.
const DATE_PRECISION: Duration = Duration::from_secs(1);

/// The pause before the head is read up to the present. Both clocks are too coarse to know the present more exactly than by
/// three seconds, so without the pause the latest conversations could be missing.
const SETTLING: Duration = Duration::from_secs(4);

/// How far our clock may be off before a response had a `Date`.
const UNKNOWN_SKEW: Duration = Duration::from_secs(2 * 60 * 60);

/// Reads the list of a range of time.
pub(crate) struct FullScan {
    client: Client,
    /// In Unix milliseconds. Whether a bound belongs to a window is not documented, so each is one further out.
    since: i64,
    /// `None` if the range goes on into the present.
    until: Option<i64>,
    /// Where the first window ended.
    first_end: i64,
    /// Whether Fini refused a window that ends in the future.
    ends_in_present: bool,
    window: Option<Window>,
    head: HeadRescan,
    rescans: u32,
    pages: PageDedup,
}

/// A window that is being read.
struct Window {
    since: i64,
    until: i64,
    cursor: PageCursor,
    pages: u32,
}

impl FullScan {
    /// Conversations whose latest message came at `since` or later, and before `until`. In a range that ends in the future,
    /// conversations can still move to the head.
    pub(crate) fn new(client: Client, since: Option<SystemTime>, until: Option<SystemTime>) -> Self {
        let now = client.pipeline.clock().system_now();
        let until = until.filter(|until| *until <= now);
        let since = since.map_or(client.history_start, timestamp::unix_millis) - 1;
        let until = until.map(|until| timestamp::unix_millis(until) + 2);
        let first_end = until.unwrap_or_else(|| timestamp::unix_millis(now + MARGIN));
        Self {
            client,
            since,
            until,
            first_end,
            ends_in_present: false,
            window: Window::ending_at(first_end, since),
            head: HeadRescan::default(),
            rescans: 0,
            pages: PageDedup::default(),
        }
    }

    /// The next page; `None` at the end. An error in it is about one conversation.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let (present, precision) = self.client.present();
        let Some(page) = self.read().await? else { return Ok(None) };
        let entries: Page = page.interactions.into_iter().map(Conversation::into_meta).collect();
        let page = self.pages.advance(entries, |entry| entry.as_ref().ok().map(RecordMeta::id))?;
        let new = self.head.select(page, present, precision);
        if self.window.as_ref().is_some_and(|window| window.cursor.is_at_end()) {
            self.window = self.next_window().await?;
        }
        Ok(Some(new))
    }

    /// Reads the next page of the window.
    ///
    /// If Fini refuses a window that ends in the future (400; not documented), it is read up to the present instead.
    async fn read(&mut self) -> Result<Option<ConversationPage>, Error> {
        let Some(window) = &mut self.window else { return Ok(None) };
        let page = match self.client.patient_page(&window.query()).await {
            Err(error) if error.status() == Some(400) && !self.ends_in_present => {
                if !window.end_at(self.client.present_bound()) {
                    return Err(error);
                }
                self.ends_in_present = true;
                // The rescan of the head reads what the window does not reach now.
                self.until = None;
                self.client.patient_page(&window.query()).await?
            }
            page => page?,
        };
        window.pages += 1;
        window.cursor.advance(page.has_more, page.next_cursor.as_deref())?;
        Ok(Some(page))
    }

    /// The window before this one, or the head, to find what has moved there meanwhile.
    async fn next_window(&mut self) -> Result<Option<Window>, Error> {
        self.pages.restart();
        let Some(window) = &self.window else { return Ok(None) };
        let is_head = self.rescans > 0;
        if !is_head && window.since > self.since {
            // They overlap by the millisecond of the bound.
            Ok(Window::ending_at(window.since + 1, self.since))
        } else if self.until.is_none() && !(is_head && window.pages == 1) {
            self.head_window().await
        } else {
            Ok(None)
        }
    }

    async fn head_window(&mut self) -> Result<Option<Window>, Error> {
        self.rescans += 1;
        if self.rescans > MAX_RESCANS {
            let message = "the list moved faster than it could be read; records may be missing";
            return Err(Error::unexpected_response(message));
        }
        let since = self.head.restart().map_or(self.since, |newest| newest - 1).max(self.since);
        let until = self.newest_bound().await;
        if until - wire::LONGEST_WINDOW > self.first_end {
            let message = "our clock is months behind the vendor's, so the list cannot be read to its end";
            return Err(Error::unexpected_response(message));
        }
        // The head is read even if the clocks were set back meanwhile.
        Ok(Window::ending_at(until, since.min(until - 1)))
    }

    /// Where the newest window ends.
    async fn newest_bound(&self) -> i64 {
        let clock = self.client.pipeline.clock();
        if !self.ends_in_present {
            let latest = self.client.present().0.max(clock.system_now());
            return timestamp::unix_millis(latest + MARGIN);
        }
        clock.sleep(SETTLING).await;
        self.client.present_bound()
    }
}

impl Client {
    /// Reads a page, and again after waiting if other clients have used up the rate limit.
    async fn patient_page(&self, query: &[(&str, String)]) -> Result<ConversationPage, Error> {
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

    /// The present by the vendor's clock, or by ours before their difference is known; and how far it may be off.
    fn present(&self) -> (SystemTime, Duration) {
        let ours = self.pipeline.clock().system_now();
        self.pipeline.clock_skew().map_or((ours, UNKNOWN_SKEW), |skew| (skew.vendor_time(ours), SETTLING))
    }

    /// Where a window ends that must not end in the future: the vendor's present.
    fn present_bound(&self) -> i64 {
        timestamp::unix_millis(self.present().0 - DATE_PRECISION)
    }
}

impl Window {
    /// The longest window that ends here; `None` if nothing is left.
    fn ending_at(until: i64, since: i64) -> Option<Self> {
        let since = since.max(until - wire::LONGEST_WINDOW);
        (since < until).then(|| Self { since, until, cursor: PageCursor::default(), pages: 0 })
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        wire::page_query(self.since, self.until, wire::PAGE_SIZE, self.cursor.current())
    }

    /// Moves the end of an unread window to `present`, if that is within it, and returns whether it was.
    fn end_at(&mut self, present: i64) -> bool {
        let does = self.cursor.current().is_none() && self.since < present && present < self.until;
        if does {
            self.until = present;
        }
        does
    }
}

/// The newest conversations, as this rescan of the head of the list and the previous one saw them.
#[derive(Default)]
struct HeadRescan {
    newest: Option<i64>,
    previous_newest: Option<i64>,
    /// The first page of the latest rescan. A conversation of the same moment as the newest is new if it is not on it.
    first_page: HashSet<RecordId>,
}

impl HeadRescan {
    /// Returns the conversations of a page that no earlier rescan saw, and its errors.
    ///
    /// An event after the `present`, which may be off by `precision`, is dated in the future, so it does not show how far the
    /// list was read. It counts as a little older than the present, because whatever moved up meanwhile is older than it.
    fn select(&mut self, page: Page, present: SystemTime, precision: Duration) -> Page {
        let limit = timestamp::unix_millis(present);
        let settled = timestamp::unix_millis(present - precision);
        let clipped = |time: i64| if time <= limit { time } else { settled };
        let newest = page.iter().flatten().filter_map(latest).map(clipped).max();
        let ids = page.iter().flatten().map(|meta| meta.id().clone()).collect();
        let new = page.into_iter().filter(|entry| entry.as_ref().map_or(true, |meta| self.is_new(meta))).collect();
        if self.newest.is_none() {
            self.newest = newest;
            self.first_page = ids;
        }
        new
    }

    /// If the time of the latest message is unknown, the conversation may have moved up.
    fn is_new(&self, meta: &RecordMeta) -> bool {
        match (self.previous_newest, meta.updated_at().map(timestamp::unix_millis)) {
            (Some(previous), Some(time)) if time == previous => !self.first_page.contains(meta.id()),
            (Some(previous), Some(time)) => time > previous,
            _ => true,
        }
    }

    /// Begins a new rescan, and returns the time of the newest conversation that is known.
    fn restart(&mut self) -> Option<i64> {
        self.previous_newest = self.newest.take().max(self.previous_newest);
        self.previous_newest
    }
}

/// When its latest message came; without one, when it was created, which is not later.
fn latest(meta: &RecordMeta) -> Option<i64> {
    meta.updated_at().or(meta.created_at()).map(timestamp::unix_millis)
}
