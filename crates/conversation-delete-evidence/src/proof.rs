//! Proofs that a bundle holds a record, in the form `c2sp.org/tlog-proof@v1`, which reveal no other record.

use std::collections::{BTreeSet, HashMap};
use std::io::{Read, Seek};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, parse_decimal, parse_hash};
use crate::collect::RECORD;
use crate::manifest::{IdForm, ManifestHead};
use crate::mismatch::{VerifyError, mismatch};
use crate::note::VerifierKey;
use crate::pseudonym::PseudonymKey;
use crate::record::EvidenceRecord;
use crate::tree::{Proof, leaf_hash, root_by_proof};
use crate::verify::{Bundle, SignatureCheck, Watched, check, check_line};

const VERSION: &str = "c2sp.org/tlog-proof@v1";

/// A tree of 2^64 leaves is 64 high.
const MOST_HASHES: usize = 64;

const PROOF: &str = "the proof";
const THE_RECORD: &str = "the record";

/// A record of a bundle, and the proof that it is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProvenRecord {
    /// The record.
    pub record: EvidenceRecord,
    /// Its line, without the line feed: the leaf of the tree, and the contents of `INDEX.json`.
    pub line: Vec<u8>,
    /// The contents of `INDEX.tlog-proof`.
    pub proof: String,
}

/// Why nothing was proven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// The bundle does not verify, or cannot be read.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The bundle is not signed, so a proof would prove nothing.
    #[error("the bundle is not signed, so nothing can be proven by it: export it with a key")]
    Unsigned,
    /// No record of the bundle has this id.
    #[error("no record of the bundle has the id `{0}`")]
    NotFound(String),
    /// The bundle has ids, not pseudonyms.
    #[error("the bundle has ids, not pseudonyms: leave the key of pseudonyms out")]
    NoPseudonyms,
}

/// Verifies a signed bundle, and proves the records of these ids, in plan order. An id may name records at several targets. If
/// the bundle has pseudonyms, `key` finds those of the ids; without it the ids are pseudonyms already.
///
/// # Errors
/// [`ProveError`].
pub fn prove(
    source: impl Read + Seek,
    ids: &[String],
    key: Option<&PseudonymKey>,
) -> Result<Vec<ProvenRecord>, ProveError> {
    let mut names: Option<Vec<HashMap<String, &str>>> = None;
    let mut found = BTreeSet::new();
    let checked = check(&mut Bundle::open(source)?, None, |head, record| {
        let names = names.get_or_insert_with(|| names_at_targets(head, ids, key));
        let at_target = usize::try_from(record.target).ok().and_then(|number| names.get(number));
        let id = at_target.and_then(|names| names.get(&record.id));
        id.map(|id| found.insert(*id)).is_some()
    })?;
    if !checked.checkpoint.is_signed() {
        return Err(ProveError::Unsigned);
    }
    if key.is_some() && checked.verified.manifest.about.ids == IdForm::Vendor {
        return Err(ProveError::NoPseudonyms);
    }
    if let Some(missing) = ids.iter().find(|id| !found.contains(id.as_str())) {
        return Err(ProveError::NotFound(missing.clone()));
    }
    Ok(checked.watched.into_iter().map(|watched| proven(watched, &checked.checkpoint)).collect())
}

/// For each target, the ids as the bundle has them, and as they were given.
fn names_at_targets<'a>(
    head: &ManifestHead,
    ids: &'a [String],
    key: Option<&PseudonymKey>,
) -> Vec<HashMap<String, &'a str>> {
    let name = |target, id: &String| key.map_or(id.clone(), |key| key.pseudonym(target, RECORD, id));
    let names = |target| ids.iter().map(|id| (name(target, id), id.as_str())).collect();
    head.targets.iter().map(names).collect()
}

fn proven(watched: Watched, checkpoint: &Checkpoint) -> ProvenRecord {
    let Watched { record, line, proof } = watched;
    let mut text = format!("{VERSION}\nindex {}\n", proof.index);
    for hash in &proof.hashes {
        text += &STANDARD.encode(hash);
        text.push('\n');
    }
    ProvenRecord { record, line, proof: format!("{text}\n{checkpoint}") }
}

/// Verifies a proof, and that it is one of this line. With `key`, the bundle that it comes from must be signed by that key.
///
/// # Errors
/// As [`verify`](crate::verify).
pub fn verify_proof(
    line: &[u8],
    proof: &[u8],
    key: Option<&VerifierKey>,
) -> Result<(EvidenceRecord, SignatureCheck), VerifyError> {
    let wrong = |what: String| mismatch(PROOF, None, what);
    let record = check_line(line).map_err(|what| mismatch(THE_RECORD, None, what))?;
    let (proof, checkpoint) = parse(proof).map_err(|what| wrong(what.to_owned()))?;
    let signature = match (key, checkpoint.origin()) {
        (Some(key), _) => {
            checkpoint.check_signature(key).map_err(wrong)?;
            SignatureCheck::Valid(key.name().to_owned())
        }
        (None, Some((name, _))) if checkpoint.is_signed() => SignatureCheck::Unchecked(name.to_owned()),
        (None, _) => return Err(wrong("it is not signed".to_owned())),
    };
    if record.index != proof.index {
        return Err(wrong(format!("it is of record {}, and the record has the index {}", proof.index, record.index)));
    }
    if root_by_proof(&leaf_hash(line), &proof, checkpoint.size) != Some(checkpoint.root) {
        return Err(wrong("it does not lead from this record to the root of its checkpoint".to_owned()));
    }
    Ok((record, signature))
}

/// Reads a proof without extra data, which no proof of a bundle has. The error says what is wrong.
fn parse(proof: &[u8]) -> Result<(Proof, Checkpoint), &'static str> {
    let text = std::str::from_utf8(proof).map_err(|_| "it is not UTF-8")?;
    let rest = text.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('\n'));
    let rest = rest.ok_or("it does not begin with the line `c2sp.org/tlog-proof@v1`")?;
    let (head, checkpoint) = rest.split_once("\n\n").ok_or("it has no checkpoint")?;
    let mut lines = head.split('\n');
    let index = lines.next().and_then(|line| parse_decimal(line.strip_prefix("index ")?));
    let index = index.ok_or("its second line is not `index` and a number")?;
    let hashes: Option<Vec<_>> = lines.take(MOST_HASHES + 1).map(parse_hash).collect();
    let hashes = hashes.filter(|hashes| hashes.len() <= MOST_HASHES).ok_or("its hashes are not those of a proof")?;
    Ok((Proof { index, hashes }, Checkpoint::parse(checkpoint.as_bytes())?))
}

#[cfg(test)]
mod tests;
