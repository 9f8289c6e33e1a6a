//! Corti: interactions and the token endpoint.
//!
//! Sources: *seed* is the page "Delete Interaction", *docs* the vendor's other pages and its error catalogue of
//! 2025-06, *tests* the vendor's own SDK tests against the live API; the rest is *assumed*. See FIDELITY.md.

mod body;
mod children;
mod list;
mod token;

use crate::backend::{Backend, Call, Decision, Route, Routed};
use crate::ids::is_uuid;
use crate::keys::{Key, Role};
use crate::message::{FakeReply, object};
use crate::options::OptionSpec;
use crate::records::Found;
use crate::world::{Effect, World};
use children::ChildCall;
use token::Tokens;
pub(crate) use token::fixed_access_token;

pub(crate) const TENANT: &str = "base";
pub(crate) const AUTH_ORIGIN: &str = "https://auth.eu.corti.app";

/// The values of `encounter.status` that a living interaction can have (docs); "deleted" is only a label.
pub(crate) const STATUSES: &[&str] = &["planned", "in-progress", "on-hold", "completed", "cancelled", "deleted"];

/// The user to whom an interaction is assigned, and the `patient.identifier`, unless a test says otherwise.
pub(crate) const USER: &str = "3f1d2c84-94a7-4d60-9d52-6f0f5f7c1e01";
pub(crate) const PATIENT: &str = "patient-1";

/// The environments of the API (docs).
const ENVIRONMENTS: &[&str] = &["eu", "us"];

/// The states of a transcript (docs).
pub(crate) const TRANSCRIPT_STATUSES: &[&str] = &["processing", "completed", "failed"];

pub(crate) static KEYS: [Key; 4] = [
    Key { role: Role::Full, client_id: "fake-client", secret: "fakeSecretOfTheFullClient0000001" },
    Key { role: Role::ReadOnly, client_id: "fake-client-read", secret: "fakeSecretOfTheReadClient0000002" },
    Key { role: Role::WriteOnly, client_id: "fake-client-write", secret: "fakeSecretOfTheWriteClient000003" },
    Key { role: Role::Foreign, client_id: "fake-client-foreign", secret: "fakeSecretOfTheForeignClient0004" },
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::choice("foreign", &["404", "403"], "the response for an interaction of another client"),
    OptionSpec::choice("error_shape", &["new", "old"], "error bodies with `detail`, or with `details` and `title`"),
    OptionSpec::choice("error_type", &["json", "problem"], "`application/json` or `application/problem+json`"),
    OptionSpec::choice("wrong_tenant", &["401", "403", "404"], "the response if token and `Tenant-Name` disagree"),
    OptionSpec::choice("missing_tenant", &["400", "401", "403"], "the response if `Tenant-Name` is missing"),
    OptionSpec::number("expires_in", "300", "how many seconds a new token lives"),
    OptionSpec::choice(
        "issuer_environment",
        ENVIRONMENTS,
        "the environment in the `iss` claim of tokens, also of those of `key(…)`",
    ),
    OptionSpec::choice("issuer_realm", &["same", "other"], "whether that claim names the tenant's realm"),
    OptionSpec::choice("list_without_slash", &["404", "works"], "the path of the list without its trailing slash"),
    OptionSpec::choice("repeated_status", &["last", "first"], "which of several `encounterStatus` values counts"),
    OptionSpec::choice("unknown_status", &["400", "ignored"], "the response to an unknown `encounterStatus`"),
    OptionSpec::choice("stuck_page", &["no", "yes"], "whether every page number returns the first page"),
    OptionSpec::choice("empty_transcripts", &["array", "null"], "the list of transcripts if there are none"),
    OptionSpec::choice(
        "guided_list",
        &["array", "data", "documents"],
        "the list of guided documents: a bare array, or an object with the array under this key",
    ),
    OptionSpec::choice("guided_interaction_id", &["set", "null"], "whether a guided document names its interaction"),
    OptionSpec::choice(
        "guided_filter",
        &["applied", "ignored"],
        "whether `interactionId` narrows the list of guided documents, or it shows those of all interactions",
    ),
    OptionSpec::choice(
        "guided_status",
        &["200", "400", "403", "404"],
        "the status of both routes of guided documents, for a tenant that does not have them",
    ),
    OptionSpec::choice(
        "child_ids",
        &["uuid", "hex", "upper"],
        "the ids of children seeded from now on: lower-case UUIDs, 32 hex digits, or upper-case UUIDs",
    ),
    OptionSpec::choice(
        "cascade",
        &["yes", "no"],
        "whether deleting an interaction deletes its children; guided documents can be reached without it",
    ),
];

