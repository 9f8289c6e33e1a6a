//! The lines of `--output json`, one structure for each type, from which the JSON Schema is made. A member has a value or null.

mod end;
mod evidence;
mod job;
mod members;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::presence::PresencePair;
use super::record::{Failure, Record};
use super::summary::Summary;
pub(crate) use end::{EndLine, EndResult};
pub(crate) use evidence::EvidenceLine;
pub(crate) use job::{JobLine, PlanLine, TargetLine};
pub(crate) use members::{
    AcceptedMember, ChildMembers, CountMembers, DeletedMember, HoldMembers, JobTarget, LookupMembers, RunMember,
    SkewMember,
};

/// What a line has beside the members of every line.
pub(crate) trait Line: Serialize + JsonSchema {
    /// Its `type`.
    const TYPE: &'static str;
}

macro_rules! line_types {
    ($($name:literal is $line:ident),+ $(,)?) => {
        $(impl Line for $line<'_> {
            const TYPE: &'static str = $name;
        })+

        /// The JSON Schema of each type of line, without the members of every line.
        pub(super) fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
            vec![$(($name, $line::json_schema(generator))),+]
        }
    };
}

line_types! {
    "record" is RecordLine,
    "child" is ChildLine,
    "found" is FoundLine,
    "presence" is PresenceLine,
    "request" is RequestLine,
    "plan" is PlanLine,
    "check" is CheckLine,
    "profile" is ProfileLine,
    "target" is TargetLine,
    "job" is JobLine,
    "evidence" is EvidenceLine,
    "end" is EndLine,
    "error" is ErrorLine,
    "summary" is SummaryLine,
}

/// What happened to one id. Printed by `delete`, `sweep` and `export`, by `run` of a job that `delete` or `sweep` left, and by a
/// dry run (`not_attempted`).
#[derive(Serialize, JsonSchema)]
pub(crate) struct RecordLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    vendor: &'a str,
    /// The id. If the entry was refused: the text of the input, or empty if `error.message` describes it.
    id: &'a str,
    #[schemars(schema_with = "members::outcome")]
    outcome: &'static str,
    #[schemars(schema_with = "members::mode")]
    mode: Option<&'a str>,
    /// How many requests were sent for it.
    attempts: usize,
    /// The HTTP status of the last response.
    status: Option<u16>,
    /// The vendor's name for the last request.
    request_id: Option<&'a str>,
    /// Why it has no better outcome; null after a success.
    error: Option<&'a Failure>,
    /// What lookups reported; null if there was no lookup.
    presence: Option<&'a PresencePair>,
    /// When the record got its outcome, in RFC 3339; null if the outcome is not from a job.
    settled_at: Option<&'a str>,
    /// When the last lookup after the delete was made, in RFC 3339.
    looked_at: Option<&'a str>,
    /// Where a refused entry comes from: the name of a file, `stdin`, `arguments` or `list`.
    source: Option<&'a str>,
    /// The line, or the number of the argument, of a refused entry.
    line_number: Option<u64>,
}

impl<'a> RecordLine<'a> {
    pub(super) fn of(vendor: &'a str, mode: Option<&'a str>, record: &'a Record) -> Self {
        Self {
            vendor,
            id: &record.id,
            outcome: record.outcome.as_str(),
            mode: record.mode(mode),
            attempts: record.attempts,
            status: record.status,
            request_id: record.request_id.as_deref(),
            error: record.error.as_ref(),
            presence: record.presence.as_deref(),
            settled_at: record.settled_at.as_deref(),
            looked_at: record.looked_at(),
            source: record.origin.as_ref().map(|origin| &*origin.source),
            line_number: record.origin.as_ref().and_then(|origin| origin.line),
        }
    }
}

/// What happened to something that belongs to a Corti interaction. Printed by `delete --children` and `export`, before the
/// `record` of its interaction.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChildLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(super) vendor: &'a str,
    /// The id of the interaction.
    pub(super) parent: &'a str,
    #[serde(flatten)]
    pub(super) child: ChildMembers<'a>,
}

