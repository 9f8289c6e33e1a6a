//! Checks a bundle: every hash, the root, the signature, the totals, and each line.

mod records;

use std::io::{Read, Seek};

use crate::checkpoint::{Checkpoint, parse_hash};
use crate::format::{MOST_RECORDS, SCHEMA, file};
use crate::hex::sha256_hex;
use crate::manifest::{Manifest, ManifestHead};
use crate::mismatch::{VerifyError, damaged, equal, mismatch};
use crate::note::{MOST_BYTES, VerifierKey};
use crate::record::EvidenceRecord;
use crate::zip::{Archive, Entry};

pub(crate) use records::{Watched, check_line};

/// The most bytes of `manifest.json`, `README.txt` and `report.html` that are read.
const LONGEST_FILE: u64 = 32 * 1024 * 1024;

/// A bundle that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Its manifest.
    pub manifest: Manifest,
    /// What is known of its signature.
    pub signature: SignatureCheck,
}

/// What is known of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// There is none.
    Unsigned,
    /// It was not checked with a key that the caller trusts. Its signer has this name, by its own account.
    Unchecked(String),
    /// It is one of the key that the caller gave, which has this name.
    Valid(String),
}

/// Verifies a bundle. With `key` it must be signed by that key.
///
/// It needs a few bytes of memory for each record, and those of the longest file besides `records.jsonl`.
///
/// # Errors
/// [`VerifyError::Mismatch`] names the file, the line and what differs. [`VerifyError::Read`] if the bundle cannot be read.
pub fn verify(source: impl Read + Seek, key: Option<&VerifierKey>) -> Result<Verified, VerifyError> {
    check(&mut Bundle::open(source)?, key, |_, _| false).map(|checked| checked.verified)
}

/// Verifies a bundle without a key, and returns its `report.html`.
///
/// # Errors
/// As [`verify`].
pub fn verified_report(source: impl Read + Seek) -> Result<String, VerifyError> {
    let mut bundle = Bundle::open(source)?;
    check(&mut bundle, None, |_, _| false)?;
    let report = bundle.read(file::REPORT, LONGEST_FILE)?;
    String::from_utf8(report).map_err(|_| mismatch(file::REPORT, None, "it is not UTF-8"))
}

/// A bundle that verifies, and those of its records that were watched for.
pub(crate) struct Checked {
    pub(crate) verified: Verified,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) watched: Vec<Watched>,
}

/// Verifies a bundle, and collects the lines and the proofs of the records for which `is_watched` is true.
pub(crate) fn check(
    bundle: &mut impl Source,
    key: Option<&VerifierKey>,
    is_watched: impl FnMut(&ManifestHead, &EvidenceRecord) -> bool,
) -> Result<Checked, VerifyError> {
    let manifest_text = bundle.read(file::MANIFEST, LONGEST_FILE)?;
    let checkpoint_text = bundle.read(file::CHECKPOINT, MOST_BYTES as u64)?;
    let checkpoint = Checkpoint::parse(&checkpoint_text).map_err(|what| mismatch(file::CHECKPOINT, None, what))?;
    if let Some(key) = key {
        checkpoint.check_signature(key).map_err(|what| mismatch(file::CHECKPOINT, None, what))?;
    }
    let manifest = parse_manifest(&manifest_text)?;
    check_head(&manifest, &manifest_text, &checkpoint)?;
    let signature = check_signer(&manifest, &checkpoint, key)?;
    for (name, expected) in [(file::REPORT, &manifest.files.report), (file::README, &manifest.files.readme)] {
        let contents = bundle.read(name, LONGEST_FILE)?;
        equal(name, "its SHA-256", &sha256_hex(&contents), expected)?;
    }
    let watched = records::check(bundle.stream(file::RECORDS)?, &manifest.about, is_watched)?;
    Ok(Checked { verified: Verified { manifest, signature }, checkpoint, watched })
}

