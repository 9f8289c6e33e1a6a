//! The control API under `/__fake/`, for tests in other languages.

use std::sync::MutexGuard;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::faults::Fault;
use crate::keys::{Owner, Role};
use crate::message::{FakeReply, FakeRequest, object};
use crate::records::{Hidden, Seed};
use crate::target::Target;

const PREFIX: &str = "/__fake/";

/// The OpenAPI document of this API.
const OPENAPI: &str = include_str!("control/openapi.json");

pub(crate) fn is_control(target: &str) -> bool {
    target.starts_with(PREFIX)
}

pub(crate) fn handle(mut guard: MutexGuard<'_, Engine>, request: &FakeRequest) -> FakeReply {
    let path = request.target().split('?').next().unwrap_or_default();
    let name = path.strip_prefix(PREFIX).unwrap_or_default();
    if (request.method(), name) == ("GET", "requests") {
        // The log may be large: it is written out after the lock is released.
        let latest = guard.log.latest();
        drop(guard);
        return json(200, &latest);
    }
    let engine = &mut *guard;
    let response = match (request.method(), present_name(name)) {
        ("GET", "openapi.json") => Ok(FakeReply::json(200, OPENAPI)),
        ("GET", "records") => records(engine, request.target()),
        ("POST", "records") => seed(engine, request.body()),
        ("GET", "children") => children(engine, request.target()),
        ("POST", route @ ("status" | "add_message" | "hide" | "remove" | "revoke" | "advance")) => {
            change(engine, route, request.body())
        }
        ("GET", "adjacent_resources") => Ok(json(200, &engine.world.records.adjacent_resources())),
        ("GET", "stats") => Ok(json(200, &engine.log.stats)),
        ("GET", "faults") => Ok(json(200, &engine.faults.views())),
        ("POST", "faults") => faults(engine, request.body()),
        ("DELETE", "faults") => {
            engine.faults.clear();
            Ok(done())
        }
        ("GET", "options") => Ok(options(engine)),
        ("POST", "options") => set_options(engine, request.body()),
        ("POST", "expire_tokens") => {
            engine.forget_tokens();
            Ok(done())
        }
        ("POST", "reset") => {
            engine.reset();
            Ok(done())
        }
        _ => return no_such_route(name),
    };
    response.unwrap_or_else(|message| error(400, message))
}

fn records(engine: &Engine, target: &str) -> Result<FakeReply, String> {
    let owner = match target.split_once('?').map_or("", |(_, query)| query) {
        "" | "workspace=own" => Owner::Own,
        "workspace=foreign" => Owner::Foreign,
        _ => return Err("the query may be `workspace=own` or `workspace=foreign`".to_owned()),
    };
    Ok(json(200, &engine.world.records.views(owner)))
}

fn seed(engine: &mut Engine, body: &[u8]) -> Result<FakeReply, String> {
    let seed: Seed = parse(body)?;
    if seed.count.is_some() == seed.ids.is_some() {
        return Err("give `count` or `ids`".to_owned());
    }
    let ids = engine.world.seed(&seed)?;
    Ok(json(201, &serde_json::json!({ "ids": ids })))
}

fn children(engine: &Engine, target: &str) -> Result<FakeReply, String> {
    let target = Target::parse(target);
    let id = target.value("id").ok_or("the query must be `id=…`")?;
    engine.world.known(id)?;
    Ok(json(200, &engine.world.records.child_views(id)))
}

/// A change by the name of its route, with the members of the body.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Change {
    Status { id: String, status: String },
    AddMessage { id: String },
    Hide { id: String, from: Hidden },
    Remove { ids: Vec<String> },
    Revoke { key: Role },
    Advance { seconds: u64 },
}

fn change(engine: &mut Engine, route: &str, body: &[u8]) -> Result<FakeReply, String> {
    let body: Value = parse(body)?;
    let change = serde_json::from_value(Value::from_iter([(route, body)])).map_err(wrong_body)?;
    let world = &mut engine.world;
    match change {
        Change::Status { id, status } => world.set_status(&id, &status)?,
        Change::AddMessage { id } => world.add_message(&id)?,
        Change::Hide { id, from } => world.hide(&id, from)?,
        Change::Remove { ids } => world.remove(&ids)?,
        Change::Revoke { key } => world.keys.revoke(key),
        Change::Advance { seconds } => world.clock.advance(Duration::from_secs(seconds)),
    }
    Ok(done())
}

fn faults(engine: &mut Engine, body: &[u8]) -> Result<FakeReply, String> {
    let faults: Vec<Fault> = match parse::<Value>(body)? {
        Value::Array(faults) => faults.into_iter().map(fault).collect::<Result<_, _>>()?,
        one => vec![fault(one)?],
    };
    faults.iter().try_for_each(|fault| fault.check(engine.world.vendor))?;
    for fault in faults {
        engine.faults.add(fault);
    }
    Ok(done())
}

fn fault(value: Value) -> Result<Fault, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn options(engine: &Engine) -> FakeReply {
    let members = engine.world.options.iter().map(|(spec, value)| {
        let mut about = serde_json::to_value(spec).unwrap_or_default();
        if let Value::Object(about) = &mut about {
            about.insert("value".to_owned(), value.into());
        }
        about
    });
    json(200, &members.collect::<Vec<_>>())
}

fn set_options(engine: &mut Engine, body: &[u8]) -> Result<FakeReply, String> {
    let wanted: Map<String, Value> = parse(body)?;
    let wanted: Vec<(String, String)> = wanted.into_iter().map(|(name, value)| (name, plain_text(value))).collect();
    engine.world.options.set_all(&wanted).map_err(|error| error.to_string())?;
    Ok(done())
}

/// An option's value may be written as `404`, `"404"` or `true`.
fn plain_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Callers of earlier versions know two routes by other names.
fn present_name(name: &str) -> &str {
    match name {
        "touch" => "add_message",
        "neighbours" => "adjacent_resources",
        name => name,
    }
}

fn no_such_route(name: &str) -> FakeReply {
    let allow = match present_name(name) {
        "records" | "options" => "GET, POST",
        "faults" => "GET, POST, DELETE",
        "requests" | "stats" | "adjacent_resources" | "children" | "openapi.json" => "GET",
        "reset" | "remove" | "revoke" | "advance" | "expire_tokens" | "status" | "add_message" | "hide" => "POST",
        _ => return error(404, format!("no control route `{PREFIX}{name}`")),
    };
    error(405, format!("`{PREFIX}{name}` takes {allow}")).with_header("allow", allow)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(wrong_body)
}

fn wrong_body(error: serde_json::Error) -> String {
    format!("the body is not what this route takes: {error}")
}

fn done() -> FakeReply {
    FakeReply::json(200, r#"{"ok":true}"#)
}

fn error(status: u16, message: String) -> FakeReply {
    FakeReply::json(status, object(&[("error", message.into())]))
}

fn json<T: Serialize + ?Sized>(status: u16, value: &T) -> FakeReply {
    match serde_json::to_vec(value) {
        Ok(text) => FakeReply::json(status, text),
        Err(problem) => error(500, problem.to_string()),
    }
}
