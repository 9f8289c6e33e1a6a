use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use delete_core::vendor_kit::{CursorCycleCheck, ErrorExt, KnownFilters, Page, PageDedup, Pager};
use delete_core::{
    Clock, ClockSkew, ConversationId, CredentialCheck, Error, ErrorKind, Filter, Listing, Presence, RecordId,
    RecordMeta, RecordReader, Status,
};

use crate::{Client, wire};

#[async_trait]
impl RecordReader for Client {
    /// Newest call first. Calls that begin after the listing did are left out. If the vendor's cursor expires, the list is
    /// begun again, and yields again what it yielded before.
    ///
    /// The list does not name the users of its conversations, so a listing by user first asks for a user that nobody has.
    /// If that lists anything, the vendor ignores the filter, and the listing fails.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let now = self.pipeline.clock().system_now();
        let filter = filter.at(now);
        filter.check(KnownFilters { status: true, agent: true, user: true }).map_err(for_elevenlabs)?;
        Ok(self.pipeline.listing(&filter, ConversationWalk::new(self.clone(), &filter, now)))
    }

    /// Only 404 with the code `conversation_not_found` or `conversation_history_not_found` is absent; another 404 is
    /// unknown. A conversation that retention has emptied is still present.
    async fn lookup(&self, id: &RecordId) -> Presence {
        match self.conversation(id).await {
            Ok(conversation) => Presence::Present { status: conversation.status() },
            Err(error) if error.kind() == ErrorKind::NotFound => Presence::Absent,
            Err(error) => Presence::Unknown(error),
        }
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let status = self.conversation(id).await?.status();
        let is_over = wire::is_over(status.as_ref());
        Ok((!is_over).then(|| status.unwrap_or_else(|| Status::from_word("unknown"))))
    }

    /// The key works at this residency and has `convai_read`. Whether it has `convai_write` shows only when something is
    /// deleted.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let query = wire::page_query(&Filter::new(), 1, None);
        let page: wire::ConversationPage = self.pipeline.read_page(&self.conversations, &query, &wire::LIST).await?;
        Ok(CredentialCheck::new(self.conversations.to_string(), !page.conversations.is_empty()))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.pipeline.clock())
    }

    fn clock_skew(&self) -> Option<ClockSkew> {
        self.pipeline.clock_skew()
    }
}

impl Client {
    async fn conversation(&self, id: &RecordId) -> Result<wire::Conversation, Error> {
        let conversation_id = conversation_id(id)?;
        let conversation: wire::Conversation = self.pipeline.read_record(&self.conversations, id, &wire::GET).await?;
        match conversation.is(conversation_id) {
            true => Ok(conversation),
            false => Err(for_elevenlabs(Error::unexpected_response("the response is about another conversation"))),
        }
    }
}

fn conversation_id(id: &RecordId) -> Result<&ConversationId, Error> {
    id.as_conversation()
        .ok_or_else(|| for_elevenlabs(Error::invalid_input("a UUID is not an ElevenLabs conversation id")))
}

fn for_elevenlabs(error: Error) -> Error {
    error.for_vendor(wire::VENDOR)
}

/// Our clock may be this much behind, and the first page is not read again for it.
const NEGLIGIBLE: Duration = Duration::from_secs(4);

/// A list whose cursor expires so often cannot be read.
const MAX_RESTARTS: u32 = 3;

struct ConversationWalk {
    client: Client,
    /// Its end is fixed, so that new calls do not move the pages.
    filter: Filter,
    /// The end that the caller asks for.
    wanted_end: Option<SystemTime>,
    /// When the listing began, by our clock.
    started: SystemTime,
    is_begun: bool,
    cursor: Option<String>,
    is_at_end: bool,
    restarts: u32,
    /// Whether the filter by user is still to be tried.
    needs_probe: bool,
    pages: PageDedup,
    cursors: CursorCycleCheck,
}

impl ConversationWalk {
    fn new(client: Client, filter: &Filter, started: SystemTime) -> Self {
        let wanted_end = filter.latest();
        Self {
            needs_probe: filter.wanted_user().is_some(),
            client,
            filter: filter.clone().until(wanted_end.map_or(started, |wanted| wanted.min(started))),
            wanted_end,
            started,
            is_begun: false,
            cursor: None,
            is_at_end: false,
            restarts: 0,
            pages: PageDedup::default(),
            cursors: CursorCycleCheck::default(),
        }
    }

