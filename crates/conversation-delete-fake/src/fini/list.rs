//! Fini's list: a window in time, newest message first, with the id of a conversation as the cursor.

use std::ops::Range;

use serde::Serialize;

use super::body::{self, CHANNEL, Conversation};
use super::{Fini, bad_request};
use crate::backend::{Call, Decision};
use crate::cursor;
use crate::keys::{Owner, Role};
use crate::message::FakeReply;
use crate::records::{Filter, Order, Place, RecordState, Selection, Walk};
use crate::target::Target;
use crate::world::{Effect, World};

const DAY_MS: u64 = 86_400_000;

/// Docs: the last 7 days if no window is given; no window above 90 days.
const USUAL_WINDOW: u64 = 7 * DAY_MS;
const LONGEST_WINDOW: u64 = 90 * DAY_MS;

/// Docs: `limit` is 1 to 100, by default 50.
const LIMIT: u64 = 50;
const MOST: u64 = 100;

/// What a list is asked for.
struct Query<'a> {
    since: u64,
    /// If none is given, the window has no end.
    until: Option<u64>,
    limit: usize,
    cursor: Option<&'a str>,
    newer: bool,
    agent: Option<&'a str>,
    /// Whether `source` and `channel` name those that all records have.
    fits: bool,
}

/// Docs: the two cursors are null at the ends. The key of the list is the older page's or the newer one's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    interactions: Option<Vec<Conversation<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversations: Option<Vec<Conversation<'a>>>,
    has_more: bool,
    next_cursor: Option<String>,
    prev_cursor: Option<String>,
}

impl Fini {
    pub(super) fn list(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_read)?;
        let query = Query::read(call.target, world).map_err(|problem| bad_request(&[problem], world))?;
        let received = query.cursor.map(|_| cursor::received());
        match query.from(role.owner(), world) {
            Ok(from) => Ok(query.page(from, role.owner(), received, world)),
            Err(()) => Ok(Decision::new(bad_request(&["cursor is not valid"], world), Vec::from_iter(received))),
        }
    }
}

impl<'a> Query<'a> {
    fn read(target: &'a Target, world: &World) -> Result<Self, &'static str> {
        let (since, until) = times(target, world.clock.unix_ms())?;
        let limit = target.number("limit", LIMIT).filter(|limit| (1..=MOST).contains(limit));
        let newer = match target.value("direction").unwrap_or("next") {
            // Docs: `next` moves to older conversations.
            "next" => false,
            "previous" => true,
            _ => return Err("direction must be one of the following values: next, previous"),
        };
        let fits = world.ignores_filters()
            || (names(target, "source", world.options.get("source")) && names(target, "channel", CHANNEL));
        Ok(Self {
            since,
            until,
            limit: limit.and_then(|limit| usize::try_from(limit).ok()).ok_or("limit must be between 1 and 100")?,
            cursor: target.value("cursor"),
            newer,
            agent: target.value("agentId"),
            fits,
        })
    }

    /// Returns where the cursor points, or an error if it points nowhere. Docs: "Conversation ID to paginate from". What becomes
    /// of it when its conversation is deleted is unknown.
    fn from(&self, owner: Owner, world: &World) -> Result<Option<Place>, ()> {
        let Some(id) = self.cursor else { return Ok(None) };
        if cursor::has_expired(world) {
            return Err(());
        }
        match world.records.cursor(id, owner) {
            Some((_, RecordState::Deleted)) if world.options.is("deleted_cursor", "400") => Err(()),
            Some((place, _)) => Ok(Some(place)),
            None => Err(()),
        }
    }

    fn page(&self, from: Option<Place>, owner: Owner, received: Option<Effect>, world: &World) -> Decision {
        let filter = Filter { agent: self.agent.map(str::to_owned), ..Filter::default() };
        let selection = world.select(owner, Order::Updated, filter);
        let within = self.window(&selection, world);
        let mut page = selection.walk(&Walk { within, from, ascending: self.newer, limit: self.limit });
        let far = page.items.last().map(|item| item.id.to_owned());
        let near = page.items.first().map(|item| item.id.to_owned()).filter(|_| page.behind);
        let listed = Effect::Listed { owner, last: far.clone() };
        let (has_more, ahead) = cursor::next(world, self.cursor, page.ahead, far);
        if self.newer {
            page.items.reverse();
        }
        let (next, previous) = if self.newer { (near, ahead) } else { (ahead, near) };
        let shown: Vec<_> = page.items.iter().map(|item| body::conversation(item, world)).collect();
        let is_renamed = world.options.is("list_key", "conversations");
        let (interactions, conversations) = if is_renamed { (None, Some(shown)) } else { (Some(shown), None) };
        let body = Page { interactions, conversations, has_more, next_cursor: next, prev_cursor: previous };
        Decision::new(FakeReply::of(200, &body), received.into_iter().chain([listed]).collect())
    }

    /// The part of the selection that lies in the window. Whether its bounds belong to it is unknown.
    fn window(&self, selection: &Selection<'_>, world: &World) -> Range<usize> {
        if !self.fits {
            return 0..0;
        }
        if world.ignores_filters() {
            return 0..selection.len();
        }
        let exclusive = u64::from(world.options.is("bounds", "exclusive"));
        let first = selection.count_before(self.since.saturating_add(exclusive));
        let end = self.until.map(|until| selection.count_before(until.saturating_add(1 - exclusive)));
        first..end.unwrap_or(selection.len())
    }
}

/// The two ends of the window. Docs: `since` strictly before `until`, and not more than 90 days.
fn times(target: &Target, now: u64) -> Result<(u64, Option<u64>), &'static str> {
    let since = target.number("since", now.saturating_sub(USUAL_WINDOW)).ok_or("since must be a number")?;
    let until = target.value("until").map(|value| value.parse().map_err(|_| "until must be a number")).transpose()?;
    let end = until.unwrap_or(now);
    if since >= end {
        return Err("since must be before until");
    }
    if end - since > LONGEST_WINDOW {
        return Err("the window must not be longer than 90 days");
    }
    Ok((since, until))
}

/// Docs: comma separated or repeated. All records here have the same source and channel.
fn names(target: &Target, name: &str, usual: &str) -> bool {
    let mut values =
        target.values(name).flat_map(|value| value.split(',')).filter(|value| !value.is_empty()).peekable();
    values.peek().is_none() || values.any(|value| value == usual)
}
