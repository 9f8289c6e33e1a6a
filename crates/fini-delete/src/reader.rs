use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{ErrorExt, Page, Pager, select, select_page};
use delete_core::{
    CredentialCheck, Delivery, Error, ErrorKind, Filter, Listing, Presence, RecordId, RecordMeta, RecordReader, Status,
    timestamp,
};

use crate::scan::{self, FullScan};
use crate::seen::SeenIds;
use crate::{Client, wire};

#[async_trait]
impl RecordReader for Client {
    delete_core::reader_methods!(wire::VENDOR);

    /// By the time of the latest message, in windows of 90 days from the newest to the oldest. Fini lists only
    /// conversations that it has touched, and lists by nothing but time.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = self.pipeline.begin_listing(filter)?;
        let scan = FullScan::new(self.clone(), filter.since(), filter.until());
        Ok(self.pipeline.listing(&filter, ConversationPager { scan, seen: self.seen.clone(), filter: filter.clone() }))
    }

    /// Costs as much as [`lookup_many`](Self::lookup_many): look up many in one call.
    async fn lookup(&self, id: &RecordId) -> Presence {
        let mut presences = self.lookup_many(std::slice::from_ref(id)).await;
        presences.pop().unwrap_or_else(|| Presence::Unknown(Error::invalid_input("no id").for_vendor(wire::VENDOR)))
    }

    /// Reads the list of the whole history in some 30 requests, or until all are found.
    ///
    /// A conversation that the list does not have is absent only if this client or a clone of it saw it before: in a list,
    /// in a lookup, by a bulk delete that returned 200, or by [`mark_seen`](Self::mark_seen). Otherwise it is unknown.
    async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
        self.look_up(ids, None).await
    }

    /// Reads the list back to the oldest of those that were present.
    async fn lookup_again(&self, ids: &[RecordId], earlier: &[Presence]) -> Vec<Presence> {
        let since = self.oldest(earlier).filter(|_| earlier.len() == ids.len());
        self.look_up(ids, since).await
    }

    fn prefers_bulk_lookup(&self) -> bool {
        true
    }

    /// Fini documents no active state: every conversation counts as over, and nothing is sent.
    async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
        Ok(None)
    }

    /// Checks that the key works and has the scope `read`. Only a delete shows whether it has `write`.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let until = timestamp::unix_millis(self.pipeline.clock().system_now());
        let query = wire::page_query(until - wire::LONGEST_WINDOW, until, 1, None);
        let page: wire::ConversationPage = self.pipeline.read_page(&self.bulk, &query, &wire::LIST).await?;
        // An empty window says nothing of older conversations.
        Ok(CredentialCheck::new(self.bulk.to_string(), (!page.interactions.is_empty()).then_some(true)))
    }

    fn mark_seen(&self, ids: &[RecordId]) {
        self.seen.insert(ids);
    }
}

impl Client {
    /// From when on the list must be read to find these conversations again; `None` if that is unknown of one of them. A
    /// later message makes a conversation only newer.
    fn oldest(&self, earlier: &[Presence]) -> Option<SystemTime> {
        let oldest = earlier.iter().map(Presence::listed_since).collect::<Option<Vec<_>>>()?.into_iter().min()?;
        oldest.min(self.pipeline.clock().system_now()).checked_sub(scan::MARGIN)
    }

    /// Looks conversations up in the list of all that had a message at `since` or later; `None` is the whole history.
    async fn look_up(&self, ids: &[RecordId], since: Option<SystemTime>) -> Vec<Presence> {
        let wanted: HashSet<&RecordId> = ids.iter().filter(|id| id.as_uuid().is_some()).collect();
        let mut found = HashMap::with_capacity(wanted.len());
        let scanned = self.scan_for(&wanted, since, &mut found).await;
        self.seen.insert(found.keys().copied());
        ids.iter().map(|id| found.get(id).cloned().unwrap_or_else(|| self.presence_of_unlisted(id, &scanned))).collect()
    }

    /// Fills `found` with those of `wanted` that the list has. The others are not listed if the scan succeeds.
    async fn scan_for<'a>(
        &self,
        wanted: &HashSet<&'a RecordId>,
        since: Option<SystemTime>,
        found: &mut HashMap<&'a RecordId, Presence>,
    ) -> Result<(), Error> {
        let mut scan = FullScan::new(self.clone(), since, None);
        let mut unreadable = None;
        while found.len() < wanted.len() {
            let Some(page) = scan.next_page().await? else {
                // The entry that could not be read may be any of those that were not found.
                return unreadable.map_or(Ok(()), Err);
            };
            for entry in page {
                match entry {
                    Ok(meta) => found.extend(wanted.get(meta.id()).map(|id| (*id, presence_of_listed(&meta)))),
                    Err(error) => unreadable = Some(error),
                }
            }
        }
        Ok(())
    }

    fn presence_of_unlisted(&self, id: &RecordId, scanned: &Result<(), Error>) -> Presence {
        let error = match scanned {
            _ if id.as_uuid().is_none() => Error::invalid_input("Fini's conversation ids are UUIDs"),
            Err(error) => error.clone(),
            Ok(()) if self.seen.contains(id) => return Presence::Absent,
            Ok(()) => never_seen(),
        };
        Presence::Unknown(error.for_vendor(wire::VENDOR))
    }
}

/// Fini does not document by which event it sorts, so a conversation is listed since the oldest time that is known of it.
fn presence_of_listed(meta: &RecordMeta) -> Presence {
    let times = meta.created_at().zip(meta.updated_at());
    Presence::present(meta.status().cloned()).with_listed_since(times.map(|(created, updated)| created.min(updated)))
}

fn never_seen() -> Error {
    let message = "the list does not have the conversation, but this credential has never seen it, so its absence \
    is not proven: a conversation that Fini never touched, or that is older than the history that is read, is not \
    listed; check the id and which workspace the key belongs to";
    Error::builder(ErrorKind::NotFound, message).for_reading().delivery(Delivery::Answered).build()
}

struct ConversationPager {
    scan: FullScan,
    seen: SeenIds,
    filter: Filter,
}

impl ConversationPager {
    /// Fini lists by the latest message. A conversation without its time is listed unless it was created too late.
    fn select(&self, meta: RecordMeta) -> Option<Result<RecordMeta, Error>> {
        if meta.updated_at().is_some() {
            return select([("date", self.filter.matches(meta.updated_at()))], meta);
        }
        let is_too_late = meta.created_at().zip(self.filter.until()).is_some_and(|(created, until)| created >= until);
        (!is_too_late).then_some(Ok(meta))
    }
}

#[async_trait]
impl Pager for ConversationPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let Some(page) = self.scan.next_page().await? else { return Ok(None) };
        self.seen.insert(page.iter().flatten().map(RecordMeta::id));
        Ok(Some(select_page(page, |meta| self.select(meta))))
    }
}
