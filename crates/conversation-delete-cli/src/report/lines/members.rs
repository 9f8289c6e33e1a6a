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
    /// The id of the child.
    id: &'a str,
    #[schemars(schema_with = "outcome")]
    outcome: &'static str,
    /// How many requests were sent for it.
    attempts: usize,
    /// The HTTP status of the last response.
    status: Option<u16>,
    /// The vendor's name for the last request.
    request_id: Option<&'a str>,
    /// Why it has no better outcome; null after a success.
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
    /// How many ids have the outcome `deleted`.
    pub(crate) deleted: u64,
    /// How many ids have the outcome `acknowledged`.
    pub(crate) acknowledged: u64,
    /// How many ids have the outcome `gone`.
    pub(crate) gone: u64,
    /// How many ids have the outcome `unresolved`.
    pub(crate) unresolved: u64,
    /// How many ids have the outcome `not_found`.
    pub(crate) not_found: u64,
    /// How many ids have the outcome `failed`.
    pub(crate) failed: u64,
    /// How many entries were refused.
    pub(crate) refused: u64,
    /// How many ids are held.
    pub(crate) held: u64,
    /// How many ids were not attempted.
    pub(crate) not_attempted: u64,
    /// Absent after the delete, and seen before it or reported as deleted by the vendor for this very record.
    pub(crate) verified: u64,
    /// Sent, and present after it, whatever the outcome.
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
    /// `verify`: how many ids are absent.
    pub(crate) absent: Option<u64>,
    /// `verify`: how many ids are present.
    pub(crate) present: Option<u64>,
    /// `verify`: how many ids have an unknown presence.
    pub(crate) unknown: Option<u64>,
}

/// A target of a job, with what was planned and how far it is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "job_target")]
pub(crate) struct JobTarget<'a> {
    #[schemars(schema_with = "vendor")]
    pub(crate) vendor: &'a str,
    /// Scheme, host and port of the base URL.
    pub(crate) origin: &'a str,
    /// The base URL; null in a file of an early version.
    pub(crate) base_url: Option<&'a str>,
    /// Corti: the URL below which tokens are fetched; null with a fixed token.
    pub(crate) auth_url: Option<&'a str>,
    /// The tenant, region or workspace, as far as the environment names it.
    pub(crate) place: Option<&'a str>,
    /// A fingerprint of the credential.
    pub(crate) credential: &'a str,
    /// The credentials that `--accept-credential` accepted.
    pub(crate) accepted_credentials: Vec<AcceptedMember<'a>>,
    /// How far the clocks differ, if it was measured.
    pub(crate) clock_skew: Option<SkewMember<'a>>,
    #[schemars(schema_with = "mode")]
    pub(crate) mode: Option<&'static str>,
    /// Words for the other choices of the plan, such as `children` or `allow-active`.
    pub(crate) options: &'a str,
    /// How many ids are to be deleted.
    pub(crate) planned: u64,
    #[serde(flatten)]
    pub(crate) counts: CountMembers,
    /// How many of the ids that are not attempted may be deleted: a run ended while their requests were about to leave.
    pub(crate) in_doubt: u64,
}

/// A credential that was accepted instead of the planned one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "accepted_credential")]
pub(crate) struct AcceptedMember<'a> {
    /// Its fingerprint.
    pub(crate) credential: &'a str,
    /// RFC 3339.
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
    /// RFC 3339.
    pub(crate) measured_at: &'a str,
}

/// What became of the records that `run --hold` names.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "holds")]
pub(crate) struct HoldMembers<'a> {
    /// How many are held.
    pub(crate) held: u64,
    /// How many were deleted before.
    pub(crate) deleted: u64,
    /// How many were not found before.
    pub(crate) not_found: u64,
    /// How many failed before.
    pub(crate) failed: u64,
    /// How many may be deleted.
    pub(crate) in_doubt: u64,
    /// How many holds match no record of the job.
    pub(crate) unmatched: u64,
    /// The last 20 that were deleted before.
    pub(crate) deleted_before: Vec<DeletedMember<'a>>,
}

/// A record that was deleted before its hold came.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "deleted_before")]
pub(crate) struct DeletedMember<'a> {
    #[schemars(schema_with = "vendor")]
    pub(crate) vendor: &'a str,
    /// Its id.
    pub(crate) id: &'a str,
    #[schemars(schema_with = "outcome")]
    pub(crate) outcome: &'a str,
    /// When it got its outcome, in RFC 3339.
    pub(crate) time: &'a str,
}

pub(super) fn vendor(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "The vendor.", "enum": ["corti", "fini", "elevenlabs", "tavus"] })
}

pub(super) fn outcome(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "What became of it.", "enum": RecordOutcome::ALL.map(RecordOutcome::as_str) })
}

pub(super) fn mode(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "The erasure mode at Tavus; null elsewhere.", "enum": ["hard", "soft", null] })
}

pub(super) fn signature(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "What is known of the signature: `unchecked` if no key was given; null of what was not verified.", "enum": ["unsigned", "unchecked", "valid", null] })
}

pub(super) fn ending(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "How the run of a job ended: `finished`, `interrupted`, `deadline_reached`, `outage_timed_out` (no valid response for too long), `unrecoverable`, `nothing_found`, `wrong_target`, `credential_refused`, `file_lost` or `taken_over`.", "type": ["string", "null"] })
}
