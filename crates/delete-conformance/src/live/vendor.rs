//! What the suite knows of each vendor beside its cases.

use conversation_delete::Uuid;
use delete_core::{ConversationId, ErasureMode, RecordId, timestamp};
use serde_json::Value;

use crate::live::case::Case;

/// A vendor, and its cases in the order in which they run.
#[derive(Debug)]
pub struct Vendor {
    /// The name in lower case.
    pub name: &'static str,
    /// Its heading in `FIDELITY.md`.
    pub title: &'static str,
    /// The cases that only read.
    pub reading: &'static [Case],
    /// The cases of one record that is deleted, in this mode at a vendor that has two.
    pub deleting: fn(Option<ErasureMode>) -> &'static [Case],
    /// Whether a delete has a mode.
    pub has_erasure_modes: bool,
    /// The path of the list, below the root of the API.
    pub(crate) list_path: &'static str,
    /// The path of one record, and how its delete is sent.
    pub(crate) item_path: &'static str,
    /// The path of the bulk delete.
    pub(crate) bulk_path: Option<&'static str>,
    /// The names that the array of a list may have.
    pub(crate) list_keys: &'static [&'static str],
    /// The name of the id of a record.
    pub(crate) id_key: &'static str,
    /// The time that the list is sorted by, in the vendor's own unit if its filters take one.
    pub(crate) time: fn(&Value) -> Option<i64>,
    /// Whether the filters by time take seconds instead of milliseconds.
    pub(crate) takes_seconds: bool,
    /// Reads an id in the vendor's form.
    pub(crate) parse: fn(&str) -> Option<RecordId>,
    /// The code of an error, or the text that serves as one.
    pub(crate) code: fn(&Value) -> Option<String>,
}

impl Vendor {
    /// The records of a list.
    pub(crate) fn records<'a>(&self, list: &'a Value) -> Option<&'a Vec<Value>> {
        self.list_keys.iter().find_map(|key| list[*key].as_array())
    }

    pub(crate) fn id<'a>(&self, record: &'a Value) -> Option<&'a str> {
        record[self.id_key].as_str()
    }

    /// Whether a record has this id, in any case.
    pub(crate) fn is(&self, record: &Value, id: &str) -> bool {
        self.id(record).is_some_and(|shown| shown.eq_ignore_ascii_case(id))
    }

    /// Whether a DELETE of this path with this body concerns nothing but records of `ids`.
    pub(crate) fn deletes_only(&self, path: &str, body: &[u8], ids: &[String]) -> bool {
        let is_item = |id: &String| path.ends_with(&self.item_path.replace("{id}", id));
        if self.bulk_path.is_some_and(|bulk| path.ends_with(bulk)) {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let given = body["ids"].as_array().filter(|given| !given.is_empty());
            return given.is_some_and(|given| given.iter().all(|id| ids.iter().any(|own| id == own.as_str())));
        }
        body.is_empty() && ids.iter().any(is_item)
    }
}

/// A text of the vendor's that is known, so that no other text of a response gets into a report.
pub(crate) fn known_text(text: &Value, known: &[&str]) -> Option<String> {
    let text = text.as_str()?;
    Some(if known.contains(&text) { text.to_owned() } else { "another text".to_owned() })
}

pub(crate) fn rfc3339_ms(time: &Value) -> Option<i64> {
    timestamp::parse(time.as_str()?).map(timestamp::unix_millis)
}

pub(crate) fn uuid(id: &str) -> Option<RecordId> {
    id.parse::<Uuid>().ok().map(RecordId::from)
}

pub(crate) fn conversation_id(id: &str) -> Option<RecordId> {
    id.parse::<ConversationId>().ok().map(RecordId::from)
}
