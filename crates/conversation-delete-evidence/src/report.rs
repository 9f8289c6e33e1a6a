//! `report.html`: what a bundle shows, for people.

use crate::language::Language;
use crate::manifest::ManifestHead;
use crate::record::EvidenceRecord;

/// What the report shows of the records, collected while they are written.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    records: u64,
}

impl Digest {
    /// Returns an empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next record of the plan.
    pub fn add(&mut self, _record: &EvidenceRecord) {
        self.records += 1;
    }
}

/// Renders the report.
pub fn render(about: &ManifestHead, digest: &Digest, language: Language) -> String {
    format!(
        "<!doctype html><html lang=\"{}\"><title>{}</title><h1>{}</h1></html>\n",
        language.as_str(),
        about.exported_at,
        digest.records
    )
}
