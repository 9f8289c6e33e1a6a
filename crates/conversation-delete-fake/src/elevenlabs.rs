//! ElevenLabs: conversations of voice agents, and the adjacent resources that a path mistake would hit.
//!
//! Sources: *seed* is the page "Delete conversation", *docs* the vendor's other pages and its registry of error codes,
//! *seen* are bodies that third parties reported; the rest is *assumed*. See FIDELITY.md.

mod body;
mod list;

use serde_json::{Value, json};

use crate::backend::{Backend, Call, Decision, Route, Routed};
use crate::cursor::CURSOR_FAULT;
use crate::keys::{Key, Role};
use crate::message::{FakeReply, object};
use crate::options::OptionSpec;
use crate::records::Found;
use crate::world::{Effect, World};

/// Docs. Only the first and `failed` are the state of a call that is over.
pub(crate) const STATUSES: &[&str] = &["done", "failed", "initiated", "in-progress", "processing"];

/// The registry's code for a conversation that is not there.
const NOT_FOUND: &str = "conversation_not_found";

/// The agent of a conversation unless a test says otherwise.
pub(crate) const AGENT: &str = "agent_3701k3ttaq12ewp8b7qv5rfyszkz";

/// There from the start, so that a test can see them untouched. Any other is as good as there: a delete that hits it
/// is shown too.
pub(crate) const ADJACENT_RESOURCES: &[&str] = &[
    "agents/agent_1",
    "agents/agent_3701k3ttaq12ewp8b7qv5rfyszkz",
    "conversations/x/files/y",
    "conversations/x/tags/y",
];

pub(crate) static KEYS: [Key; 4] = [
    Key::api_key(Role::Full, "sk_fa4e00000000000000000000000000000000000000000001"),
    Key::api_key(Role::ReadOnly, "sk_fa4e00000000000000000000000000000000000000000002"),
    Key::api_key(Role::WriteOnly, "sk_fa4e00000000000000000000000000000000000000000003"),
    Key::api_key(Role::Foreign, "sk_fa4e00000000000000000000000000000000000000000004"),
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::choice("success_body", &["null", "{}", "empty", "204"], "the response to a successful delete"),
    OptionSpec::choice("foreign", &["404", "401"], "the response for a conversation of another workspace"),
    OptionSpec::choice("malformed_id", &["404", "422"], "the response for an id that no conversation can have"),
    OptionSpec::choice(
        "error_form",
        &["full", "legacy"],
        "`detail` with all members, or with status and message alone",
    ),
    OptionSpec::choice("unknown_id", &["404", "500"], "the response to the delete of an id that is not there"),
    OptionSpec::choice(
        "not_admin",
        &["no", "yes"],
        "whether every key lacks the admin role of its workspace: it lists and reads, and every delete is 403",
    ),
    OptionSpec::choice("ignore_user_filter", &["no", "yes"], "whether lists ignore the filter `user_id` and no other"),
    OptionSpec::choice(
        "live_delete",
        &["accept", "409", "returns"],
        "deleting a call that is not over: deleted, refused, or present again after the next read",
    ),
    OptionSpec::choice("bounds", &["inclusive", "exclusive"], "whether the two times of a list belong to its window"),
    OptionSpec::choice("end_cursor", &["null", "missing"], "`next_cursor` on the last page"),
    CURSOR_FAULT,
];

/// ElevenLabs has no state of its own.
pub(crate) struct ElevenLabs;

impl Backend for ElevenLabs {
    fn route(&self, method: &str, path: &[&str]) -> Routed {
        let ["v1", "convai", rest @ ..] = path else { return Routed::Unrouted };
        if rest.iter().any(|segment| segment.is_empty()) {
            return Routed::Unrouted;
        }
        match (method, rest) {
            ("GET", ["conversations"]) => Routed::To(Route::List, String::new()),
            ("DELETE", ["conversations", id]) => Routed::To(Route::Delete, (*id).to_owned()),
            ("GET", ["conversations", id]) => Routed::To(Route::Get, (*id).to_owned()),
            (_, ["conversations", _]) => Routed::WrongMethod("DELETE"),
            ("DELETE", ["agents", _] | ["conversations", _, "files" | "tags", _]) => {
                Routed::To(Route::AdjacentResource, rest.join("/"))
            }
            _ => Routed::Unrouted,
        }
    }

