use super::*;

/// The example of <https://c2sp.org/signed-note>.
const OF_THE_SPECIFICATION: &str = "\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
";

const SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

/// The note that the first implementation, of Go's checksum database, is tested with.
const OF_GO: &str = "\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
";

fn parsed(note: &str) -> SignedNote {
    SignedNote::parse(note.as_bytes()).unwrap()
}

#[test]
fn the_note_of_the_specification_is_read_and_written() {
    let note = parsed(OF_THE_SPECIFICATION);
    assert!(note.text.ends_with("\n\ned è subito sera.\n"));
    assert_eq!(note.to_string(), OF_THE_SPECIFICATION);
    let [signature] = &note.signatures[..] else { panic!("{note:?}") };
    assert_eq!(signature.name, "quasimodo.example/salvatore");
    assert_eq!((signature.id, signature.bytes.len()), ([0x36, 0x7b, 0xa0, 0x4b], 64));
}

#[test]
fn signatures_are_those_of_other_implementations() {
    let signer = SignerKey::parse(SIGNER).unwrap();
    let note = SignedNote::sign(parsed(OF_GO).text, &signer, &signer.verifier());
    assert_eq!(note.to_string(), OF_GO);
    assert_eq!(note.signed_by(&signer.verifier()), SignedBy::Yes);
}

#[test]
fn no_changed_note_is_signed() {
    let verifier = SignerKey::parse(SIGNER).unwrap().verifier();
    for position in 0..OF_GO.len() {
        let mut note = OF_GO.as_bytes().to_vec();
        note[position] ^= 1;
        let is_signed = SignedNote::parse(&note).is_ok_and(|note| note.signed_by(&verifier) == SignedBy::Yes);
        assert!(!is_signed, "{position}");
    }
}

#[test]
fn signatures_of_others_are_ignored_and_a_wrong_one_counts() {
    let signer = SignerKey::parse(SIGNER).unwrap();
    let verifier = signer.verifier();
    let other = SignerKey::generate("other").unwrap();
    let line = |note: &SignedNote| note.to_string().lines().last().unwrap().to_owned() + "\n";
    let of_other = line(&SignedNote::sign(parsed(OF_GO).text, &other, &other.verifier()));
    assert_eq!(parsed(&format!("{OF_GO}{of_other}")).signed_by(&verifier), SignedBy::Yes);
    assert_eq!(parsed(&format!("{OF_GO}{of_other}")).signed_by(&other.verifier()), SignedBy::Yes);
    assert_eq!(parsed(OF_GO).signed_by(&other.verifier()), SignedBy::No);
    let wrong = line(&SignedNote::sign("another text\n".to_owned(), &signer, &verifier));
    assert_eq!(parsed(&format!("{OF_GO}{wrong}")).signed_by(&verifier), SignedBy::Wrong);
}

#[test]
fn what_is_not_a_note_is_refused() {
    let signature = OF_GO.lines().last().unwrap();
    for note in [
        "".to_owned(),
        "text".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n\n{signature}"),
        format!("text\n\n{signature} \n"),
        format!("text\n\n{}\n", signature.replace('—', "-")),
        format!("text\n\n{}\n", &signature[..signature.len() - 1]),
        "text\n\n— name x08g\n".to_owned(),
        "te\0xt\n".to_owned(),
        "te\rxt\n".to_owned(),
        format!("text\n\n{}", format!("{signature}\n").repeat(65)),
        "x\n".repeat(MOST_BYTES),
    ] {
        assert!(SignedNote::parse(note.as_bytes()).is_err(), "{:?}", &note[..note.len().min(200)]);
    }
    assert!(SignedNote::parse(b"te\xffxt\n").is_err());
    assert!(!parsed("text\n").is_signed());
}