/// Corti's own state: the tokens it gave out.
#[derive(Default)]
pub(crate) struct Corti {
    tokens: Tokens,
}

impl Backend for Corti {
    fn route(&self, method: &str, path: &[&str]) -> Routed {
        match (method, path) {
            // Docs: with a slash at the end.
            ("GET", ["v2", "interactions"] | ["v2", "interactions", ""]) => Routed::To(Route::List, String::new()),
            ("DELETE", ["v2", "interactions", id]) if !id.is_empty() => Routed::To(Route::Delete, (*id).to_owned()),
            ("GET", ["v2", "interactions", id]) if !id.is_empty() => Routed::To(Route::Get, (*id).to_owned()),
            (_, ["v2", "interactions", id]) if !id.is_empty() => Routed::WrongMethod("DELETE"),
            ("POST", ["realms", realm, "protocol", "openid-connect", "token"]) => {
                Routed::To(Route::Token, (*realm).to_owned())
            }
            (_, ["realms", _, "protocol", "openid-connect", "token"]) => Routed::WrongMethod("POST"),
            _ => match ChildCall::parse(method, path) {
                Some(call) => Routed::To(Route::Child, call.subject().to_owned()),
                None => Routed::Unrouted,
            },
        }
    }

    fn decide(&mut self, call: &Call<'_>, world: &World) -> Decision {
        match call.route {
            Route::Token => self.tokens.issue(call, world).into(),
            Route::List => self.list(call, world).unwrap_or_else(Decision::from),
            Route::Child => self.decide_child(call, world).unwrap_or_else(Decision::from),
            _ => self.decide_interaction(call, world).unwrap_or_else(Decision::from),
        }
    }

    fn error(&self, status: u16, code: Option<&str>, world: &World) -> FakeReply {
        if status == 401 {
            return unauthorized("The token is missing, expired or not valid");
        }
        let (usual_code, detail) = catalogue(status);
        let code = code.unwrap_or(usual_code);
        error_object(status, code, detail_of(code).unwrap_or(detail), world)
    }

    fn forget_tokens(&mut self) {
        self.tokens.forget();
    }
}

impl Corti {
    fn decide_interaction(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let deletes = call.route == Route::Delete;
        let role = self.authenticate(call, world, if deletes { Role::can_write } else { Role::can_read })?;
        // Tests: `delete("invalid-uuid")` and `get` are 400.
        if !is_uuid(call.subject) {
            return Err(self.invalid_id(world));
        }
        let id = call.subject.to_ascii_lowercase();
        let found = match deletes {
            true => world.records.find(&id, role.owner()),
            false => world.records.find_for_read(&id, role.owner()),
        };
        match found {
            // Seed: 204, "No response body is returned".
            Found::Live(_) | Found::Soft(_) if deletes => {
                Ok(Decision::new(FakeReply::new(204), vec![Effect::Delete(id)]))
            }
            Found::Live(item) | Found::Soft(item) => Ok(Decision::new(
                FakeReply::of(200, &body::interaction(&item)),
                vec![Effect::Read { id, owner: role.owner() }],
            )),
            Found::Foreign | Found::Absent => Err(self.not_visible(found, world)),
        }
    }

    fn not_visible(&self, found: Found<'_>, world: &World) -> FakeReply {
        match found {
            // Third-party digest: 404 "by design", or 403 "resource belongs to a different client".
            Found::Foreign if world.options.is("foreign", "403") => self.error(403, Some("A0001"), world),
            // Tests: an unknown id is 404, with A0007 in the catalogue.
            _ => self.error(404, Some("A0007"), world),
        }
    }