    fn decide(&mut self, call: &Call<'_>, world: &World) -> Decision {
        match call.route {
            Route::Delete => self.delete(call, world),
            Route::Get => self.get(call, world),
            Route::List => self.list(call, world),
            _ => self.delete_adjacent_resource(call, world),
        }
        .unwrap_or_else(Decision::from)
    }

    fn error(&self, status: u16, code: Option<&str>, world: &World) -> FakeReply {
        if status == 422 {
            return unprocessable("path", "conversation_id");
        }
        // Assumed from the framework (FastAPI): a bare string.
        if status == 405 {
            return FakeReply::json(405, r#"{"detail":"Method Not Allowed"}"#);
        }
        let (kind, usual_code) = registry(status);
        let code = code.unwrap_or(usual_code);
        if code == NOT_FOUND {
            return not_found("The requested conversation does not exist.", world);
        }
        detail(status, kind, code, code, &format!("The request failed: {}.", code.replace('_', " ")), world)
    }

    /// Docs: every response has these headers.
    fn finish(&self, reply: FakeReply, world: &World) -> FakeReply {
        let id = world.request_id().replace('-', "");
        reply
            .with_header("x-trace-id", id.clone())
            .with_header("request-id", id)
            .with_header("current-concurrent-requests", "0")
            .with_header("maximum-concurrent-requests", "15")
    }
}

impl ElevenLabs {
    fn delete(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_write, "convai_write")?;
        check_id(call.subject, world)?;
        let id = call.subject.to_owned();
        let effect = match world.records.find(&id, role.owner()) {
            Found::Live(item) | Found::Soft(item) if is_over(item.status) => Effect::Delete(id),
            Found::Live(_) | Found::Soft(_) => match world.options.get("live_delete") {
                "409" => return Err(self.error(409, Some("already_processing"), world)),
                "returns" => Effect::DeleteUntilRead(id),
                _ => Effect::Delete(id),
            },
            found if world.options.is("unknown_id", "500") && !refuses_foreign(found, world) => {
                return Err(self.error(500, None, world));
            }
            found => return Err(not_visible(found, &id, world)),
        };
        Ok(Decision::new(success(world), vec![effect]))
    }

    fn get(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_read, "convai_read")?;
        check_id(call.subject, world)?;
        let id = call.subject;
        let reply = match world.records.find_for_read(id, role.owner()) {
            Found::Live(item) | Found::Soft(item) => FakeReply::json(200, body::conversation(&item).to_string()),
            found => not_visible(found, id, world),
        };
        Ok(Decision::new(reply, vec![Effect::Read { id: id.to_owned(), owner: role.owner() }]))
    }

    /// Docs: agents, files and tags have deletes of their own; tags respond with 204.
    fn delete_adjacent_resource(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        self.authenticate(call, world, Role::can_write, "convai_write")?;
        let reply = if call.subject.contains("/tags/") { FakeReply::new(204) } else { FakeReply::json(200, "null") };
        Ok(Decision::new(reply, vec![Effect::DeleteAdjacentResource(call.subject.to_owned())]))
    }

    /// Seen: a missing scope is 401 with the precise word in `status`, not 403; a missing admin role is a 403 to every
    /// delete that says so (its members other than the text are assumed).
    fn authenticate(
        &self,
        call: &Call<'_>,
        world: &World,
        in_scope: fn(Role) -> bool,
        scope: &str,
    ) -> Result<Role, FakeReply> {
        let Some(key) = call.request.header("xi-api-key").filter(|key| !key.is_empty()) else {
            return Err(self.error(401, Some("missing_api_key"), world));
        };
        match world.keys.role_of(key) {
            None => Err(invalid_key(world)),
            Some(role) if in_scope(role) => {
                let deletes = call.request.method() == "DELETE";
                if deletes && world.options.is("not_admin", "yes") { Err(not_admin(world)) } else { Ok(role) }
            }
            Some(_) => {
                let message =
                    format!("The API key you used is missing the permission {scope} to execute this operation.");
                Err(detail(401, "authentication_error", "unauthorized", "missing_permissions", &message, world))
            }
        }
    }
}

