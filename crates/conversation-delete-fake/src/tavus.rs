//! Tavus: video conversations, and the PALs and Faces that a path mistake would hit.
//!
//! Sources: *seed* is the page "Delete Conversation", *docs* the vendor's other pages, *seen* are reports of third
//! parties; the rest is *assumed*. See FIDELITY.md.

mod body;
mod list;

use crate::backend::{Backend, Call, Decision, Route, Routed};
use crate::keys::{Key, Role};
use crate::message::{FakeReply, object};
use crate::options::OptionSpec;
use crate::records::{Found, Item};
use crate::world::{Effect, World};
use body::{conversation, events};

/// Docs, but for `error`, which is in the vendor's example code.
pub(crate) const STATUSES: &[&str] = &["ended", "active", "error"];

/// There from the start, so that a test can see them untouched. Any other is as good as there: a delete that hits it
/// is shown too.
pub(crate) const ADJACENT_RESOURCES: &[&str] =
    &["pals/p1", "faces/f1", "personas/pcb7a34da5fe", "replicas/r90bbd427f71"];

pub(crate) static KEYS: [Key; 4] = [
    Key::api_key(Role::Full, "fa4e0000000000000000000000000001"),
    Key::api_key(Role::ReadOnly, "fa4e0000000000000000000000000002"),
    Key::api_key(Role::WriteOnly, "fa4e0000000000000000000000000003"),
    Key::api_key(Role::Foreign, "fa4e0000000000000000000000000004"),
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::choice(
        "unknown_id",
        &["400", "404", "404_empty", "404_json", "404_kong"],
        "the response for an id that is not there: the vendor's body with this status, or the 404 of a gateway: \
         empty, `{\"message\":\"Not Found\"}`, or Kong's",
    ),
    OptionSpec::choice("after_soft_get", &["visible", "hidden"], "whether a soft-deleted conversation can be read"),
    OptionSpec::choice("hard_after_soft", &["works", "400"], "a hard delete after a soft one"),
    OptionSpec::choice("soft_after_soft", &["204", "400"], "a second soft delete"),
    OptionSpec::choice("delete_active", &["204", "400"], "deleting a conversation that is active"),
    OptionSpec::choice("bool_spelling", &["strict", "lenient"], "whether `hard` may be `True`, `1`, `no` and the like"),
    OptionSpec::choice("after_soft_list", &["visible", "hidden"], "whether a soft-deleted conversation is listed"),
    OptionSpec::choice("order", &["newest", "oldest", "random"], "the order of the list; `random` is always the same"),
    OptionSpec::number("limit_cap", "0", "the most that a page of the list holds; 0 is any number"),
    OptionSpec::choice("unknown_status", &["400", "ignored"], "the response to a list by an undocumented `status`"),
    OptionSpec::choice("stuck_page", &["no", "yes"], "whether every page number returns the first page"),
    OptionSpec::choice("end_body", &["empty", "json"], "the body of the response to an end"),
    OptionSpec::choice("end_ended", &["400", "200"], "ending a conversation that is not active"),
    OptionSpec::choice("first_page", &["1", "0"], "the number of the first page of the list"),
    OptionSpec::choice("total_count", &["present", "missing"], "whether the list has a `total_count`"),
    OptionSpec::number("end_lag", "0", "how many reads of a conversation still show it as active after its end"),
];

/// The persona of a conversation unless a test says otherwise.
pub(crate) const PERSONA: &str = "pcb7a34da5fe";

/// Tavus has no state of its own.
pub(crate) struct Tavus;

impl Backend for Tavus {
    fn route(&self, method: &str, path: &[&str]) -> Routed {
        match (method, path) {
            (_, ["v2", _, ""]) => Routed::Unrouted,
            ("GET", ["v2", "conversations"]) => Routed::To(Route::List, String::new()),
            ("POST", ["v2", "conversations", id, "end"]) if !id.is_empty() => Routed::To(Route::End, (*id).to_owned()),
            (_, ["v2", "conversations", id, "end"]) if !id.is_empty() => Routed::WrongMethod("POST"),
            ("DELETE", ["v2", "conversations", id]) => Routed::To(Route::Delete, (*id).to_owned()),
            ("GET", ["v2", "conversations", id]) => Routed::To(Route::Get, (*id).to_owned()),
            (_, ["v2", "conversations", _]) => Routed::WrongMethod("DELETE"),
            ("DELETE", ["v2", kind @ ("pals" | "faces" | "personas" | "replicas"), id]) => {
                Routed::To(Route::AdjacentResource, format!("{kind}/{id}"))
            }
            _ => Routed::Unrouted,
        }
    }

    fn decide(&mut self, call: &Call<'_>, world: &World) -> Decision {
        match call.route {
            Route::Delete => self.delete(call, world),
            Route::Get => self.get(call, world),
            Route::List => self.list(call, world),
            Route::End => self.end(call, world),
            _ => self.delete_adjacent_resource(call, world),
        }
        .unwrap_or_else(Decision::from)
    }

