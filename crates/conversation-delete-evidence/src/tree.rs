//! The Merkle tree of RFC 6962 with SHA-256, built from one leaf after the other in memory for its height.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// The hash of a leaf.
pub(crate) fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that grows.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    size: u64,
    /// The complete subtrees that it consists of, the largest and first one first.
    subtrees: Vec<Subtree>,
}

#[derive(Debug)]
struct Subtree {
    size: u64,
    hash: Hash,
    /// Those of its leaves for which proofs are wanted.
    proofs: Vec<Proof>,
}

/// The inclusion proof of one leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) index: u64,
    /// From the leaf's sibling to the root's child.
    pub(crate) hashes: Vec<Hash>,
}

impl Tree {
    /// Adds the next leaf. Its proof is collected if `is_wanted`.
    pub(crate) fn add(&mut self, leaf: &[u8], is_wanted: bool) {
        let proofs = if is_wanted { vec![Proof { index: self.size, hashes: Vec::new() }] } else { Vec::new() };
        let mut last = Subtree { size: 1, hash: leaf_hash(leaf), proofs };
        self.size += 1;
        while let Some(left) = self.subtrees.pop() {
            if left.size > last.size {
                self.subtrees.push(left);
                break;
            }
            last = left.join(last);
        }
        self.subtrees.push(last);
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Returns its root, and the wanted proofs in the order of their leaves.
    pub(crate) fn finish(mut self) -> (Hash, Vec<Proof>) {
        let Some(mut last) = self.subtrees.pop() else { return (Sha256::digest([]).into(), Vec::new()) };
        while let Some(left) = self.subtrees.pop() {
            last = left.join(last);
        }
        (last.hash, last.proofs)
    }
}

impl Subtree {
    fn join(mut self, mut right: Self) -> Self {
        self.proofs.iter_mut().for_each(|proof| proof.hashes.push(right.hash));
        right.proofs.iter_mut().for_each(|proof| proof.hashes.push(self.hash));
        self.proofs.append(&mut right.proofs);
        Self { size: self.size + right.size, hash: node_hash(&self.hash, &right.hash), proofs: self.proofs }
    }
}

/// Returns the root to which a proof leads; `None` if no proof for this index and size has so many hashes. Section 2.1.3.2 of
/// RFC 9162.
pub(crate) fn root_by_proof(leaf: &Hash, proof: &Proof, size: u64) -> Option<Hash> {
    let mut node = proof.index;
    let mut last = size.checked_sub(1).filter(|last| node <= *last)?;
    let mut hash = *leaf;
    for sibling in &proof.hashes {
        if last == 0 {
            return None;
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node % 2 == 0 && node != 0 {
                node /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node /= 2;
        last /= 2;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests;
