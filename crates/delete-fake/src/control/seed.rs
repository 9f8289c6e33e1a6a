//! Seeding from outside.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{json, parse};
use crate::corti::TRANSCRIPT_STATUSES;
use crate::engine::Engine;
use crate::keys::Owner;
use crate::message::FakeReply;
use crate::records::{ChildCounts, Seed};

/// More records than this in one call are a slip of the keyboard.
const MAX_COUNT: usize = 5_000_000;

/// The same for the children of one record.
const MAX_CHILDREN: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedBody {
    count: Option<usize>,
    ids: Option<Vec<String>>,
    #[serde(default)]
    workspace: Owner,
    status: Option<String>,
    created_at_ms: Option<u64>,
    updated_at_ms: Option<u64>,
    agent: Option<String>,
    user: Option<String>,
    #[serde(default)]
    shell: bool,
    #[serde(default)]
    without_dates: bool,
    #[serde(default)]
    recordings: usize,
    #[serde(default)]
    transcripts: usize,
    transcript: Option<String>,
    #[serde(default)]
    documents: usize,
    #[serde(default)]
    guided_documents: usize,
}

pub(super) fn seed(engine: &mut Engine, body: &[u8]) -> Result<FakeReply, String> {
    let seed = read(engine, parse(body)?)?;
    let ids = engine.world.seed(&seed);
    Ok(json(201, &Map::from_iter([("ids".to_owned(), Value::from(ids))])))
}

fn read(engine: &Engine, body: SeedBody) -> Result<Seed, String> {
    let (count, ids) = match (body.count, body.ids) {
        (Some(count), None) if count <= MAX_COUNT => (count, Vec::new()),
        (Some(_), None) => return Err(format!("`count` is at most {MAX_COUNT}")),
        (None, Some(ids)) => (0, check_ids(engine, ids)?),
        _ => return Err("give `count` or `ids`".to_owned()),
    };
    body.status.as_deref().map_or(Ok(()), |status| check_status(engine, status))?;
    let children = ChildCounts {
        recordings: body.recordings,
        transcripts: body.transcripts,
        documents: body.documents,
        guided_documents: body.guided_documents,
        transcript_status: body.transcript,
    };
    check_children(&children)?;
    Ok(Seed {
        count,
        ids,
        owner: body.workspace,
        status: body.status,
        created_ms: body.created_at_ms,
        updated_ms: body.updated_at_ms,
        agent: body.agent,
        user: body.user,
        is_shell: body.shell,
        is_undated: body.without_dates,
        children,
    })
}

fn check_ids(engine: &Engine, ids: Vec<String>) -> Result<Vec<String>, String> {
    let needs_uuid = engine.world.vendor.has_uuid_ids();
    match ids.iter().find(|id| id.is_empty() || (needs_uuid && !crate::ids::is_uuid(id))) {
        Some(id) => Err(format!("`{id}` cannot be an id of {}", engine.world.vendor.as_str())),
        None => Ok(ids),
    }
}

pub(super) fn check_status(engine: &Engine, status: &str) -> Result<(), String> {
    one_of("status", status, engine.world.vendor.statuses())
}

fn check_children(children: &ChildCounts) -> Result<(), String> {
    let counts = [children.recordings, children.transcripts, children.documents, children.guided_documents];
    if counts.iter().any(|count| *count > MAX_CHILDREN) {
        return Err(format!("a record has at most {MAX_CHILDREN} children of a kind"));
    }
    children
        .transcript_status
        .as_deref()
        .map_or(Ok(()), |status| one_of("state of a transcript", status, TRANSCRIPT_STATUSES))
}

fn one_of(what: &str, word: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&word) {
        return Ok(());
    }
    let there_are = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(format!("no {what} `{word}`; there are {there_are}"))
}