    /// Seed: 400 has `error`, 401 has `message`. Seen: 402 and 429 have `message`; 404 is assumed to follow the seed's
    /// 400. The key does not follow from the status.
    fn error(&self, status: u16, _code: Option<&str>, _world: &World) -> FakeReply {
        let (key, text) = match status {
            400 | 404 => ("error", "Invalid conversation_id"),
            401 => ("message", "Invalid access token"),
            402 => ("message", "The user is out of conversational credits"),
            403 => ("message", "This key may not do that"),
            405 => ("message", "Method Not Allowed"),
            429 => ("message", "Too many requests"),
            _ => ("message", "Internal server error"),
        };
        message(status, key, text)
    }
}

impl Tavus {
    fn delete(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_write)?;
        let hard = hard(call, world)?;
        let id = call.subject.to_owned();
        match world.records.find(&id, role.owner()) {
            Found::Live(Item { status: "active", .. }) if world.options.is("delete_active", "400") => {
                return Err(message(400, "error", "Conversation is active"));
            }
            Found::Soft(_) if hard && world.options.is("hard_after_soft", "400") => {
                return Err(self.not_found(world));
            }
            Found::Soft(_) if !hard && world.options.is("soft_after_soft", "400") => {
                return Err(self.not_found(world));
            }
            Found::Live(_) | Found::Soft(_) => {}
            Found::Foreign | Found::Absent => return Err(self.not_found(world)),
        }
        // Seed: 204 "NO CONTENT" in both modes.
        let effect = if hard { Effect::Delete(id) } else { Effect::SoftDelete(id) };
        Ok(Decision::new(FakeReply::new(204), vec![effect]))
    }

    fn get(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_read)?;
        let id = call.subject;
        match world.records.find_for_read(id, role.owner()) {
            Found::Soft(_) if world.options.is("after_soft_get", "hidden") => Err(self.not_found(world)),
            Found::Live(item) | Found::Soft(item) => {
                let mut body = conversation(&item);
                if call.target.value("verbose") == Some("true") {
                    body["events"] = events(&item);
                }
                let reply = FakeReply::json(200, body.to_string());
                Ok(Decision::new(reply, vec![Effect::Read { id: id.to_owned(), owner: role.owner() }]))
            }
            Found::Foreign | Found::Absent => Err(self.not_found(world)),
        }
    }

    /// Docs: 200 without a documented body. Seen: what has ended is 400, and the text says so. How soon an end shows is
    /// not documented.
    fn end(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_write)?;
        let id = call.subject;
        let Found::Live(item) = world.records.find(id, role.owner()) else {
            return Err(self.not_found(world));
        };
        let is_active = item.status == "active" && !world.records.is_ending(id);
        if !is_active && world.options.is("end_ended", "400") {
            return Err(message(400, "error", "Conversation has already ended"));
        }
        let reply = match world.options.get("end_body") {
            // Seen on the end call of a deployment.
            "json" => FakeReply::json(200, object(&[("conversation_id", id.into()), ("status", "ended".into())])),
            _ => FakeReply::new(200),
        };
        Ok(Decision::new(reply, if is_active { vec![Effect::End(id.to_owned())] } else { Vec::new() }))
    }

    /// Docs: PALs and Faces (once personas and replicas) have deletes of their own.
    fn delete_adjacent_resource(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        self.authenticate(call, world, Role::can_write)?;
        Ok(Decision::new(FakeReply::new(204), vec![Effect::DeleteAdjacentResource(call.subject.to_owned())]))
    }

    /// Seed: the text. Seen: that it is the response for an unknown id, with 400 or with 404. The others are what
    /// gateways send (T24).
    fn not_found(&self, world: &World) -> FakeReply {
        match world.options.get("unknown_id") {
            "404" => self.error(404, None, world),
            "404_empty" => FakeReply::new(404),
            "404_json" => message(404, "message", "Not Found"),
            "404_kong" => message(404, "message", "no Route matched with those values"),
            _ => self.error(400, None, world),
        }
    }

    /// Seed: 401 for a missing or wrong key. Tavus documents no scopes: that a limited key gets 403 is assumed.
    fn authenticate(&self, call: &Call<'_>, world: &World, in_scope: fn(Role) -> bool) -> Result<Role, FakeReply> {
        match world.keys.role_of(call.request.header("x-api-key").unwrap_or_default()) {
            None => Err(self.error(401, None, world)),
            Some(role) if !in_scope(role) => Err(self.error(403, None, world)),
            Some(role) => Ok(role),
        }
    }
}

/// Seed: an optional boolean without a documented default; without `hard=true` the delete is soft (docs).
fn hard(call: &Call<'_>, world: &World) -> Result<bool, FakeReply> {
    let values: Vec<&str> = call.target.values("hard").collect();
    let lenient = world.options.is("bool_spelling", "lenient");
    match values[..] {
        [] => Ok(false),
        ["true"] => Ok(true),
        ["false"] => Ok(false),
        [value] if lenient => lenient_bool(value).ok_or_else(invalid_hard),
        _ => Err(invalid_hard()),
    }
}

fn lenient_bool(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The status is the seed's; the text is assumed.
fn invalid_hard() -> FakeReply {
    message(400, "error", "Invalid value for hard")
}

fn message(status: u16, key: &str, text: &str) -> FakeReply {
    FakeReply::json(status, object(&[(key, text.into())]))
}
