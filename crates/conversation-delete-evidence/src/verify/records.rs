//! Checks `records.jsonl`, line by line.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::format::file::{MANIFEST, RECORDS};
use crate::hex::hex;
use crate::manifest::{ManifestHead, TargetHead};
use crate::mismatch::{VerifyError, damaged, equal, mismatch};
use crate::record::EvidenceRecord;
use crate::totals::Totals;
use crate::tree::{Proof, Tree};

/// Longer lines are not read. A line grows with the children of its record.
const LONGEST_LINE: u64 = 32 * 1024 * 1024;

/// A record that was watched for.
pub(crate) struct Watched {
    pub(crate) record: EvidenceRecord,
    pub(crate) line: Vec<u8>,
    pub(crate) proof: Proof,
}

/// Checks all lines, and collects those for which `is_watched` is true.
pub(super) fn check(
    source: impl Read,
    head: &ManifestHead,
    mut is_watched: impl FnMut(&ManifestHead, &EvidenceRecord) -> bool,
) -> Result<Vec<Watched>, VerifyError> {
    let mut source = BufReader::with_capacity(256 * 1024, source);
    let mut checked = Checked::new(head);
    let mut watched = Vec::new();
    let mut line = Vec::new();
    while checked.read_line(&mut source, &mut line)? {
        let record = checked.check(&line)?;
        let is_wanted = is_watched(head, &record);
        checked.tree.add(&line, is_wanted);
        if is_wanted {
            watched.push((record, line.clone()));
        }
    }
    let proofs = checked.finish()?;
    let join = |((record, line), proof)| Watched { record, line, proof };
    Ok(watched.into_iter().zip(proofs).map(join).collect())
}

struct Checked<'a> {
    head: &'a ManifestHead,
    tree: Tree,
    hash: Sha256,
    totals: Totals,
    /// Half of a hash of each id is enough to find one that is there twice.
    ids: HashSet<[u8; 16]>,
}

impl<'a> Checked<'a> {
    fn new(head: &'a ManifestHead) -> Self {
        let totals = Totals::new(head.targets.len());
        Self { head, tree: Tree::default(), hash: Sha256::new(), totals, ids: HashSet::new() }
    }

    /// Reads the next line, without its line feed.
    fn read_line(&mut self, source: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, VerifyError> {
        line.clear();
        source.take(LONGEST_LINE).read_until(b'\n', line).map_err(|error| damaged(RECORDS, error))?;
        self.hash.update(&*line);
        let number = self.tree.size() + 1;
        let wrong = |what: String| Err(mismatch(RECORDS, Some(number), what));
        match line.pop() {
            None => Ok(false),
            Some(b'\n') if number > self.head.records.count => {
                wrong(format!("there are more lines than the {} of `manifest.json`", self.head.records.count))
            }
            Some(b'\n') => Ok(true),
            Some(_) => wrong("the line does not end in a line feed".to_owned()),
        }
    }

    fn check(&mut self, line: &[u8]) -> Result<EvidenceRecord, VerifyError> {
        let index = self.tree.size();
        let wrong = |what: &str| Err(mismatch(RECORDS, Some(index + 1), what));
        let record = check_line(line).map_err(|what| mismatch(RECORDS, Some(index + 1), what))?;
        if record.index != index {
            return wrong("it is not the record of this position in the plan");
        }
        let target = usize::try_from(record.target).ok().and_then(|number| self.head.targets.get(number));
        if !target.is_some_and(|target| is_at(&record, target)) {
            return wrong("its vendor, endpoint or mode is not that of its target in `manifest.json`");
        }
        if !self.ids.insert(key(&record)) {
            return wrong("its id is there twice");
        }
        if !self.totals.add(&record) {
            return wrong("its outcome is not one of a record");
        }
        Ok(record)
    }

    /// Compares the whole with the manifest, and returns the wanted proofs.
    fn finish(self) -> Result<Vec<Proof>, VerifyError> {
        let records = &self.head.records;
        equal(RECORDS, "the number of its lines", &self.tree.size(), &records.count)?;
        equal(RECORDS, "its SHA-256", &hex(&self.hash.finalize()), &records.sha256)?;
        let (root, proofs) = self.tree.finish();
        equal(RECORDS, "the root of its tree", &STANDARD.encode(root), &records.root)?;
        let mut counted = self.head.clone();
        self.totals.write_to(&mut counted);
        if counted == *self.head {
            return Ok(proofs);
        }
        Err(mismatch(MANIFEST, None, "its totals are not those of the lines in `records.jsonl`"))
    }
}

/// Reads a line in its canonical form. The error says what is wrong.
pub(crate) fn check_line(line: &[u8]) -> Result<EvidenceRecord, String> {
    let record: EvidenceRecord =
        serde_json::from_slice(line).map_err(|error| format!("it is not a record: {error}"))?;
    match record.to_line() {
        Ok(canonical) if canonical == line => Ok(record),
        _ => Err("it is not in the canonical form of RFC 8785".to_owned()),
    }
}

fn is_at(record: &EvidenceRecord, target: &TargetHead) -> bool {
    record.vendor == target.vendor && record.endpoint == target.base_url && record.mode == target.mode
}

fn key(record: &EvidenceRecord) -> [u8; 16] {
    let hash = Sha256::new().chain_update(record.target.to_be_bytes()).chain_update(&record.id).finalize();
    std::array::from_fn(|at| hash[at])
}
