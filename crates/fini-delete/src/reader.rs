use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{KnownFilters, Page, Sightings, Walk};
use delete_core::{
    Clock, ClockSkew, Error, Filter, Found, Listing, Looks, Preflight, Presence, Reader, RecordId, Status, timestamp,
};

use crate::sweep::{self, Sweep};
use crate::{Client, wire};

#[async_trait]
impl Reader for Client {
    /// By the time of the latest message, in windows of 90 days from the newest to the oldest. Fini lists only
    /// conversations that it has touched. The list can be narrowed by time alone.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters::default()).map_err(for_fini)?;
        let sweep = Sweep::new(self.clone(), filter.earliest(), filter.latest());
        Ok(self.pipeline.listing(&filter, ConversationWalk { sweep, filter: filter.clone() }))
    }

    /// Costs as much as [`presences`](Self::presences) of many: look at all of them together.
    async fn presence(&self, id: &RecordId) -> Presence {
        let mut presences = self.presences(std::slice::from_ref(id)).await;
        presences.pop().unwrap_or_else(|| Presence::Unknown(for_fini(Error::invalid_input("no id"))))
    }

    /// Reads the list of the whole history, because the read of a single conversation says 500 of one that is gone:
    /// some 30 requests, or as many as it takes to see all of them. Absent is what stands nowhere in it.
    async fn presences(&self, ids: &[RecordId]) -> Vec<Presence> {
        self.look(ids, None).await.into_iter().map(Sight::into_presence).collect()
    }

    fn sweeps(&self) -> bool {
        true
    }

    /// After the first look, the list is read from the oldest time of those that were still there.
    async fn confirm_absence(&self, ids: &[RecordId], looks: Looks) -> Vec<Presence> {
        let sights = self.look(ids, None).await;
        let mut since = self.oldest_seen(&sights);
        let mut sightings = Sightings::new(ids, sights.into_iter().map(Sight::into_presence).collect());
        for wait in looks.waits() {
            let open = sightings.open();
            if open.is_empty() {
                break;
            }
            self.pipeline.clock().sleep(wait).await;
            let sights = self.look(&open, since).await;
            since = since.and(self.oldest_seen(&sights));
            sightings.update(sights.into_iter().map(Sight::into_presence).collect());
        }
        sightings.into_presences()
    }

    /// No state is documented in which a conversation goes on: every one counts as over, and nothing is sent.
    async fn live_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
        Ok(None)
    }

    /// The key works and has `read`. Whether it has `write` shows only when something is deleted.
    async fn check(&self) -> Result<Preflight, Error> {
        let until = timestamp::unix_millis(self.pipeline.clock().system_now());
        let query = wire::page_query(until - wire::LONGEST_WINDOW, until, 1, None);
        let page: wire::ConversationPage = self.pipeline.read_page(&self.bulk, &query, &wire::LIST).await?;
        Ok(Preflight::new(self.bulk.to_string(), !page.interactions.is_empty()))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.pipeline.clock())
    }

    fn clock_skew(&self) -> Option<ClockSkew> {
        self.pipeline.clock_skew()
    }
}

fn for_fini(error: Error) -> Error {
    error.for_vendor(wire::VENDOR)
}

/// What a sweep saw of one conversation.
#[derive(Clone)]
enum Sight {
    Seen {
        status: Option<Status>,
        /// Its latest message is no older than this. By which of its events the vendor sorts is not told, so it is the
        /// oldest time that is known of it.
        since: Option<SystemTime>,
    },
    NotSeen,
    /// The sweep did not come to its end.
    Unknown(Error),
}

impl Sight {
    fn of(found: &Found) -> Self {
        let times = found.created_at().zip(found.updated_at());
        Self::Seen { status: found.status().cloned(), since: times.map(|(created, updated)| created.min(updated)) }
    }

    fn into_presence(self) -> Presence {
        match self {
            Self::Seen { status, .. } => Presence::Present { status },
            Self::NotSeen => Presence::Absent,
            Self::Unknown(error) => Presence::Unknown(error),
        }
    }
}

impl Client {
    /// Since when the list must be read to find again those that were seen; `None` where that of one is not known. A
    /// message that comes later only makes it newer.
    fn oldest_seen(&self, sights: &[Sight]) -> Option<SystemTime> {
        let open = sights.iter().filter(|sight| !matches!(sight, Sight::NotSeen));
        let since = open.map(|sight| match sight {
            Sight::Seen { since, .. } => *since,
            _ => None,
        });
        let oldest = since.collect::<Option<Vec<_>>>()?.into_iter().min()?;
        oldest.min(self.pipeline.clock().system_now()).checked_sub(sweep::MARGIN)
    }

    /// Looks for conversations in the list of all that had a message at `since` or later; `None` is the whole history.
    async fn look(&self, ids: &[RecordId], since: Option<SystemTime>) -> Vec<Sight> {
        let wanted: HashSet<&RecordId> = ids.iter().filter(|id| id.as_uuid().is_some()).collect();
        let mut seen = HashMap::with_capacity(wanted.len());
        let mut sweep = Sweep::new(self.clone(), since, None);
        let unseen = loop {
            if seen.len() == wanted.len() {
                break Sight::NotSeen;
            }
            match sweep.next_page().await {
                Ok(Some(page)) => {
                    let ours = page.iter().filter_map(|found| Some((*wanted.get(found.id())?, Sight::of(found))));
                    seen.extend(ours);
                }
                Ok(None) => break Sight::NotSeen,
                Err(error) => break Sight::Unknown(for_fini(error)),
            }
        };
        let sight = |id: &RecordId| match id.as_uuid() {
            Some(_) => seen.get(id).unwrap_or(&unseen).clone(),
            None => Sight::Unknown(for_fini(Error::invalid_input("Fini's conversation ids are UUIDs"))),
        };
        ids.iter().map(sight).collect()
    }
}

struct ConversationWalk {
    sweep: Sweep,
    filter: Filter,
}

impl ConversationWalk {
    /// The vendor narrows by the latest message. Where its answer does not tell when that was, its word is taken, unless
    /// the conversation was made too late.
    fn judge(&self, found: Found) -> Option<Result<Found, Error>> {
        if found.updated_at().is_some() {
            return self.filter.sift(found, Found::updated_at);
        }
        let too_late = found.created_at().zip(self.filter.latest()).is_some_and(|(created, until)| created >= until);
        (!too_late).then_some(Ok(found))
    }
}

#[async_trait]
impl Walk for ConversationWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let Some(found) = self.sweep.next_page().await.map_err(for_fini)? else { return Ok(None) };
        Ok(Some(found.into_iter().filter_map(|found| self.judge(found)).collect()))
    }
}
