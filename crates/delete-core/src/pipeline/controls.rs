//! What a client reports of its waits and its clock, and lists that depend on that clock.

use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;

use super::{MAX_TIMEOUT, Pipeline};
use crate::error::{Error, ErrorKind};
use crate::lookup::{Page, Pager};
use crate::{ClockSkew, Filter, Listing};

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

    /// A listing of the pages of `walk`, which ends with [`ErrorKind::ClockSkew`] if `filter` depends on a clock that is
    /// wrong.
    pub fn listing(&self, filter: &Filter, walk: impl Pager + 'static) -> Listing {
        Listing::from_pages(ClockChecked { pipeline: self.clone(), filter: filter.clone(), walk })
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
struct ClockChecked<W> {
    pipeline: Pipeline,
    filter: Filter,
    walk: W,
}

#[async_trait]
impl<W: Pager> Pager for ClockChecked<W> {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let page = self.walk.next_page().await?;
        self.pipeline.check_clock(&self.filter)?;
        Ok(page)
    }
}