/// A record in a vendor's list. Printed by `list`, without a summary.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FoundLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    /// The id.
    pub(crate) id: &'a str,
    /// When it was created or its call started, in RFC 3339.
    pub(crate) created_at: Option<String>,
    /// When its latest message or change was, in RFC 3339.
    pub(crate) updated_at: Option<String>,
    /// The vendor's word for the status of the record.
    pub(crate) record_status: Option<&'a str>,
}

/// What a lookup reported of one id. Printed by `verify VENDOR`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PresenceLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    /// The id.
    pub(crate) id: &'a str,
    /// The lookup is in `after`.
    pub(crate) presence: &'a PresencePair,
    /// Why the presence is unknown.
    pub(crate) error: Option<&'a Failure>,
}

/// A request that would be sent. Printed by a dry run.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RequestLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    #[schemars(schema_with = "members::mode")]
    pub(crate) mode: Option<&'static str>,
    /// The HTTP method.
    pub(crate) method: &'a str,
    /// The whole URL.
    pub(crate) url: &'a str,
    /// The ids that the request is for; empty if it is not for particular ids.
    pub(crate) ids: &'a [String],
}

/// What is known of a credential. Printed by `check` and `profiles check`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CheckLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    /// Whether the credential is valid.
    pub(crate) ok: bool,
    /// The URL that was read.
    pub(crate) target: Option<&'a str>,
    /// Whether the credential sees any record; null if the check failed or, at Fini, the latest 90 days have none.
    pub(crate) sees_records: Option<bool>,
    /// Whether the credential may delete; null if only a delete could show it.
    pub(crate) may_delete: Option<bool>,
    /// What of the target the vendor confirmed.
    pub(crate) confirmed: &'a [String],
    /// Why the check failed.
    pub(crate) error: Option<Failure>,
    /// The profile of the credential; null if it is that of the environment.
    pub(crate) profile: Option<&'a str>,
}

/// A profile of the configuration file. Printed by `profiles`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ProfileLine<'a> {
    /// Its name.
    pub(crate) profile: Option<&'a str>,
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    /// The base URL.
    pub(crate) base_url: &'a str,
    /// The tenant or region, if it names one.
    pub(crate) place: Option<&'a str>,
    /// Where the credential comes from: a variable, a file, or a command, of which only the program is given.
    pub(crate) credential: &'a str,
}

/// Why the command does not do what it was asked to. Printed by every command; stderr has the same as text.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ErrorLine<'a> {
    /// The name of the exit code: `internal`, `usage`, `incomplete`, `stopped`, `unsafe`, `credential_refused`,
    /// `still_present` or `evidence_invalid`.
    pub(crate) kind: &'a str,
    /// What happened.
    pub(crate) message: &'a str,
    /// The exit code that this error has on its own.
    pub(crate) exit_code: u8,
    /// What to do about it.
    pub(crate) advice: Option<&'a str>,
}

/// The counts of all ids. Printed by every command that reports on ids, as the last line: a report without it is not complete.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct SummaryLine<'a> {
    #[serde(flatten)]
    pub(crate) counts: CountMembers,
    #[serde(flatten)]
    pub(crate) lookups: LookupMembers,
    #[schemars(schema_with = "members::ending")]
    pub(crate) ending: Option<&'a str>,
    /// The job file; null if it was removed, or if there is none.
    pub(crate) job: Option<String>,
    /// What `run --hold` found.
    pub(crate) holds: Option<HoldMembers<'a>>,
}

impl<'a> SummaryLine<'a> {
    pub(crate) fn of(summary: &Summary) -> Self {
        let Summary { counts, ending, job, .. } = summary;
        Self { counts: *counts, ending: *ending, job: job.clone(), ..Self::default() }
    }
}
