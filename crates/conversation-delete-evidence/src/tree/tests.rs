use super::*;
use crate::hex::hex;

/// The leaves that the implementations of RFC 6962 test with.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots of the first 1 to 8 of them, as those implementations publish them.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn tree(size: usize) -> (Hash, Vec<Proof>) {
    let mut tree = Tree::default();
    LEAVES[..size].iter().for_each(|leaf| tree.add(leaf, true));
    assert_eq!(tree.size(), size as u64);
    tree.finish()
}

#[test]
fn roots_are_those_of_rfc_6962() {
    assert_eq!(hex(&tree(0).0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for size in 1..=8 {
        assert_eq!(hex(&tree(size).0), ROOTS[size - 1], "{size}");
    }
}

/// The recursive definition of section 2.1.1 of RFC 6962.
fn path(index: usize, leaves: &[&[u8]]) -> Vec<Hash> {
    fn root(leaves: &[&[u8]]) -> Hash {
        match leaves {
            [leaf] => leaf_hash(leaf),
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                node_hash(&root(&leaves[..half]), &root(&leaves[half..]))
            }
        }
    }
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut hashes, sibling) = match index.checked_sub(left.len()) {
        None => (path(index, left), root(right)),
        Some(index) => (path(index, right), root(left)),
    };
    hashes.push(sibling);
    hashes
}

#[test]
fn proofs_are_those_of_the_definition_and_lead_to_the_root() {
    for size in 1..=8 {
        let (root, proofs) = tree(size);
        assert_eq!(proofs.len(), size);
        for (index, proof) in proofs.iter().enumerate() {
            let what = format!("{index} of {size}");
            assert_eq!(*proof, Proof { index: index as u64, hashes: path(index, &LEAVES[..size]) }, "{what}");
            let leads_to = |proof: &Proof, size| root_by_proof(&leaf_hash(LEAVES[index]), proof, size as u64);
            assert_eq!(leads_to(proof, size), Some(root), "{what}");
            for other in (0..size).filter(|other| *other != index) {
                let moved = Proof { index: other as u64, ..proof.clone() };
                assert_ne!(leads_to(&moved, size), Some(root), "{what}, taken for that of {other}");
            }
        }
    }
}

/// Two of the paths that are published with the roots.
#[test]
fn proofs_are_the_published_ones() {
    let published =
        |index: usize, size: usize| tree(size).1[index].hashes.iter().map(|hash| hex(hash)).collect::<Vec<_>>();
    assert_eq!(
        published(0, 8),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        published(5, 8),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn a_proof_of_another_length_leads_nowhere() {
    let (_, proofs) = tree(8);
    let leaf = leaf_hash(LEAVES[3]);
    let shorter = Proof { index: 3, hashes: proofs[3].hashes[..2].to_vec() };
    let longer = Proof { index: 3, hashes: [&proofs[3].hashes[..], &proofs[3].hashes[..1]].concat() };
    assert_eq!(root_by_proof(&leaf, &shorter, 8), None);
    assert_eq!(root_by_proof(&leaf, &longer, 8), None);
    assert_eq!(root_by_proof(&leaf, &Proof { index: 8, ..proofs[3].clone() }, 8), None);
    assert_eq!(root_by_proof(&leaf, &Proof { index: 0, hashes: Vec::new() }, 0), None);
}

#[test]
fn only_wanted_proofs_are_collected() {
    let mut tree = Tree::default();
    (0..1000_u32).for_each(|number| tree.add(&number.to_be_bytes(), number == 999));
    let (root, proofs) = tree.finish();
    assert_eq!(proofs.iter().map(|proof| proof.index).collect::<Vec<_>>(), [999]);
    assert_eq!(root_by_proof(&leaf_hash(&999_u32.to_be_bytes()), &proofs[0], 1000), Some(root));
}
