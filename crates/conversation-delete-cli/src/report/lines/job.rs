//! The lines about a job: its plan, its targets, and how far it is.

use schemars::JsonSchema;
use serde::Serialize;

use super::members::{self, CountMembers, JobTarget, LookupMembers, RunMember};

/// A plan that was written to a job file. Printed by `plan`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PlanLine<'a> {
    /// The job file.
    pub(crate) job: String,
    /// The SHA-256 of the plan, in hexadecimal.
    pub(crate) hash: &'a str,
    /// The earliest time of the records, in RFC 3339, if the list was bounded.
    pub(crate) since: Option<&'a str>,
    /// The time before which the records are.
    pub(crate) until: Option<&'a str>,
    /// How many ids are to be deleted.
    pub(crate) planned: u64,
    /// How many entries repeat an id.
    pub(crate) merged: u64,
    /// How many ids a hold names.
    pub(crate) held: u64,
    /// How many entries of the input are not ids.
    pub(crate) refused: u64,
    /// Where the ids are to be deleted.
    pub(crate) targets: Vec<JobTarget<'a>>,
}

/// The counts of one target of a job. Printed by `run`, `sweep` and `verify JOB`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TargetLine<'a> {
    #[schemars(schema_with = "members::vendor")]
    pub(crate) vendor: &'a str,
    #[schemars(schema_with = "members::mode")]
    pub(crate) mode: Option<&'static str>,
    #[serde(flatten)]
    pub(crate) counts: CountMembers,
    #[serde(flatten)]
    pub(crate) lookups: LookupMembers,
    #[schemars(schema_with = "members::ending")]
    pub(crate) ending: Option<&'a str>,
}

/// How far a job is. Printed by `status` and `jobs list`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct JobLine<'a> {
    /// The job file.
    pub(crate) job: String,
    /// `running`, `planned` (not begun), `stopped` (ids are left), `finished`, `unplanned` (the plan was not completed) or
    /// `unreadable`.
    pub(crate) state: &'static str,
    /// The SHA-256 of the plan, in hexadecimal.
    pub(crate) hash: Option<&'a str>,
    /// When it was planned, in RFC 3339.
    pub(crate) planned_at: Option<&'a str>,
    /// The earliest time of the records, in RFC 3339, if the list was bounded.
    pub(crate) since: Option<&'a str>,
    /// The time before which the records are.
    pub(crate) until: Option<&'a str>,
    /// Who runs the job; null if nobody does.
    pub(crate) holder: Option<&'a str>,
    /// Whether the log with the latest outcomes is missing: the counts are the least that there are.
    pub(crate) outcomes_may_be_missing: bool,
    /// How many entries of the input were not ids.
    pub(crate) refused: u64,
    /// Where its ids are deleted, and how far each target is.
    pub(crate) targets: Vec<JobTarget<'a>>,
    /// Its runs, the oldest first.
    pub(crate) runs: Vec<RunMember<'a>>,
}
