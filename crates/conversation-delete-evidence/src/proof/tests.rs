use std::io::Cursor;

use super::*;
use crate::note::SignerKey;
use crate::sample::{Sample, options, pseudonyms, signed, signer};

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn proven(bundle: &[u8], of: &[&str], key: Option<&PseudonymKey>) -> Vec<ProvenRecord> {
    prove(Cursor::new(bundle), &ids(of), key).unwrap()
}

#[test]
fn a_proof_verifies_and_holds_no_other_id() {
    let bundle = Sample::of_size(100).bundle(&signed());
    let proofs = proven(&bundle, &["c77", "c3"], None);
    assert_eq!(proofs.iter().map(|proven| proven.record.id.as_str()).collect::<Vec<_>>(), ["c3", "c77"]);
    for ProvenRecord { record, line, proof } in proofs {
        let text = format!("{}{proof}", String::from_utf8(line.clone()).unwrap());
        let named = (0..100).filter(|number| text.contains(&format!("\"c{number}\""))).count();
        assert_eq!(named, 1, "{text}");
        let (found, signature) = verify_proof(&line, proof.as_bytes(), Some(&signer().verifier())).unwrap();
        assert_eq!((found, signature), (record.clone(), SignatureCheck::Valid("PeterNeumann".to_owned())));
        let (_, signature) = verify_proof(&line, proof.as_bytes(), None).unwrap();
        assert_eq!(signature, SignatureCheck::Unchecked("PeterNeumann".to_owned()));
        let other = SignerKey::generate("other").unwrap().verifier();
        assert!(verify_proof(&line, proof.as_bytes(), Some(&other)).is_err());
    }
}

#[test]
fn no_changed_proof_and_no_changed_record_verifies() {
    let bundle = Sample::of_size(5).bundle(&signed());
    let key = signer().verifier();
    let ProvenRecord { line, proof, .. } = proven(&bundle, &["c3"], None).remove(0);
    let verifies = |line: &[u8], proof: &[u8]| verify_proof(line, proof, Some(&key)).is_ok();
    assert!(verifies(&line, proof.as_bytes()));
    for (is_line, text) in [(true, &line[..]), (false, proof.as_bytes())] {
        let with = |text: &[u8]| if is_line { verifies(text, proof.as_bytes()) } else { verifies(&line, text) };
        for position in 0..text.len() {
            let mut changed = text.to_vec();
            changed[position] ^= 1;
            assert!(!with(&changed), "{position} of {}", String::from_utf8_lossy(text));
            assert!(!with(&text[..position]), "{position} of {}", String::from_utf8_lossy(text));
            changed.remove(position);
            assert!(!with(&changed), "{position} of {}", String::from_utf8_lossy(text));
        }
    }
    let other = proven(&bundle, &["c2"], None).remove(0);
    assert!(!verifies(&line, other.proof.as_bytes()));
    let twice = Sample::new().bundle(&signed());
    assert!(!verifies(&line, proven(&twice, &["c3"], None)[0].proof.as_bytes()));
}

#[test]
fn an_id_at_several_targets_is_proven_at_each() {
    let proofs = proven(&Sample::new().bundle(&signed()), &["c1"], None);
    assert_eq!(proofs.iter().map(|proven| proven.record.vendor.as_str()).collect::<Vec<_>>(), ["tavus", "corti"]);
}

#[test]
fn a_bundle_that_is_not_signed_proves_nothing() {
    let sample = Sample::new();
    let error = |options: crate::ExportOptions, of: &[&str], key: Option<&PseudonymKey>| {
        prove(Cursor::new(sample.bundle(&options)), &ids(of), key).unwrap_err()
    };
    assert!(matches!(error(options(), &["c1"], None), ProveError::Unsigned));
    assert!(matches!(error(signed(), &["c1", "c99"], None), ProveError::NotFound(id) if id == "c99"));
    assert!(matches!(error(signed(), &["c1"], Some(&pseudonyms())), ProveError::NoPseudonyms));
}

#[test]
fn a_given_id_is_found_by_its_pseudonym_and_no_id_is_in_the_bundle() {
    let sample = Sample::new();
    let options = crate::ExportOptions { pseudonyms: Some(pseudonyms()), ..signed() };
    let bundle = sample.bundle(&options);
    let plan_hash: String = sample.connect().query_row("SELECT plan_hash FROM job", [], |row| row.get(0)).unwrap();
    for (name, contents) in crate::sample::files(&bundle) {
        let text = String::from_utf8(contents).unwrap();
        assert!(!text.contains(&plan_hash[..16]), "{name}");
        for id in (0..9).map(|number| format!("c{number}")).chain(["t1".to_owned(), "t2".to_owned()]) {
            for mark in ['"', '>'] {
                // A hash may begin like an id, but goes on.
                let start = format!("{mark}{id}");
                let mut found = text.split(&start).skip(1);
                assert!(!found.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric())), "{name}: {id}");
            }
        }
        assert!(!text.contains("request-"), "{name}");
    }
    let key = pseudonyms();
    let proofs = proven(&bundle, &["c1"], Some(&key));
    assert_eq!(proofs.len(), 2);
    assert_ne!(proofs[0].record.id, proofs[1].record.id, "an id has another pseudonym at each target");
    let by_pseudonym = proven(&bundle, &[&proofs[0].record.id], None);
    assert_eq!(by_pseudonym, proofs[..1]);
    let other = PseudonymKey::generate().unwrap();
    let found = prove(Cursor::new(&bundle), &ids(&["c1"]), Some(&other));
    assert!(matches!(found, Err(ProveError::NotFound(_))));
}
