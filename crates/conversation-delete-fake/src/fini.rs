//! Fini: conversations, one by one or in bulk.
//!
//! Sources: *seeds* are the pages "Delete conversation" and "Bulk delete conversations", *docs* the vendor's other
//! pages; the rest is *assumed*, mostly from the habits of NestJS, whose error envelope Fini uses. See FIDELITY.md.

mod body;
mod list;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use serde_json::Value;

use crate::backend::{Backend, Call, Decision, Route, Routed};
use crate::corti::strip_bearer;
use crate::cursor::CURSOR_FAULT;
use crate::ids::is_uuid;
use crate::keys::{Key, Role};
use crate::message::{FakeReply, object};
use crate::options::OptionSpec;
use crate::records::Found;
use crate::world::{Effect, World};
use body::SOURCES;

pub(crate) static KEYS: [Key; 4] = [
    Key::api_key(Role::Full, "fini_fakeFullKey000000000000000000000000001"),
    Key::api_key(Role::ReadOnly, "fini_fakeReadKey000000000000000000000000002"),
    Key::api_key(Role::WriteOnly, "fini_fakeWriteKey00000000000000000000000003"),
    Key::api_key(Role::Foreign, "fini_fakeForeignKey000000000000000000000004"),
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::choice("case_twins", &["400", "406"], "ids of a batch that differ in case only"),
    OptionSpec::choice("error_message", &["array", "string"], "the type of `message` in a 400"),
    OptionSpec::choice("single_validates_ids", &["no", "yes"], "whether the single route answers 400 to a non-UUID"),
    OptionSpec::choice("throttle", &["off", "on"], "the documented limit of 100 requests in 60 seconds"),
    OptionSpec::choice("throttle_retry_after", &["off", "on"], "whether its 429 has `Retry-After`"),
    OptionSpec::choice("list_key", &["interactions", "conversations"], "the key of the list"),
    OptionSpec::choice("source", SOURCES, "the `source` of all conversations"),
    OptionSpec::choice("bounds", &["inclusive", "exclusive"], "whether `since` and `until` belong to the window"),
    OptionSpec::choice("deleted_cursor", &["works", "400"], "the response to a cursor whose conversation was deleted"),
    CURSOR_FAULT,
];

/// Seed: "Provide between `1` and `50` UUIDs in one request."
const MAX_BATCH: usize = 50;

/// Docs: "Respect the documented 100-request-per-60-second throttle."
const THROTTLE_CALLS: usize = 100;
const THROTTLE_WINDOW: Duration = Duration::from_secs(60);

/// Fini's own state: when the latest calls came, for the throttle.
#[derive(Default)]
pub(crate) struct Fini {
    calls: VecDeque<Duration>,
}

impl Backend for Fini {
    fn route(&self, method: &str, path: &[&str]) -> Routed {
        match (method, path) {
            ("DELETE", ["v2", "hc-interactions", "public"]) => Routed::To(Route::BulkDelete, String::new()),
            ("GET", ["v2", "hc-interactions", "public"]) => Routed::To(Route::List, String::new()),
            ("DELETE", ["v2", "hc-interactions", id, "public"]) if !id.is_empty() => {
                Routed::To(Route::Delete, (*id).to_owned())
            }
            ("GET", ["v2", "hc-interactions", id, "public"]) if !id.is_empty() => {
                Routed::To(Route::Get, (*id).to_owned())
            }
            _ => Routed::Unrouted,
        }
    }

    fn decide(&mut self, call: &Call<'_>, world: &World) -> Decision {
        self.throttle(world)
            .and_then(|()| match call.route {
                Route::BulkDelete => self.delete_batch(call, world),
                Route::Delete => self.delete_one(call, world),
                Route::List => self.list(call, world),
                _ => self.get(call, world),
            })
            .unwrap_or_else(Decision::from)
    }

    fn error(&self, status: u16, _code: Option<&str>, _world: &World) -> FakeReply {
        let (message, error) = match status {
            // Seeds: these three to the letter.
            401 => ("Invalid or revoked API key", Some("Unauthorized")),
            403 => ("API key does not have the required scope for this operation", Some("Forbidden")),
            406 => ("One or more interactions not accessible to the user", Some("Not Acceptable")),
            // Assumed from NestJS.
            400 => ("Bad Request", None),
            429 => ("ThrottlerException: Too Many Requests", None),
            500 => ("Internal server error", None),
            _ => ("The request failed", None),
        };
        envelope(status, message.into(), error)
    }
}

