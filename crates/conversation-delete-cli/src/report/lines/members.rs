//! What lines have in common, or hold as a list.

use conversation_delete_job::{Counts, RecordOutcome};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::report::record::{ChildRecord, Failure};

/// What happened to a child.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChildMembers<'a> {
    /// `transcript`, `recording`, `document` or `guided_document`.
    kind: &'a str,
    id: &'a str,
    #[schemars(schema_with = "outcome")]
    outcome: &'static str,
    /// How many requests were sent for it.
    attempts: usize,
    /// The HTTP status of the last response.
    status: Option<u16>,
    /// The vendor's name for the last request.
    request_id: Option<&'a str>,
    error: Option<&'a Failure>,
}

impl<'a> ChildMembers<'a> {
    pub(crate) fn of(child: &'a ChildRecord) -> Self {
        let record = &child.record;
        Self {
            kind: &child.kind,
            id: &record.id,
            outcome: record.outcome.as_str(),
            attempts: record.attempts,
            status: record.status,
            request_id: record.request_id.as_deref(),
            error: record.error.as_ref(),
        }
    }
}

/// How many ids have each outcome, and how many of the deleted ones are verified.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct CountMembers {
    pub(crate) deleted: u64,
    pub(crate) acknowledged: u64,
    pub(crate) gone: u64,
    pub(crate) unresolved: u64,
    pub(crate) not_found: u64,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    pub(crate) held: u64,
    pub(crate) not_attempted: u64,
    /// Seen before the delete, and absent after it.
    pub(crate) verified: u64,
    /// Present after the delete.
    pub(crate) still_present: u64,
    /// Deleted, acknowledged or gone, and neither of the two; 0 if nothing was looked up.
    pub(crate) unverified: u64,
}

impl CountMembers {
    /// Those of the outcomes.
    pub(crate) fn of(tally: &Counts) -> Self {
        let get = |outcome| tally.get(outcome);
        Self {
            deleted: get(RecordOutcome::Deleted),
            acknowledged: get(RecordOutcome::Acknowledged),
            gone: get(RecordOutcome::Gone),
            unresolved: get(RecordOutcome::Unresolved),
            not_found: get(RecordOutcome::NotFound),
            failed: get(RecordOutcome::Failed),
            refused: get(RecordOutcome::Refused),
            held: get(RecordOutcome::Held),
            not_attempted: get(RecordOutcome::NotAttempted),
            ..Self::default()
        }
    }

    /// Each outcome, and how many ids have it.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (RecordOutcome, u64)> + use<> {
        let Self { deleted, acknowledged, gone, unresolved, not_found, failed, refused, held, not_attempted, .. } =
            *self;
        let numbers = [deleted, acknowledged, gone, unresolved, not_found, failed, refused, held, not_attempted];
        RecordOutcome::ALL.into_iter().zip(numbers)
    }
}

/// What the lookups of `verify` reported; null in other commands.
#[derive(Clone, Copy, Default, Serialize, JsonSchema)]
pub(crate) struct LookupMembers {
    pub(crate) absent: Option<u64>,
    pub(crate) present: Option<u64>,
    pub(crate) unknown: Option<u64>,
}

/// A target of a job, with what was planned and how far it is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "job_target")]
pub(crate) struct JobTarget<'a> {
    #[schemars(schema_with = "vendor")]
    pub(crate) vendor: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) base_url: Option<&'a str>,
    pub(crate) auth_url: Option<&'a str>,
    /// The tenant, region or workspace, as far as the environment names it.
    pub(crate) place: Option<&'a str>,
    /// A fingerprint of the credential.
    pub(crate) credential: &'a str,
    pub(crate) accepted_credentials: Vec<AcceptedMember<'a>>,
    pub(crate) clock_skew: Option<SkewMember<'a>>,
    #[schemars(schema_with = "mode")]
    pub(crate) mode: Option<&'static str>,
    pub(crate) options: &'a str,
    pub(crate) planned: u64,
    #[serde(flatten)]
    pub(crate) counts: CountMembers,
    /// How many may be deleted although they have no outcome.
    pub(crate) in_doubt: u64,
}

/// A credential that was accepted instead of the planned one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "accepted_credential")]
pub(crate) struct AcceptedMember<'a> {
    pub(crate) credential: &'a str,
    pub(crate) accepted_at: &'a str,
}

/// A run of a job.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "job_run")]
pub(crate) struct RunMember<'a> {
    /// `delete`, `verify` or `lookup`; null in a file of an early version.
    pub(crate) purpose: Option<&'a str>,
    /// The program and its version.
    pub(crate) program: &'a str,
    /// RFC 3339.
    pub(crate) started_at: &'a str,
    /// RFC 3339; null while it runs, or if it was killed and no later command noticed.
    pub(crate) ended_at: Option<&'a str>,
    /// How it ended for each target, such as `finished` or `finished, interrupted`; `killed`, or `not_begun` if it sent nothing.
    pub(crate) ending: Option<&'a str>,
}

/// How far this computer's clock was from the vendor's.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "clock_skew")]
pub(crate) struct SkewMember<'a> {
    /// Milliseconds; negative if this computer's clock is behind.
    pub(crate) ahead_ms: i64,
    pub(crate) measured_at: &'a str,
}

/// What became of the records that `run --hold` names.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "holds")]
pub(crate) struct HoldMembers<'a> {
    pub(crate) held: u64,
    pub(crate) deleted: u64,
    pub(crate) not_found: u64,
    pub(crate) failed: u64,
    pub(crate) in_doubt: u64,
    pub(crate) unmatched: u64,
    /// The last ones that were deleted before their hold came.
    pub(crate) deleted_before: Vec<DeletedMember<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "deleted_before")]
pub(crate) struct DeletedMember<'a> {
    #[schemars(schema_with = "vendor")]
    pub(crate) vendor: &'a str,
    pub(crate) id: &'a str,
    #[schemars(schema_with = "outcome")]
    pub(crate) outcome: &'a str,
    pub(crate) time: &'a str,
}

pub(super) fn vendor(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["corti", "fini", "elevenlabs", "tavus"] })
}

pub(super) fn outcome(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": RecordOutcome::ALL.map(RecordOutcome::as_str) })
}

pub(super) fn mode(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "The erasure mode, at Tavus.", "enum": ["hard", "soft", null] })
}

pub(super) fn signature(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "What is known of the signature of evidence.", "enum": ["unsigned", "unchecked", "valid", null] })
}

pub(super) fn ending(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "How the run of a job ended, such as `finished`.", "type": ["string", "null"] })
}
