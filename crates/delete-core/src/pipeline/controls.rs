//! What a client reports of its waits and its clock, and lists that depend on that clock.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::{MAX_TIMEOUT, Pipeline};
use crate::error::{Error, ErrorExt, ErrorKind};
use crate::lookup::{Page, Pager};
use crate::{ClockSkew, Filter, Listing, StatusFilter};

impl Pipeline {
    /// How long requests are still blocked by a `Retry-After`, of the vendor or of its token endpoint; zero if they are not.
    pub fn throttled_for(&self) -> Duration {
        let [api, tokens] = [&self.shared.limits, &self.shared.token_limits]
            .map(|limits| limits.throttle.throttled_for(|| self.clock().now()));
        api.max(tokens)
    }

    /// The same client with another time for each call; at most a day.
    #[must_use]
    pub fn with_total_timeout(&self, timeout: Duration) -> Self {
        Self { total_timeout: timeout.min(MAX_TIMEOUT), ..self.clone() }
    }

    /// Lets requests leave at once, whatever `Retry-After` said.
    pub fn clear_throttle(&self) {
        self.shared.limits.throttle.clear();
        self.shared.token_limits.throttle.clear();
    }

    /// How far our clock is from the vendor's, by the latest response with a `Date`; `None` before the first one.
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        *self.shared.clock_skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A time by our clock, later by as much as our clock may be behind the vendor's: whatever the vendor dated before then
    /// is not after it.
    pub fn by_later_clock(&self, time: SystemTime) -> SystemTime {
        let behind = self.clock_skew().and_then(ClockSkew::behind_at_most).unwrap_or_default();
        time.checked_add(behind).unwrap_or(time)
    }

    /// Begins a listing: the filter with its ages as times, counted from now.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if no record can match the filter.
    pub fn begin_listing(&self, filter: &Filter) -> Result<Filter, Error> {
        let filter = filter.at(self.clock().system_now());
        filter.check().for_vendor(self.vendor())?;
        Ok(filter)
    }

    /// Begins a listing by status, as [`begin_listing`](Self::begin_listing) does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if no record can match the filter, or a status is empty or cannot be seen.
    pub fn begin_status_listing(&self, filter: &StatusFilter) -> Result<StatusFilter, Error> {
        let times = self.begin_listing(filter.times())?;
        filter.check_statuses().for_vendor(self.vendor())?;
        Ok(filter.with_times(times))
    }

    /// The records of these pages. It names the vendor in their errors, and ends with [`ErrorKind::ClockSkew`] if `filter`
    /// depends on a clock that is wrong.
    pub fn listing(&self, filter: &Filter, pager: impl Pager + 'static) -> Listing {
        Listing::from_pages(Checked { pipeline: self.clone(), filter: filter.clone(), pager })
    }

    /// Refuses a filter by age if our clock is more than [`ClockSkew::TOLERATED`] from the vendor's.
    fn check_clock(&self, filter: &Filter) -> Result<(), Error> {
        match self.clock_skew().filter(|skew| skew.is_excessive() && filter.depends_on_clock()) {
            Some(skew) => {
                let message = format!("{skew}, so the filter by age would select other records than meant");
                Err(Error::builder(ErrorKind::ClockSkew, message).for_reading().vendor(self.vendor()).build())
            }
            None => Ok(()),
        }
    }
}

/// Checks the clock after each page, and so before any record comes out.
struct Checked<P> {
    pipeline: Pipeline,
    filter: Filter,
    pager: P,
}

#[async_trait]
impl<P: Pager> Pager for Checked<P> {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let vendor = self.pipeline.vendor();
        let page = self.pager.next_page().await.for_vendor(vendor)?;
        self.pipeline.check_clock(&self.filter)?;
        let named = |page: Page| page.into_iter().map(|entry| entry.for_vendor(vendor)).collect();
        Ok(page.map(named))
    }
}
