#![doc = include_str!("../README.md")]

mod language;
mod manifest;
mod record;
pub mod report;
mod totals;
mod verification;
mod word;

pub use language::Language;
pub use manifest::{
    AcceptedCredentialHead, Files, HoldCounts, IdForm, JobHead, Manifest, ManifestHead, OutcomeCounts, Program,
    RefusedCounts, RefusedReason, RunHead, TargetHead, TreeHead, VerificationCounts,
};
pub use record::{AttemptHead, Child, EvidenceRecord, HeldBy, Holder, Presence, PresencePair};
pub use totals::{TargetTotals, Totals};
pub use verification::Verification;
