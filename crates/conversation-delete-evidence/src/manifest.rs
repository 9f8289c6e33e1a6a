//! `manifest.json`: what a bundle is about, its totals, and the hashes of its files.

mod counts;

use std::io;

use delete_core::ErasureMode;
use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::word;
pub use counts::{HoldCounts, OutcomeCounts, RefusedCounts, RefusedReason, VerificationCounts};

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    /// All but the hashes.
    pub about: ManifestHead,
    /// The hashes of the files that are written after `records.jsonl`.
    pub files: Files,
}

impl Manifest {
    /// Returns the contents of the file.
    pub(crate) fn to_text(&self) -> io::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// What a bundle is about, and its totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ManifestHead {
    /// The version of the format of the bundle: 1.
    pub schema: u64,
    /// What made the bundle.
    pub program: Program,
    /// When the bundle was made, in RFC 3339.
    pub exported_at: String,
    /// The language of `report.html`.
    pub language: Language,
    /// Whether ids are those of the vendor.
    pub ids: IdForm,
    /// The verifier key of who signed the bundle, as `NAME+HASH+KEY`; `None` if it is not signed. Trust it only if you have
    /// it from them by another way.
    pub signer: Option<String>,
    /// `records.jsonl`: its hash, and the tree over its lines.
    pub records: RecordsHead,
    /// How the job was planned.
    pub job: JobHead,
    /// Its runs, the oldest first.
    pub runs: Vec<RunHead>,
    /// Where records were deleted, in the order of the plan.
    pub targets: Vec<TargetHead>,
    /// The number of records of each outcome.
    pub outcomes: OutcomeCounts,
    /// The number of records of each result of verification.
    pub verification: VerificationCounts,
    /// Entries of the input that were not ids. They have no line in `records.jsonl`.
    pub refused: RefusedCounts,
    /// The number of holds.
    pub holds: HoldCounts,
    /// Whether outcomes were lost with a log of the job: then some records may have been deleted by a request that is not in
    /// the bundle.
    pub outcomes_were_lost: bool,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Whether ids are those of the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdForm {
    /// They are.
    Vendor,
    /// Each is an HMAC-SHA-256 of the id, whose key the operator keeps.
    Pseudonym,
}

/// How a job was planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JobHead {
    /// The program that planned it, with its version.
    pub planned_by: String,
    /// When it was planned, in RFC 3339.
    pub planned_at: String,
    /// The SHA-256 of its plan, by the rule of the job file. In a bundle of pseudonyms, its HMAC under their key.
    pub plan_hash: String,
    /// The earliest time of the records that were listed, in RFC 3339, if there was such a bound.
    pub since: Option<String>,
    /// The time before which they are.
    pub until: Option<String>,
}

/// One run of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RunHead {
    /// The program that ran it, with its version.
    pub program: String,
    /// What it was for: `delete`, `verify` or `lookup`; `None` in older job files.
    pub purpose: Option<String>,
    /// In RFC 3339.
    pub started_at: String,
    /// In RFC 3339; `None` while it runs, or if it was killed and no later command noticed.
    pub ended_at: Option<String>,
    /// How it ended, as in the job file: such as `finished`, `interrupted` or `killed`.
    pub ending: Option<String>,
}

/// Where records were deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TargetHead {
    /// The vendor.
    pub vendor: String,
    /// Its base URL.
    pub base_url: String,
    /// The URL below which tokens are fetched, if they are.
    pub auth_url: Option<String>,
    /// The tenant, workspace or region, if the vendor has such.
    pub place: Option<String>,
    /// Hard or soft, if the vendor has two modes.
    #[serde(with = "word::option")]
    pub mode: Option<ErasureMode>,
    /// Further choices, as in the job file, such as `children`.
    pub options: String,
    /// A fingerprint of the planned credential, which does not reveal it.
    pub credential: String,
    /// The credentials that were accepted instead of it, the oldest first.
    pub accepted_credentials: Vec<AcceptedCredentialHead>,
    /// The number of its records, whatever became of them.
    pub planned: u64,
    /// The number of records of each outcome.
    pub outcomes: OutcomeCounts,
    /// The number of records of each result of verification.
    pub verification: VerificationCounts,
}

/// A credential that was accepted instead of the planned one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AcceptedCredentialHead {
    /// Its fingerprint.
    pub credential: String,
    /// When, in RFC 3339.
    pub accepted_at: String,
}

/// `records.jsonl`, and the Merkle tree of RFC 6962 over its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordsHead {
    /// The number of lines, which is the size of the tree.
    pub count: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The root of the tree, in base64 as in `checkpoint`.
    pub root: String,
}

/// The SHA-256 of the files that are written after `records.jsonl`, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Files {
    /// Of `report.html`.
    #[serde(rename = "report.html")]
    pub report: String,
    /// Of `README.txt`.
    #[serde(rename = "README.txt")]
    pub readme: String,
}
