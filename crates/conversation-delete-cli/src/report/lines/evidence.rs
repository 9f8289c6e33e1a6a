//! The line of a file of evidence.

use std::path::Path;

use conversation_delete_evidence::Manifest;
use schemars::JsonSchema;
use serde::Serialize;

use super::members;

/// A file of evidence that was written, or that verifies. Printed by `evidence export`, `verify` and `prove`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct EvidenceLine<'a> {
    /// The bundle, the report, the proof, or the folder with proofs.
    pub(crate) file: String,
    /// How many records it holds or proves; null of a report.
    pub(crate) records: Option<u64>,
    #[schemars(schema_with = "members::signature")]
    pub(crate) signature: Option<&'static str>,
    /// The name of the key that signed it.
    pub(crate) signer: Option<&'a str>,
}

impl EvidenceLine<'_> {
    pub(crate) fn file(path: &Path) -> Self {
        Self { file: path.to_string_lossy().into_owned(), records: None, signature: None, signer: None }
    }
}

impl<'a> EvidenceLine<'a> {
    /// A bundle that was written.
    pub(crate) fn of_manifest(path: &Path, manifest: &'a Manifest) -> Self {
        let signer = manifest.about.signer.as_ref().and_then(|key| key.split('+').next());
        Self { records: Some(manifest.about.records.count), signer, ..EvidenceLine::file(path) }
    }
}