impl Fini {
    /// Seed: success for ids that are present, missing, removed or of another workspace alike.
    fn delete_one(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_write)?;
        if world.options.is("single_validates_ids", "yes") && !is_uuid(call.subject) {
            return Err(bad_request(&["id must be a UUID"], world));
        }
        let found = matches!(world.records.find(call.subject, role.owner()), Found::Live(_));
        let effects = if found { vec![Effect::Delete(call.subject.to_owned())] } else { Vec::new() };
        Ok(Decision::new(success(), effects))
    }

    /// Seed: "Matching conversations are removed before the route verifies that every requested ID was accessible."
    fn delete_batch(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_write)?;
        let ids = batch_ids(call, world)?;
        let distinct: HashSet<String> = ids.iter().map(|id| id.to_ascii_lowercase()).collect();
        let is_live = |id: &String| matches!(world.records.find(id, role.owner()), Found::Live(_));
        let effects: Vec<Effect> = distinct.into_iter().filter(is_live).map(Effect::Delete).collect();
        // By count: as many rows as ids.
        let reply = if effects.len() == ids.len() { success() } else { self.error(406, None, world) };
        Ok(Decision::new(reply, effects))
    }

    /// Docs, verbatim: "unknown, already-deleted, or inaccessible conversation IDs surface as 500 Internal Server
    /// Error on this public route rather than a dedicated 404 Not Found."
    fn get(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_read)?;
        match world.records.find_for_read(call.subject, role.owner()) {
            Found::Live(item) => {
                let reply = FakeReply::of(200, &body::conversation(&item, world));
                Ok(Decision::new(reply, vec![Effect::Read { id: item.id.to_owned(), owner: role.owner() }]))
            }
            _ => Err(self.error(500, None, world)),
        }
    }

    /// Seeds: 401 for a key that is "missing, malformed, revoked, or invalid", 403 for a missing scope.
    fn authenticate(&self, call: &Call<'_>, world: &World, in_scope: fn(Role) -> bool) -> Result<Role, FakeReply> {
        let key = call.request.header("authorization").and_then(strip_bearer).unwrap_or_default();
        match world.keys.role_of(key) {
            None => Err(self.error(401, None, world)),
            Some(role) if !in_scope(role) => Err(self.error(403, None, world)),
            Some(role) => Ok(role),
        }
    }

    /// Acts before the route and the key (assumed), so it changes nothing.
    fn throttle(&mut self, world: &World) -> Result<(), FakeReply> {
        if world.options.is("throttle", "off") {
            return Ok(());
        }
        let now = world.clock.now();
        while self.calls.front().is_some_and(|call| now.saturating_sub(*call) >= THROTTLE_WINDOW) {
            self.calls.pop_front();
        }
        let Some(oldest) = self.calls.front().filter(|_| self.calls.len() >= THROTTLE_CALLS) else {
            self.calls.push_back(now);
            return Ok(());
        };
        let reply = self.error(429, None, world);
        if world.options.is("throttle_retry_after", "off") {
            return Err(reply);
        }
        // Rounded up: a client that waits this long is let in.
        let wait = THROTTLE_WINDOW.saturating_sub(now.saturating_sub(*oldest)).as_secs() + 1;
        Err(reply.with_header("retry-after", wait.to_string()))
    }
}

/// Seed, 400: "The body is malformed, `ids` is missing, there are duplicate IDs, one of the IDs is not a UUID, or you
/// sent more than `50` IDs." The wording of the messages is assumed.
fn batch_ids(call: &Call<'_>, world: &World) -> Result<Vec<String>, FakeReply> {
    let content_type = call.request.header("content-type").unwrap_or_default();
    // A body parser leaves an empty body or one of another type alone, and then `ids` is missing (assumed).
    let body = call.request.body();
    let body = if content_type.contains("json") && !body.is_empty() { body } else { b"{}" };
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Err(bad_request(&["the body is not valid JSON"], world));
    };
    let Some(Value::Array(values)) = body.get("ids") else {
        return Err(bad_request(&["ids must be an array"], world));
    };
    let ids: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    let problems = batch_problems(&ids, values.len(), world);
    if problems.is_empty() {
        return Ok(ids.into_iter().map(str::to_owned).collect());
    }
    Err(bad_request(&problems, world))
}

fn batch_problems(ids: &[&str], given: usize, world: &World) -> Vec<&'static str> {
    let folded = |id: &&str| match world.options.is("case_twins", "400") {
        true => id.to_ascii_lowercase(),
        false => (*id).to_owned(),
    };
    let distinct: HashSet<String> = ids.iter().map(folded).collect();
    [
        (ids.len() != given || !ids.iter().all(|id| is_uuid(id)), "each value in ids must be a UUID"),
        (distinct.len() != ids.len(), "All ids's elements must be unique"),
        (given == 0, "ids must contain at least 1 elements"),
        (given > MAX_BATCH, "ids must contain no more than 50 elements"),
    ]
    .into_iter()
    .filter_map(|(wrong, message)| wrong.then_some(message))
    .collect()
}

fn bad_request(messages: &[&str], world: &World) -> FakeReply {
    let message = match world.options.get("error_message") {
        "string" => messages.join(", ").into(),
        _ => messages.into(),
    };
    envelope(400, message, Some("Bad Request"))
}

/// Seeds: `statusCode`, `message`, `error` in this order; `error` may be missing (assumed).
fn envelope(status: u16, message: Value, error: Option<&str>) -> FakeReply {
    let mut members = vec![("statusCode", status.into()), ("message", message)];
    members.extend(error.map(|error| ("error", error.into())));
    FakeReply::json(status, object(&members))
}

fn success() -> FakeReply {
    FakeReply::json(200, r#"{"success":true}"#)
}