/// Where the files of a bundle are.
pub(crate) trait Source {
    fn stream(&mut self, name: &'static str) -> Result<impl Read + '_, VerifyError>;

    /// Reads a file of at most so many bytes.
    fn read(&mut self, name: &'static str, most: u64) -> Result<Vec<u8>, VerifyError> {
        let mut contents = Vec::new();
        self.stream(name)?.take(most + 1).read_to_end(&mut contents).map_err(|error| damaged(name, error))?;
        if contents.len() as u64 > most {
            return Err(mismatch(name, None, format!("it is longer than {most} bytes")));
        }
        Ok(contents)
    }
}

/// A ZIP file that has the five files of a bundle, and no others.
pub(crate) struct Bundle<R> {
    archive: Archive<R>,
}

const CONTAINER: &str = "the ZIP file";

impl<R: Read + Seek> Bundle<R> {
    pub(crate) fn open(source: R) -> Result<Self, VerifyError> {
        let archive = Archive::open(source).map_err(|error| damaged(CONTAINER, error))?;
        for (number, entry) in archive.entries.iter().enumerate() {
            if !file::ALL.contains(&entry.name.as_str()) {
                let name = entry.name.escape_debug();
                return Err(mismatch(CONTAINER, None, format!("it holds `{name}`, which is not a file of a bundle")));
            }
            if archive.entries[..number].iter().any(|before| before.name == entry.name) {
                return Err(mismatch(&entry.name, None, "it is in the ZIP file twice"));
            }
        }
        Ok(Self { archive })
    }

    fn entry(&self, name: &str) -> Result<Entry, VerifyError> {
        let entry = self.archive.entries.iter().find(|entry| entry.name == name);
        entry.cloned().ok_or_else(|| mismatch(name, None, "it is missing in the ZIP file"))
    }
}

impl<R: Read + Seek> Source for Bundle<R> {
    fn stream(&mut self, name: &'static str) -> Result<impl Read + '_, VerifyError> {
        let entry = self.entry(name)?;
        self.archive.reader(&entry).map_err(|error| damaged(name, error))
    }
}

fn parse_manifest(text: &[u8]) -> Result<Manifest, VerifyError> {
    let manifest: Manifest = serde_json::from_slice(text)
        .map_err(|error| mismatch(file::MANIFEST, Some(error.line() as u64), error.to_string()))?;
    let expected = manifest.to_text().map_err(VerifyError::Read)?;
    if let Some(line) = first_difference(expected.as_bytes(), text) {
        return Err(mismatch(file::MANIFEST, Some(line), "it is not written as a bundle's manifest is"));
    }
    Ok(manifest)
}

/// The number of the first line that differs.
fn first_difference(expected: &[u8], found: &[u8]) -> Option<u64> {
    let same = expected.iter().zip(found).take_while(|(expected, found)| expected == found).count();
    let is_same = same == expected.len() && same == found.len();
    (!is_same).then(|| 1 + expected[..same].iter().filter(|byte| **byte == b'\n').count() as u64)
}

/// The manifest is the one that the checkpoint names, and both name the same tree.
fn check_head(manifest: &Manifest, text: &[u8], checkpoint: &Checkpoint) -> Result<(), VerifyError> {
    let about = &manifest.about;
    let named = checkpoint.origin().map_or("", |(_, manifest)| manifest);
    equal(file::MANIFEST, "its SHA-256 (in `checkpoint`)", &sha256_hex(text), named)?;
    equal(file::MANIFEST, "`schema`", &about.schema, &SCHEMA)?;
    equal(file::CHECKPOINT, "the size of the tree", &checkpoint.size, &about.records.count)?;
    if parse_hash(&about.records.root) != Some(checkpoint.root) {
        return Err(mismatch(file::CHECKPOINT, None, "the root of the tree is not that of `manifest.json`"));
    }
    if about.records.count > MOST_RECORDS {
        return Err(mismatch(file::MANIFEST, None, format!("it names more than {MOST_RECORDS} records")));
    }
    Ok(())
}

/// The signer is the one that the manifest names. That shows nothing of who it is: only `key` does.
fn check_signer(
    manifest: &Manifest,
    checkpoint: &Checkpoint,
    key: Option<&VerifierKey>,
) -> Result<SignatureCheck, VerifyError> {
    let Some(named) = &manifest.about.signer else {
        let is_signed = checkpoint.is_signed();
        equal(file::CHECKPOINT, "whether it is signed", &is_signed, &false)?;
        return Ok(SignatureCheck::Unsigned);
    };
    let signer =
        VerifierKey::parse(named).map_err(|error| mismatch(file::MANIFEST, None, format!("signer: {error}")))?;
    checkpoint.check_signature(&signer).map_err(|what| mismatch(file::CHECKPOINT, None, what))?;
    match key {
        Some(key) => {
            equal(file::MANIFEST, "`signer`", named, &key.to_string())?;
            Ok(SignatureCheck::Valid(key.name().to_owned()))
        }
        None => Ok(SignatureCheck::Unchecked(signer.name().to_owned())),
    }
}

#[cfg(test)]
mod tests;
