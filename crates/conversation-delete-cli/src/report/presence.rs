//! What was seen of a record before and after its delete.

use conversation_delete_job::PresenceReport;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::display::visible;

/// What was seen of a record before and after its delete; null if it was not looked up then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "presence_pair")]
pub(crate) struct PresencePair {
    /// Before the delete; null if it was not looked up then.
    pub(crate) before: Option<Sighting>,
    /// After the delete; null if it was not looked up then.
    pub(crate) after: Option<Sighting>,
}

/// What a lookup or a list reported of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "sighting")]
pub(crate) struct Sighting {
    #[schemars(schema_with = "states")]
    pub(crate) state: &'static str,
    /// The vendor's word for the status of the record.
    pub(crate) status: Option<String>,
    /// When it was seen, in RFC 3339; null if that is not known.
    pub(super) time: Option<String>,
    #[schemars(schema_with = "sources")]
    pub(super) source: &'static str,
    /// Why the presence is unknown.
    pub(super) reason: Option<String>,
}

fn states(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "Whether the vendor shows it.", "enum": ["present", "absent", "unknown"] })
}

fn sources(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "What showed it.", "enum": ["list", "lookup"] })
}

impl PresencePair {
    /// Whether nothing more is known than that the record was there before its delete.
    pub(super) fn was_only_present(&self) -> bool {
        self.after.is_none() && self.before.as_ref().is_some_and(|before| before.state == "present")
    }

    /// What a job keeps of a record; `None` if it was not looked up.
    pub(super) fn stored(before: Option<PresenceReport>, after: Option<PresenceReport>) -> Option<Self> {
        let pair = Self { before: before.map(Sighting::stored), after: after.map(Sighting::stored) };
        (pair != Self::default()).then_some(pair)
    }
}

impl Sighting {
    pub(super) fn stored(report: PresenceReport) -> Self {
        let PresenceReport { state, status, time, source, reason, .. } = report;
        let reason = reason.as_deref().map(visible);
        Self { state: state.as_str(), status, time, source: source.as_str(), reason }
    }

    /// When it was seen.
    pub(super) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }
}