    /// Docs: a bearer token and `Tenant-Name` on every call; a missing scope is 403.
    fn authenticate(&self, call: &Call<'_>, world: &World, in_scope: fn(Role) -> bool) -> Result<Role, FakeReply> {
        let role = self.role(call, world)?;
        if in_scope(role) { Ok(role) } else { Err(self.error(403, Some("A0001"), world)) }
    }

    fn role(&self, call: &Call<'_>, world: &World) -> Result<Role, FakeReply> {
        let header = call.request.header("authorization").unwrap_or_default();
        let Some(token) = strip_bearer(header) else {
            return Err(unauthorized("No bearer token"));
        };
        let Some(role) = self.tokens.role_of(token, world) else {
            return Err(unauthorized("The token is missing, expired or not valid"));
        };
        match call.request.header("tenant-name") {
            Some(TENANT) => Ok(role),
            None => Err(self.error(status_option("missing_tenant", world), None, world)),
            Some(_) => Err(self.error(status_option("wrong_tenant", world), None, world)),
        }
    }

    fn invalid_id(&self, world: &World) -> FakeReply {
        let errors = serde_json::json!([{ "id": "must be a valid UUID" }]);
        error_body(400, "A0008", "The id is not a valid UUID.", Some(errors), world)
    }
}

/// The scheme's name is read without case (RFC 9110, section 11.1).
pub(crate) fn strip_bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn status_option(name: &str, world: &World) -> u16 {
    world.options.get(name).parse().unwrap_or(400)
}

/// Docs: 401 has no body; the reason is in `WWW-Authenticate` (its exact parameters are assumed).
fn unauthorized(description: &str) -> FakeReply {
    let challenge = format!(r#"Bearer error="invalid_token", error_description="{description}""#);
    FakeReply::new(401).with_header("www-authenticate", challenge)
}

/// The catalogue of 2025-06: the usual code for a status, and a text in our words.
fn catalogue(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("A0003", "The request is not valid."),
        403 => ("A0001", "Access is forbidden."),
        404 => ("A0007", "The interaction was not found."),
        500 => ("A0010", "Something went wrong on the server."),
        504 => ("A0002", "The time allowed for this request has passed."),
        _ => ("", "The request could not be completed."),
    }
}

fn detail_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "A0004" => "The token is not valid.",
        "A0005" => "The user is not valid.",
        "A0006" | "A0008" => "The id is not valid.",
        "A0009" => "The document was not found.",
        "A0012" => "The transcript was not found.",
        "A0013" => "A query parameter is not valid.",
        "A0021" => "Insufficient balance: the account is in limited access mode.",
        _ => return None,
    })
}

fn error_object(status: u16, code: &str, detail: &str, world: &World) -> FakeReply {
    error_body(status, code, detail, None, world)
}

/// Seed: the object of 2026. Docs: that of 2025. The form of `type` is assumed.
fn error_body(
    status: u16,
    code: &str,
    detail: &str,
    validation_errors: Option<serde_json::Value>,
    world: &World,
) -> FakeReply {
    let kind =
        if code.is_empty() { "about:blank".to_owned() } else { format!("https://docs.corti.ai/about/errors#{code}") };
    let mut members = vec![("requestid", world.request_id().into())];
    if world.options.is("error_shape", "old") {
        members.extend([
            ("type", kind.into()),
            ("status", status.into()),
            ("title", detail.trim_end_matches('.').into()),
            ("details", detail.into()),
            ("instance", "/v2/interactions".into()),
        ]);
    } else {
        members.extend([("status", status.into()), ("type", kind.into()), ("detail", detail.into())]);
    }
    members.extend(validation_errors.map(|errors| ("validationErrors", errors)));
    let content_type = match world.options.get("error_type") {
        "problem" => "application/problem+json",
        _ => "application/json",
    };
    FakeReply::new(status).with_body(content_type, object(&members))
}
