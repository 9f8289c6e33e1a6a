//! The line of a call that was to be ended.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::members;
use crate::report::record::Failure;

/// What became of the end of one call. It is not a deletion, and so it has no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndResult {
    /// The vendor accepted the end, or the call had ended before.
    Ended,
    NotFound,
    Failed,
    /// It is not an id, and was not sent.
    Refused,
    NotAttempted,
}

impl EndResult {
    const ALL: [Self; 5] = [Self::Ended, Self::NotFound, Self::Failed, Self::Refused, Self::NotAttempted];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::NotFound => "not_found",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::NotAttempted => "not_attempted",
        }
    }
}

/// What became of a call that was to be ended. Printed by `end tavus`. Nothing is deleted, and there is no summary.
#[derive(Serialize, JsonSchema)]
pub(crate) struct EndLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    /// The id. If the entry was refused: the text of the input, or empty if `error.message` describes it.
    pub(crate) id: &'a str,
    /// `ended` if the vendor accepted the end or the call had ended before; `refused` if the entry is not an id.
    #[schemars(schema_with = "result")]
    pub(crate) result: &'static str,
    /// Why it was not ended.
    pub(crate) error: Option<&'a Failure>,
}

fn result(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": EndResult::ALL.map(EndResult::as_str) })
}
