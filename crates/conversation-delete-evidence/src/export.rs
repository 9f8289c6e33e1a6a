//! Makes a bundle of a job.

mod error;

use std::io::{self, BufWriter, Seek, Write};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conversation_delete_job::JobLocation;
use delete_core::timestamp;
use sha2::{Digest, Sha256};

use crate::checkpoint::Checkpoint;
use crate::collect::{Job, run_head};
use crate::format::{MOST_RECORDS, SCHEMA, file};
use crate::hex::{hex, sha256_hex};
use crate::language::Language;
use crate::manifest::{Files, IdForm, Manifest, ManifestHead, Program, RecordsHead};
use crate::note::SignerKey;
use crate::pseudonym::PseudonymKey;
use crate::record::EvidenceRecord;
use crate::report;
use crate::salt::SaltKey;
use crate::totals::Totals;
use crate::tree::{Hash, Tree};
use crate::zip::ZipWriter;

pub use error::ExportError;

/// From so many records on, `records.jsonl` may have 4 GiB.
const MANY: u64 = 500_000;

const README: &str = include_str!("bundle_readme.txt");

/// How a bundle is made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExportOptions {
    /// The program that makes it.
    pub program: Program,
    /// When it is made.
    pub exported_at: SystemTime,
    /// The language of the report.
    pub language: Language,
    /// The key that signs it.
    pub signer: Option<SignerKey>,
    /// The key by which ids are replaced by pseudonyms.
    pub pseudonyms: Option<PseudonymKey>,
    /// Makes the salts; a new one for each export if there is none.
    pub(crate) salts: Option<SaltKey>,
}

impl ExportOptions {
    /// Returns the options for an English report, real ids, and no signature.
    pub fn new(name: &str, version: &str, exported_at: SystemTime) -> Self {
        let program = Program { name: name.to_owned(), version: version.to_owned() };
        Self { program, exported_at, language: Language::En, signer: None, pseudonyms: None, salts: None }
    }
}

/// Writes a bundle of a job, and returns its manifest. It needs memory for some thousand records, whatever their number.
///
/// # Errors
/// [`ExportError`]. What was written is not a bundle then.
pub fn export(
    location: impl Into<JobLocation>,
    options: &ExportOptions,
    out: impl Write + Seek,
) -> Result<Manifest, ExportError> {
    let job = Job::read(location.into())?;
    let mut contents = Contents::new(&job);
    let mut zip = ZipWriter::new(BufWriter::with_capacity(256 * 1024, out));
    zip.add_bytes(file::README, README.as_bytes())?;
    zip.add(file::RECORDS, job.planned >= MANY, |out| contents.write_records(&job, options, out))?;
    let (about, root, report) = contents.finish(job, options);
    zip.add_bytes(file::REPORT, report.as_bytes())?;
    let files = Files { report: sha256_hex(report.as_bytes()), readme: sha256_hex(README.as_bytes()) };
    let manifest = Manifest { about, files };
    let text = manifest.to_text()?;
    zip.add_bytes(file::MANIFEST, text.as_bytes())?;
    let size = manifest.about.records.count;
    let checkpoint = Checkpoint::new(&sha256_hex(text.as_bytes()), size, &root, options.signer.as_ref());
    zip.add_bytes(file::CHECKPOINT, checkpoint.to_string().as_bytes())?;
    zip.finish()?;
    Ok(manifest)
}

/// Returns the report of a job alone, which is not signed.
///
/// # Errors
/// [`ExportError`].
pub fn export_report(location: impl Into<JobLocation>, options: &ExportOptions) -> Result<String, ExportError> {
    let job = Job::read(location.into())?;
    let options = ExportOptions { signer: None, ..options.clone() };
    let mut contents = Contents::new(&job);
    contents.write_records(&job, &options, &mut io::sink())?;
    let (_, _, report) = contents.finish(job, &options);
    Ok(report)
}

/// What is collected while records are written.
struct Contents {
    tree: Tree,
    hash: Sha256,
    totals: Totals,
    digest: report::Digest,
}

impl Contents {
    fn new(job: &Job) -> Self {
        let totals = Totals::new(job.targets.len());
        Self { tree: Tree::default(), hash: Sha256::new(), totals, digest: report::Digest::new() }
    }

    fn write_records(&mut self, job: &Job, options: &ExportOptions, out: &mut dyn Write) -> Result<(), ExportError> {
        let salts = options.salts.clone().map_or_else(SaltKey::generate, Ok)?;
        job.records(options.pseudonyms.as_ref(), &salts, |record| {
            let line = self.add(&record)?;
            Ok(out.write_all(&line)?)
        })
    }

    /// Returns the record's line.
    fn add(&mut self, record: &EvidenceRecord) -> Result<Vec<u8>, ExportError> {
        if !self.totals.add(record) {
            return Err(ExportError::Changed);
        }
        if record.index >= MOST_RECORDS {
            return Err(ExportError::TooLarge);
        }
        self.digest.add(record);
        let mut line = record.to_line()?;
        self.tree.add(&line, false);
        line.push(b'\n');
        self.hash.update(&line);
        Ok(line)
    }

    /// The head of the manifest, the root of the tree, and the report.
    fn finish(self, mut job: Job, options: &ExportOptions) -> (ManifestHead, Hash, String) {
        if let Some(key) = &options.pseudonyms {
            job.head.plan_hash = key.of_plan(&job.head.plan_hash);
        }
        let count = self.tree.size();
        let (root, _) = self.tree.finish();
        let records = RecordsHead { count, sha256: hex(&self.hash.finalize()), root: STANDARD.encode(root) };
        let mut head = ManifestHead {
            schema: SCHEMA,
            program: options.program.clone(),
            exported_at: timestamp::format(options.exported_at),
            language: options.language,
            ids: if options.pseudonyms.is_some() { IdForm::Pseudonym } else { IdForm::Vendor },
            signer: options.signer.as_ref().map(|signer| signer.verifier().to_string()),
            records,
            job: job.head,
            runs: job.history.runs.iter().map(run_head).collect(),
            targets: job.targets,
            outcomes: Default::default(),
            verification: Default::default(),
            refused: job.refused,
            holds: job.holds,
            outcomes_were_lost: job.outcomes_were_lost,
        };
        self.totals.write_to(&mut head);
        let report = report::render(&head, &self.digest, options.language);
        (head, root, report)
    }
}

#[cfg(test)]
mod tests;