fn not_visible(found: Found<'_>, id: &str, world: &World) -> FakeReply {
    if refuses_foreign(found, world) {
        return invalid_key(world);
    }
    not_found(&format!("The requested conversation {id} does not exist."), world)
}

fn refuses_foreign(found: Found<'_>, world: &World) -> bool {
    found == Found::Foreign && world.options.is("foreign", "401")
}

/// Seen twice: the 404 of an unknown id, also of one that no conversation can have. `code` and `status` differ, and a
/// request id is missing. The text is our own.
fn not_found(message: &str, world: &World) -> FakeReply {
    let status = "conversation_history_not_found";
    let detail = if world.options.is("error_form", "legacy") {
        json!({ "status": status, "message": message })
    } else {
        json!({ "type": "not_found", "code": NOT_FOUND, "status": status, "message": message })
    };
    FakeReply::json(404, object(&[("detail", detail)]))
}

fn not_admin(world: &World) -> FakeReply {
    let message = "The workspace admin role is required to perform this action.";
    detail(403, "authorization_error", "forbidden", "forbidden", message, world)
}

fn is_over(status: &str) -> bool {
    matches!(status, "done" | "failed")
}

/// Seed: "Any type". Seen: `null`. The other bodies are assumed.
fn success(world: &World) -> FakeReply {
    match world.options.get("success_body") {
        "{}" => FakeReply::json(200, "{}"),
        "empty" => FakeReply::new(200),
        "204" => FakeReply::new(204),
        _ => FakeReply::json(200, "null"),
    }
}

fn check_id(id: &str, world: &World) -> Result<(), FakeReply> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_plain || world.options.is("malformed_id", "404") {
        Ok(())
    } else {
        Err(unprocessable("path", "conversation_id"))
    }
}

/// Seed: the array form of `detail`.
fn unprocessable(place: &str, name: &str) -> FakeReply {
    let problem = json!({
        "loc": [place, name],
        "msg": "The value is not valid",
        "type": "value_error",
    });
    FakeReply::json(422, object(&[("detail", Value::Array(vec![problem]))]))
}

fn invalid_key(world: &World) -> FakeReply {
    detail(401, "authentication_error", "invalid_api_key", "invalid_api_key", "Invalid API key", world)
}

/// Docs: the registry's type for a status and the first code under it.
fn registry(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("validation_error", "bad_request"),
        401 => ("authentication_error", "invalid_api_key"),
        402 => ("payment_required", "insufficient_credits"),
        403 => ("authorization_error", "forbidden"),
        404 => ("not_found", NOT_FOUND),
        409 => ("conflict", "conflict"),
        429 => ("rate_limit_error", "rate_limit_exceeded"),
        503 => ("service_unavailable", "service_unavailable"),
        _ => ("internal_error", "internal_error"),
    }
}

/// Docs: the envelope with all members. Seen: the older one, with status and message only.
fn detail(status: u16, kind: &str, code: &str, word: &str, message: &str, world: &World) -> FakeReply {
    let detail = if world.options.is("error_form", "legacy") {
        json!({ "status": word, "message": message })
    } else {
        let request_id = world.request_id().replace('-', "");
        json!({ "type": kind, "code": code, "status": word, "message": message, "request_id": request_id })
    };
    FakeReply::json(status, object(&[("detail", detail)]))
}