    /// Makes sure that the vendor applies the filter by user: nobody has this one, so it must list nothing.
    async fn probe(&mut self) -> Result<(), Error> {
        let nobody = format!("nobody-{:016x}", RandomState::new().hash_one(0_u8));
        let query = wire::probe_query(&self.filter, &nobody);
        let Client { pipeline, conversations } = &self.client;
        let page: wire::ConversationPage = pipeline.read_page(conversations, &query, &wire::LIST).await?;
        if page.conversations.is_empty() && !page.has_more {
            self.needs_probe = false;
            return Ok(());
        }
        let message = "the vendor ignores the filter by user: it lists conversations of a user that nobody has";
        Err(Error::unexpected_response(message))
    }

    /// Reads the next page, from the beginning of the list where its cursor is no longer good.
    async fn read_page(&mut self) -> Result<wire::ConversationPage, Error> {
        loop {
            let query = wire::page_query(&self.filter, wire::PAGE_SIZE, self.cursor.as_deref());
            let Client { pipeline, conversations } = &self.client;
            match pipeline.read_page(conversations, &query, &wire::LIST).await {
                Err(error) if self.cursor.is_some() && error.kind() == ErrorKind::NotFound => self.restart()?,
                page => return page,
            }
        }
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            let message = format!("the list's cursor expired {} times before its end was reached", self.restarts);
            return Err(Error::unexpected_response(message));
        }
        self.cursor = None;
        self.pages.restart();
        self.cursors = CursorCycleCheck::default();
        Ok(())
    }

    /// Reads the first page, again if its response shows that the end of the range is not the present by the vendor's clock.
    async fn read_first_page(&mut self) -> Result<wire::ConversationPage, Error> {
        self.correct_end();
        let page = self.read_page().await?;
        if self.correct_end() { self.read_page().await } else { Ok(page) }
    }

    /// If our clock is behind the vendor's, moves the end of the range on to the vendor's present, but not past the end that
    /// is asked for. Returns whether the end has moved.
    fn correct_end(&mut self) -> bool {
        let behind = self.client.pipeline.clock_skew().and_then(ClockSkew::behind_at_most);
        let behind = behind.filter(|behind| *behind > NEGLIGIBLE);
        let Some(present) = behind.and_then(|behind| self.started.checked_add(behind)) else { return false };
        let end = self.wanted_end.map_or(present, |wanted| wanted.min(present));
        let has_moved = self.filter.latest().is_none_or(|before| before < end);
        if has_moved {
            self.filter = self.filter.clone().until(end);
        }
        has_moved
    }

    /// Moves on to the page after this one.
    fn advance(&mut self, page: &wire::ConversationPage) -> Result<(), Error> {
        self.is_at_end = !page.has_more;
        if self.is_at_end {
            return Ok(());
        }
        let Some(cursor) = page.next_cursor.as_ref().filter(|cursor| !cursor.is_empty()) else {
            return Err(Error::unexpected_response("the list has more, but its answer says not where"));
        };
        self.cursors.advance(cursor)?;
        self.cursor = Some(cursor.clone());
        Ok(())
    }

    async fn next_wanted(&mut self) -> Result<Page, Error> {
        if self.needs_probe {
            self.probe().await?;
        }
        let page = match self.is_begun {
            true => self.read_page().await?,
            false => self.read_first_page().await?,
        };
        self.is_begun = true;
        self.advance(&page)?;
        let of_ours = page.conversations.iter().filter(|conversation| conversation.may_be_of(&self.filter));
        let (agentless, of_ours): (Vec<_>, Vec<_>) =
            of_ours.partition(|conversation| conversation.lacks_agent(&self.filter));
        let (found, unreadable): (Vec<_>, Vec<_>) =
            of_ours.into_iter().map(wire::ListedConversation::found).partition(Result::is_ok);
        let new = self.pages.advance(found.into_iter().flatten().collect())?;
        let sift = |found| self.filter.sift(found, RecordMeta::created_at);
        let unknown = agentless.into_iter().filter_map(|conversation| self.without_agent(conversation));
        let wanted = new.into_iter().filter_map(sift).chain(unreadable).chain(unknown);
        Ok(wanted.map(|found| found.map_err(for_elevenlabs)).collect())
    }

    /// What a listing by agent yields of a conversation that names no agent: nothing if it is not wanted anyway.
    fn without_agent(&self, conversation: &wire::ListedConversation) -> Option<Result<RecordMeta, Error>> {
        let found = match conversation.found() {
            Ok(found) => self.filter.sift(found, RecordMeta::created_at)?,
            error => error,
        };
        Some(found.and_then(|found| {
            let id = found.id();
            let message = format!("{id} has no agent that can be read, so it is unknown whether it is wanted");
            Err(Error::unexpected_response(message))
        }))
    }
}

#[async_trait]
impl Pager for ConversationWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        if self.is_at_end {
            return Ok(None);
        }
        self.next_wanted().await.map(Some).map_err(for_elevenlabs)
    }
}
