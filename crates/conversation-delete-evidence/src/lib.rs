#![doc = include_str!("../README.md")]

mod checkpoint;
mod collect;
mod export;
mod format;
mod hex;
#[cfg(test)]
mod interop;
mod key_file;
mod language;
mod manifest;
mod mismatch;
mod note;
mod proof;
mod pseudonym;
mod record;
pub mod report;
mod salt;
#[cfg(test)]
mod sample;
mod totals;
mod tree;
mod verification;
mod verify;
mod word;
mod zip;

pub use export::{ExportError, ExportOptions, export, export_report};
pub use language::Language;
pub use manifest::{
    AcceptedCredentialHead, Files, HoldCounts, IdForm, JobHead, Manifest, ManifestHead, OutcomeCounts, Program,
    RecordsHead, RefusedCounts, RefusedReason, RunHead, TargetHead, VerificationCounts,
};
pub use mismatch::{Mismatch, VerifyError};
pub use note::{KeyError, SignerKey, VerifierKey};
pub use proof::{ProveError, ProvenRecord, prove, verify_proof};
pub use pseudonym::PseudonymKey;
pub use record::{AttemptHead, Child, EvidenceRecord, HeldBy, Holder, Presence, PresencePair};
pub use totals::{TargetTotals, Totals};
pub use verification::Verification;
pub use verify::{SignatureCheck, Verified, verified_report, verify};
