//! Seeding from outside.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{json, parse};
use crate::engine::Engine;
use crate::keys::Owner;
use crate::message::FakeReply;
use crate::records::{ChildCounts, Seed};

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
    #[serde(default, alias = "shell")]
    emptied_by_retention: bool,
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
    let ids = engine.world.seed(&read(parse(body)?)?)?;
    Ok(json(201, &Map::from_iter([("ids".to_owned(), Value::from(ids))])))
}

fn read(body: SeedBody) -> Result<Seed, String> {
    let (count, ids) = match (body.count, body.ids) {
        (Some(count), None) => (count, Vec::new()),
        (None, Some(ids)) => (0, ids),
        _ => return Err("give `count` or `ids`".to_owned()),
    };
    Ok(Seed {
        count,
        ids,
        owner: body.workspace,
        status: body.status,
        created_ms: body.created_at_ms,
        updated_ms: body.updated_at_ms,
        agent: body.agent,
        user: body.user,
        is_emptied_by_retention: body.emptied_by_retention,
        is_undated: body.without_dates,
        children: ChildCounts {
            recordings: body.recordings,
            transcripts: body.transcripts,
            documents: body.documents,
            guided_documents: body.guided_documents,
            transcript_status: body.transcript,
        },
    })
}
