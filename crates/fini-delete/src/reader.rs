use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{ErrorExt, KnownFilters, Page, Pager, PendingChecks};
use delete_core::{
    Clock, ClockSkew, CredentialCheck, Error, Filter, Listing, Presence, RecordId, RecordMeta, RecordReader, Status,
    VerifyPolicy, timestamp,
};

use crate::scan::{self, FullScan};
use crate::seen::SeenIds;
use crate::{Client, wire};

#[async_trait]
impl RecordReader for Client {
    /// By the time of the latest message, in windows of 90 days from the newest to the oldest. Fini lists only
    /// conversations that it has touched. The list can be narrowed by time alone.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters::default()).map_err(for_fini)?;
        let sweep = FullScan::new(self.clone(), filter.earliest(), filter.latest());
        Ok(self.pipeline.listing(&filter, ConversationWalk { sweep, seen: self.seen.clone(), filter: filter.clone() }))
    }

    /// Costs as much as [`lookup_many`](Self::lookup_many) of many: look up all of them together.
    async fn lookup(&self, id: &RecordId) -> Presence {
        let mut lookup_many = self.lookup_many(std::slice::from_ref(id)).await;
        lookup_many.pop().unwrap_or_else(|| Presence::Unknown(for_fini(Error::invalid_input("no id"))))
    }

    /// Reads the list of the whole history, because the read of a single conversation answers 500 for one that is gone:
    /// some 30 requests, or as many as it takes to find all of them.
    ///
    /// A conversation that the list does not hold is absent only if this client or a clone of it saw it before: in a
    /// list, in a lookup, by a bulk delete that answered 200, or by [`mark_seen`](Self::mark_seen). Else it is unknown:
    /// Fini does not list a conversation that it never touched, or that is older than the history that is read.
    async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
        self.look(ids, None).await.into_iter().map(Sight::into_presence).collect()
    }

    fn prefers_bulk_lookup(&self) -> bool {
        true
    }

    /// After the first look, the list is read from the oldest time of those that were still there.
    async fn confirm_absence(&self, ids: &[RecordId], looks: VerifyPolicy) -> Vec<Presence> {
        let sights = self.look(ids, None).await;
        let mut since = self.oldest_seen(&sights);
        let mut sightings = PendingChecks::new(ids, sights.into_iter().map(Sight::into_presence).collect());
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

    /// No active state of a conversation is documented: every conversation counts as over, and nothing is sent.
    async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
        Ok(None)
    }

    /// The key works and has `read`. Whether it has `write` shows only when something is deleted.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let until = timestamp::unix_millis(self.pipeline.clock().system_now());
        let query = wire::page_query(until - wire::LONGEST_WINDOW, until, 1, None);
        let page: wire::ConversationPage = self.pipeline.read_page(&self.bulk, &query, &wire::LIST).await?;
        Ok(CredentialCheck::new(self.bulk.to_string(), !page.is_empty()))
    }

    fn mark_seen(&self, ids: &[RecordId]) {
        self.seen.note(ids);
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
        /// Its latest message is no older than this. It is not documented by which of its events the vendor
        /// sorts, so it is the oldest time that is known of it.
        since: Option<SystemTime>,
    },
    Absent,
    /// The sweep did not come to its end, or proves nothing for this conversation.
    Unknown(Error),
}

impl Sight {
    fn of(found: &RecordMeta) -> Self {
        let times = found.created_at().zip(found.updated_at());
        Self::Seen { status: found.status().cloned(), since: times.map(|(created, updated)| created.min(updated)) }
    }

    fn into_presence(self) -> Presence {
        match self {
            Self::Seen { status, .. } => Presence::Present { status },
            Self::Absent => Presence::Absent,
            Self::Unknown(error) => Presence::Unknown(error),
        }
    }
}

