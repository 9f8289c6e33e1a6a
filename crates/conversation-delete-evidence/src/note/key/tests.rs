use super::*;

/// The keys that the first implementation of notes, of Go's checksum database, is tested with.
const SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

#[test]
fn keys_are_those_of_other_implementations() {
    let signer = SignerKey::parse(&format!(" {SIGNER}\n")).unwrap();
    assert_eq!(signer.to_text().as_str(), SIGNER);
    assert_eq!(signer.verifier().to_string(), VERIFIER);
    assert_eq!(VerifierKey::parse(&format!("{VERIFIER}\n")).unwrap(), signer.verifier());
    assert_eq!(signer.verifier().name(), "PeterNeumann");
}

#[test]
fn no_part_of_a_key_and_no_changed_key_is_one() {
    for key in [SIGNER, VERIFIER] {
        let is_key = |text: &str| SignerKey::parse(text).is_ok() || VerifierKey::parse(text).is_ok();
        assert!(is_key(key));
        for start in 0..key.len() {
            assert!(start == 0 || key == SIGNER && start == 12 || !is_key(&key[start..]), "{}", &key[start..]);
            assert!(start == 0 || !is_key(&key[..start]), "{}", &key[..start]);
            let mut changed = key.as_bytes().to_vec();
            changed[start] += 1;
            assert!(!is_key(&String::from_utf8(changed).unwrap()), "{start}");
        }
    }
}

#[test]
fn a_signer_key_is_not_a_verifier_key() {
    assert!(VerifierKey::parse(SIGNER).is_err());
    assert!(SignerKey::parse(VERIFIER).is_err());
    assert!(!format!("{:?}", SignerKey::parse(SIGNER).unwrap()).contains("AYEK"));
}

#[test]
fn a_new_key_is_read_again_and_is_another_one_each_time() {
    let (one, other) = (SignerKey::generate("example.com-erasure").unwrap(), SignerKey::generate("x").unwrap());
    assert_eq!(SignerKey::parse(&one.to_text()).unwrap().verifier(), one.verifier());
    assert_ne!(one.key.to_bytes(), other.key.to_bytes());
}

#[test]
fn names_are_those_of_notes() {
    for name in [
        "",
        " ",
        "a b",
        "a\u{a0}b",
        "a+b",
        "a/b",
        "a\nb",
        "a\0",
        "a`b",
        "a\u{202e}b",
        "a\u{9b}b",
        "a\u{200b}b",
        "unsigned",
        &"x".repeat(257),
    ] {
        assert_eq!(SignerKey::generate(name).unwrap_err(), KeyError::Name(name.to_owned()));
    }
    for name in ["a", "example.com", "Löschung", &"x".repeat(256)] {
        assert_eq!(SignerKey::generate(name).unwrap().verifier().name(), name);
    }
}

#[test]
fn the_key_of_a_bundle_is_the_same_by_another_name() {
    let key = VerifierKey::parse(VERIFIER).unwrap();
    let of_bundle = key.for_bundle("abc");
    assert_eq!(of_bundle.name(), "PeterNeumann/abc");
    assert_eq!(VerifierKey::parse(&of_bundle.to_string()).unwrap(), of_bundle);
    assert_ne!(of_bundle.id(), key.id());
}

/// Also where another program made the key: the name is printed.
#[test]
fn no_key_with_another_name_is_read() {
    for name in ["", "a b", "a\u{202e}b", "a\u{9b}b", "a`b", "unsigned", "a/\u{202e}", "a/b/c"] {
        let signer = SignerKey { name: name.to_owned(), ..SignerKey::parse(SIGNER).unwrap() };
        let refused = |error: KeyError| matches!(error, KeyError::Name(_));
        assert!(SignerKey::parse(&signer.to_text()).is_err_and(refused), "{name}");
        assert!(VerifierKey::parse(&signer.verifier().to_string()).is_err_and(refused), "{name}");
    }
}
