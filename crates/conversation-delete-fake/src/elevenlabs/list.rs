//! ElevenLabs' list: newest call first, with an opaque cursor.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{ElevenLabs, unprocessable};
use crate::backend::{Backend as _, Call, Decision};
use crate::keys::{Owner, Role};
use crate::message::FakeReply;
use crate::records::{Filter, Item, Order, Place, Selection, Walk};
use crate::target::Target;
use crate::world::{Effect, World};
use crate::{CANARY_NAME, CANARY_TEXT, cursor};

/// Docs: `page_size` is 1 to 100, by default 30.
const PAGE_SIZE: u64 = 30;
const MOST: u64 = 100;

/// What a list is asked for. Names that are not read here are ignored (assumed, E19).
struct Query<'a> {
    size: u64,
    cursor: Option<&'a str>,
    ascending: bool,
    after: Option<u64>,
    before: Option<u64>,
    with_summary: bool,
    filter: Filter,
}

impl ElevenLabs {
    pub(super) fn list(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_read, "convai_read")?;
        let query = Query::read(call.target, world).map_err(|name| unprocessable("query", name))?;
        if !(1..=MOST).contains(&query.size) {
            return Err(self.error(400, Some("invalid_page_size"), world));
        }
        let received = query.cursor.map(|_| cursor::received());
        match query.from(world) {
            Ok(from) => Ok(query.page(from, role.owner(), received, world)),
            Err(()) => Ok(Decision::new(self.error(400, Some("invalid_cursor"), world), Vec::from_iter(received))),
        }
    }
}

impl<'a> Query<'a> {
    /// The error is the name of a parameter that cannot be understood.
    fn read(target: &'a Target, world: &World) -> Result<Self, &'static str> {
        let seconds = |name: &'static str| target.value(name).map(|value| value.parse().map_err(|_| name)).transpose();
        let ascending = match target.value("sort_direction").unwrap_or("desc") {
            "asc" => true,
            "desc" => false,
            _ => return Err("sort_direction"),
        };
        let with_summary = match target.value("summary_mode").unwrap_or("exclude") {
            "include" => true,
            "exclude" => false,
            _ => return Err("summary_mode"),
        };
        let text = |name| target.value(name).map(str::to_owned);
        // Items carry no user, so a client cannot tell (E30).
        let user = text("user_id").filter(|_| world.options.is("ignore_user_filter", "no"));
        let not_statuses = target.values("exclude_statuses").map(str::to_owned).collect();
        Ok(Self {
            size: target.number("page_size", PAGE_SIZE).ok_or("page_size")?,
            cursor: target.value("cursor"),
            ascending,
            after: seconds("call_start_after_unix")?,
            before: seconds("call_start_before_unix")?,
            with_summary,
            filter: Filter { not_statuses, agent: text("agent_id"), user, ..Filter::default() },
        })
    }

    /// Returns where the cursor points, or an error if it is not one of ours or has expired.
    fn from(&self, world: &World) -> Result<Option<Place>, ()> {
        match self.cursor {
            None => Ok(None),
            Some(_) if cursor::has_expired(world) => Err(()),
            Some(cursor) => place(cursor).map(Some).ok_or(()),
        }
    }

    fn page(&self, from: Option<Place>, owner: Owner, received: Option<Effect>, world: &World) -> Decision {
        let selection = world.select(owner, Order::Created, self.filter.clone());
        let within = self.window(&selection, world);
        let limit = usize::try_from(self.size).unwrap_or(usize::MAX);
        let page = selection.walk(&Walk { within, from, ascending: self.ascending, limit });
        let last = page.items.last();
        let (has_more, next) = cursor::next(world, self.cursor, page.ahead, last.map(cursor_after));
        let listed = Effect::Listed { owner, last: last.map(|item| item.id.to_owned()) };
        let items: Vec<Value> = page.items.iter().map(|item| self.item(item)).collect();
        let mut body = json!({ "conversations": items, "has_more": has_more });
        // Docs: `next_cursor` is nullable and not required.
        if next.is_some() || world.options.is("end_cursor", "null") {
            body["next_cursor"] = next.into();
        }
        Decision::new(FakeReply::json(200, body.to_string()), received.into_iter().chain([listed]).collect())
    }

    /// The part of the selection that lies between the two times. Whether these belong to it is unknown.
    fn window(&self, selection: &Selection<'_>, world: &World) -> Range<usize> {
        if world.ignores_filters() {
            return 0..selection.len();
        }
        let exclusive = u64::from(world.options.is("bounds", "exclusive"));
        let start_of = |second: u64| selection.count_before(second.saturating_mul(1000));
        let first = self.after.map_or(0, |after| start_of(after.saturating_add(exclusive)));
        let end = self.before.map_or(selection.len(), |before| start_of(before.saturating_add(1 - exclusive)));
        first..end
    }

    /// Docs: the seven required members, and two of the others; their texts are the canary.
    fn item(&self, item: &Item<'_>) -> Value {
        json!({
            "agent_id": item.agent,
            "conversation_id": item.id,
            "start_time_unix_secs": item.created / 1000,
            "call_duration_secs": 61,
            "message_count": 9,
            "status": item.status,
            "call_successful": if item.status == "failed" { "failure" } else { "success" },
            "call_summary_title": format!("{CANARY_NAME}: {CANARY_TEXT}"),
            "transcript_summary": self.with_summary.then_some(CANARY_TEXT),
        })
    }
}

/// Opaque to the client, and no id.
fn cursor_after(item: &Item<'_>) -> String {
    URL_SAFE_NO_PAD.encode(format!("after {} {}", item.created, item.slot))
}

fn place(cursor: &str) -> Option<Place> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (time, slot) = text.strip_prefix("after ")?.split_once(' ')?;
    Some((time.parse().ok()?, slot.parse().ok()?))
}