impl Client {
    /// Since when the list must be read to find again those that were seen; `None` where that of one is not known. A
    /// message that comes later only makes it newer.
    fn oldest_seen(&self, sights: &[Sight]) -> Option<SystemTime> {
        let since = sights.iter().filter_map(|sight| match sight {
            Sight::Seen { since, .. } => Some(*since),
            Sight::Unknown(error) if error.is_retryable() => Some(None),
            Sight::Unknown(_) | Sight::Absent => None,
        });
        let oldest = since.collect::<Option<Vec<_>>>()?.into_iter().min()?;
        oldest.min(self.pipeline.clock().system_now()).checked_sub(scan::MARGIN)
    }

    /// Looks for conversations in the list of all that had a message at `since` or later; `None` is the whole history.
    async fn look(&self, ids: &[RecordId], since: Option<SystemTime>) -> Vec<Sight> {
        let wanted: HashSet<&RecordId> = ids.iter().filter(|id| id.as_uuid().is_some()).collect();
        let mut seen = HashMap::with_capacity(wanted.len());
        let swept = self.sweep_for(&wanted, since, &mut seen).await;
        self.seen.note(seen.keys().copied());
        let sight = |id| seen.get(id).cloned().unwrap_or_else(|| self.sight_of_unlisted(id, &swept));
        ids.iter().map(sight).collect()
    }

    /// Fills `seen` with those of `wanted` that the list holds. Whoever is not in it then is not listed.
    async fn sweep_for<'a>(
        &self,
        wanted: &HashSet<&'a RecordId>,
        since: Option<SystemTime>,
        seen: &mut HashMap<&'a RecordId, Sight>,
    ) -> Result<(), Error> {
        let mut sweep = FullScan::new(self.clone(), since, None);
        let mut unreadable = None;
        while seen.len() < wanted.len() {
            let Some(page) = sweep.next_page().await? else {
                // The one that could not be read may be any of those that were not found.
                return unreadable.map_or(Ok(()), Err);
            };
            for entry in page {
                match entry {
                    Ok(found) => seen.extend(wanted.get(found.id()).map(|id| (*id, Sight::of(&found)))),
                    Err(error) => unreadable = Some(error),
                }
            }
        }
        Ok(())
    }

    fn sight_of_unlisted(&self, id: &RecordId, swept: &Result<(), Error>) -> Sight {
        let error = match swept {
            _ if id.as_uuid().is_none() => Error::invalid_input("Fini's conversation ids are UUIDs"),
            Err(error) => error.clone(),
            Ok(()) if self.seen.contains(id) => return Sight::Absent,
            Ok(()) => Error::not_listed(NEVER_SEEN),
        };
        Sight::Unknown(for_fini(error))
    }
}

const NEVER_SEEN: &str = "the list does not hold the conversation, but this credential has never seen it, so its absence \
    is not proven: a conversation that Fini never touched, or that is older than the history that is read, is not \
    listed; check the id and which workspace the key belongs to";

struct ConversationWalk {
    sweep: FullScan,
    seen: SeenIds,
    filter: Filter,
}

impl ConversationWalk {
    /// The vendor narrows by the latest message. If the response does not hold its time, the conversation is
    /// listed unless it was created too late.
    fn judge(&self, found: RecordMeta) -> Option<Result<RecordMeta, Error>> {
        if found.updated_at().is_some() {
            return self.filter.sift(found, RecordMeta::updated_at);
        }
        let too_late = found.created_at().zip(self.filter.latest()).is_some_and(|(created, until)| created >= until);
        (!too_late).then_some(Ok(found))
    }
}

#[async_trait]
impl Pager for ConversationWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let Some(page) = self.sweep.next_page().await.map_err(for_fini)? else { return Ok(None) };
        self.seen.note(page.iter().flatten().map(RecordMeta::id));
        let judge = |entry| match entry {
            Ok(found) => self.judge(found),
            Err(error) => Some(Err(for_fini(error))),
        };
        Ok(Some(page.into_iter().filter_map(judge).collect()))
    }
}
