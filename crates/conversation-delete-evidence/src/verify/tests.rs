mod forged_zip;

use std::io::Cursor;

use super::*;
use crate::export::ExportOptions;
use crate::mismatch::Mismatch;
use crate::note::SignerKey;
use crate::sample::{Sample, files, options, pack, signed, signer};

type BundleFiles = Vec<(String, Vec<u8>)>;

fn verified(bundle: &[u8], key: Option<&VerifierKey>) -> Result<Verified, VerifyError> {
    verify(Cursor::new(bundle), key)
}

#[track_caller]
fn wrong(files: &[(String, Vec<u8>)], key: Option<&VerifierKey>) -> Mismatch {
    match verified(&pack(files), key) {
        Err(VerifyError::Mismatch(mismatch)) => mismatch,
        other => panic!("{other:?}"),
    }
}

fn contents<'a>(files: &'a mut BundleFiles, name: &str) -> &'a mut Vec<u8> {
    &mut files.iter_mut().find(|(known, _)| known == name).unwrap().1
}

#[test]
fn a_bundle_verifies_signed_or_not() {
    let sample = Sample::new();
    let key = signer().verifier();
    let bundle = sample.bundle(&signed());
    let checked = verified(&bundle, Some(&key)).unwrap();
    assert_eq!(checked.signature, SignatureCheck::Valid("PeterNeumann".to_owned()));
    assert_eq!(verified(&bundle, None).unwrap().signature, SignatureCheck::Unchecked("PeterNeumann".to_owned()));
    let about = checked.manifest.about;
    assert_eq!((about.records.count, about.outcomes.total()), (11, 11));
    assert_eq!((about.outcomes.deleted, about.outcomes.held, about.outcomes.not_attempted), (3, 2, 1));
    assert_eq!(
        (about.verification.verified, about.verification.still_present, about.verification.unverified),
        (3, 1, 2)
    );
    assert_eq!(
        (about.holds.planned, about.holds.later, about.holds.records_planned, about.holds.records_later),
        (1, 1, 1, 1)
    );
    assert_eq!((about.targets[0].planned, about.targets[1].planned, about.refused.count), (9, 2, 2));
    let unsigned = sample.bundle(&options());
    assert_eq!(verified(&unsigned, None).unwrap().signature, SignatureCheck::Unsigned);
    let mismatch = wrong(&files(&unsigned), Some(&key));
    assert_eq!((mismatch.file.as_str(), mismatch.what.contains("not signed")), ("checkpoint", true), "{mismatch}");
    let other = SignerKey::generate("other").unwrap().verifier();
    assert_eq!(wrong(&files(&bundle), Some(&other)).file, "checkpoint");
}

#[test]
fn the_same_job_at_the_same_time_makes_the_same_bytes() {
    let sample = Sample::new();
    assert_eq!(sample.bundle(&signed()), sample.bundle(&signed()));
}

#[test]
fn jobs_of_every_small_size_verify() {
    for size in 1..=9 {
        let bundle = Sample::of_size(size).bundle(&signed());
        assert_eq!(verified(&bundle, None).unwrap().manifest.about.records.count, u64::from(size));
    }
}

#[test]
fn the_container_may_differ() {
    let mut files = files(&Sample::new().bundle(&signed()));
    files.reverse();
    verified(&pack(&files), Some(&signer().verifier())).unwrap();
}

/// The files of a bundle outside of a container, which is quick to read.
impl Source for BundleFiles {
    fn stream(&mut self, name: &'static str) -> Result<impl Read + '_, VerifyError> {
        Ok(contents(self, name).as_slice())
    }
}

/// A bundle whose long texts are short ones.
fn small(options: &ExportOptions) -> BundleFiles {
    let mut files = files(&Sample::of_size(2).bundle(options));
    *contents(&mut files, file::REPORT) = b"<h1>A report</h1>\n".to_vec();
    *contents(&mut files, file::README) = b"A text\n".to_vec();
    forge(&mut files);
    let manifest = contents(&mut files, file::MANIFEST).clone();
    let about = parse_manifest(&manifest).unwrap().about;
    let root = parse_hash(&about.records.root).unwrap();
    let signed = Checkpoint::new(&sha256_hex(&manifest), about.records.count, &root, options.signer.as_ref());
    *contents(&mut files, file::CHECKPOINT) = signed.to_string().into_bytes();
    files
}

/// Where the checkpoint and the manifest disagree without a trusted key, both are named.
#[test]
fn every_byte_that_is_flipped_removed_or_doubled_is_found_and_its_file_is_named() {
    let key = signer().verifier();
    for (options, key) in [(signed(), Some(&key)), (signed(), None), (options(), None)] {
        let files = small(&options);
        check(&mut files.clone(), key, |_, _| false).unwrap_or_else(|error| panic!("{error}"));
        for number in 0..files.len() {
            for position in 0..files[number].1.len() {
                for change in [flip, remove, double] {
                    assert_found(&files, (number, position), change, key);
                }
            }
        }
    }
}

fn assert_found(files: &BundleFiles, at: (usize, usize), change: fn(&mut Vec<u8>, usize), key: Option<&VerifierKey>) {
    let mut changed = files.clone();
    let name = &files[at.0].0;
    change(&mut changed[at.0].1, at.1);
    if changed == *files {
        return;
    }
    let Err(VerifyError::Mismatch(mismatch)) = check(&mut changed, key, |_, _| false) else {
        panic!("{name}, byte {}: it is not found", at.1);
    };
    let names_it = mismatch.file == *name || key.is_none() && mismatch.what.contains(name.as_str());
    assert!(names_it, "{name}, byte {}: {mismatch}", at.1);
}

fn flip(contents: &mut Vec<u8>, position: usize) {
    let byte = contents.remove(position);
    contents.insert(position, byte ^ 1);
}

fn remove(contents: &mut Vec<u8>, position: usize) {
    contents.remove(position);
}

fn double(contents: &mut Vec<u8>, position: usize) {
    contents.insert(position, contents[position]);
}

/// Computes every hash anew as a forger would, who has no key.
fn forge(files: &mut BundleFiles) {
    let lines = contents(files, file::RECORDS).clone();
    let mut manifest: Manifest = serde_json::from_slice(contents(files, file::MANIFEST)).unwrap();
    let mut tree = crate::tree::Tree::default();
    let split: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    split[..split.len() - 1].iter().for_each(|line| tree.add(line, false));
    let size = tree.size();
    let (root, _) = tree.finish();
    let signer = manifest.about.signer.clone();
    manifest.about.records.count = size;
    manifest.about.records.sha256 = sha256_hex(&lines);
    manifest.about.records.root = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, root);
    manifest.files.report = sha256_hex(contents(files, file::REPORT));
    manifest.files.readme = sha256_hex(contents(files, file::README));
    let text = manifest.to_text().unwrap();
    *contents(files, file::MANIFEST) = text.clone().into_bytes();
    let unsigned = Checkpoint::new(&sha256_hex(text.as_bytes()), size, &root, None).to_string();
    let checkpoint = String::from_utf8(contents(files, file::CHECKPOINT).clone()).unwrap();
    *contents(files, file::CHECKPOINT) = match signer {
        // The old signature stays, under the new text and its name.
        Some(_) => {
            let name = format!("PeterNeumann/{}", sha256_hex(text.as_bytes()));
            let signature = checkpoint.lines().last().unwrap().rsplit_once(' ').unwrap().1.to_owned();
            let unsigned = unsigned.replace("unsigned/", "PeterNeumann/");
            format!("{unsigned}\n— {name} {signature}\n").into_bytes()
        }
        None => unsigned.into_bytes(),
    };
}

fn replace(files: &mut BundleFiles, name: &str, from: &str, to: &str) {
    let text = String::from_utf8(contents(files, name).clone()).unwrap();
    assert!(text.contains(from), "{text}");
    *contents(files, name) = text.replacen(from, to, 1).into_bytes();
}

fn with_lines(files: &mut BundleFiles, change: impl FnOnce(&mut Vec<String>)) {
    let text = String::from_utf8(contents(files, file::RECORDS).clone()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    *contents(files, file::RECORDS) = (lines.join("\n") + "\n").into_bytes();
}

type Change = fn(&mut BundleFiles);

/// A forgery, and what a bundle that nobody signed still shows: the file that is named, and the line.
type Forgery = (&'static str, Change, Option<(&'static str, Option<u64>)>);

const FORGERIES: [Forgery; 9] = [
    ("lines swapped", |files| with_lines(files, |lines| lines.swap(2, 3)), Some((file::RECORDS, Some(3)))),
    ("last line removed", |files| with_lines(files, |lines| drop(lines.pop())), Some((file::MANIFEST, None))),
    ("line added", |files| with_lines(files, |lines| lines.push(lines[0].clone())), Some((file::RECORDS, Some(12)))),
    (
        "outcome",
        |files| replace(files, file::RECORDS, "\"outcome\":\"not_found\"", "\"outcome\":\"deleted\""),
        Some((file::MANIFEST, None)),
    ),
    ("count", |files| replace(files, file::MANIFEST, "\"deleted\": 3", "\"deleted\": 4"), Some((file::MANIFEST, None))),
    (
        "target",
        |files| replace(files, file::MANIFEST, "\"https://tavus.example/v2\"", "\"https://other.example/v2\""),
        Some((file::RECORDS, Some(1))),
    ),
    (
        "id that is there twice",
        |files| replace(files, file::RECORDS, "\"id\":\"c1\"", "\"id\":\"c0\""),
        Some((file::RECORDS, Some(2))),
    ),
    ("place of a target", |files| replace(files, file::MANIFEST, "workspace 7", "workspace 8"), None),
    ("sentence of the report", |files| replace(files, file::REPORT, "<h1>", "<h1>All is well. "), None),
];

#[test]
fn a_forgery_whose_hashes_are_right_has_no_signature() {
    let sample = Sample::new();
    let key = signer().verifier();
    for (what, change, _) in FORGERIES {
        let mut files = files(&sample.bundle(&signed()));
        change(&mut files);
        forge(&mut files);
        for key in [Some(&key), None] {
            let mismatch = wrong(&files, key);
            let is_signature = mismatch.what.contains("signature");
            assert!(mismatch.file == file::CHECKPOINT && is_signature, "{what}: {mismatch}");
        }
    }
}

#[test]
fn a_forgery_of_what_nobody_signed_is_found_if_it_contradicts_itself() {
    let sample = Sample::new();
    for (what, change, expected) in FORGERIES {
        let mut files = files(&sample.bundle(&options()));
        change(&mut files);
        forge(&mut files);
        match expected {
            Some((file, line)) => {
                let mismatch = wrong(&files, None);
                assert_eq!((mismatch.file.as_str(), mismatch.line), (file, line), "{what}: {mismatch}");
            }
            None => drop(verified(&pack(&files), None).unwrap()),
        }
    }
}

#[test]
fn a_line_that_is_not_canonical_is_named() {
    let sample = Sample::new();
    for (from, to) in [
        ("{\"attempts\":1", "{ \"attempts\":1"),
        ("{\"attempts\":1", "{\"attempts\":1.0"),
        ("\"c0\"", "\"\\u0063\\u0030\""),
    ] {
        let mut files = files(&sample.bundle(&options()));
        replace(&mut files, file::RECORDS, from, to);
        forge(&mut files);
        let mismatch = wrong(&files, None);
        assert_eq!((mismatch.file.as_str(), mismatch.line), (file::RECORDS, Some(1)), "{mismatch}");
    }
}

#[test]
fn missing_doubled_and_unknown_files_are_named() {
    let bundle = files(&Sample::new().bundle(&signed()));
    for number in 0..bundle.len() {
        let name = bundle[number].0.clone();
        let mut missing = bundle.clone();
        missing.remove(number);
        assert_eq!(wrong(&missing, None).file, name);
        let mut doubled = bundle.clone();
        doubled.push(bundle[number].clone());
        assert_eq!(wrong(&doubled, None).file, name);
    }
    let mut unknown = bundle;
    unknown.push(("notes.txt".to_owned(), Vec::new()));
    assert!(wrong(&unknown, None).what.contains("notes.txt"));
}

#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let bundle = files(&Sample::new().bundle(&signed()));
    for name in [file::MANIFEST, file::CHECKPOINT, file::REPORT, file::README] {
        let mut bomb = bundle.clone();
        *contents(&mut bomb, name) = vec![b' '; LONGEST_FILE as usize + 1];
        assert!(wrong(&bomb, None).what.contains("longer"), "{name}");
    }
    let mut bomb = bundle;
    *contents(&mut bomb, file::RECORDS) = vec![b' '; 64 * 1024 * 1024];
    let mismatch = wrong(&bomb, None);
    assert_eq!((mismatch.file.as_str(), mismatch.line), (file::RECORDS, Some(1)));
}

#[test]
fn a_damaged_zip_file_never_panics_and_never_verifies_as_another_bundle() {
    let bundle = pack(&small(&signed()));
    let manifest = verified(&bundle, None).unwrap().manifest;
    for position in 0..bundle.len() {
        let mut changed = bundle.clone();
        changed[position] ^= 0x55;
        // A time or a mode of the container means nothing.
        assert!(verified(&changed, None).map_or(true, |checked| checked.manifest == manifest), "{position}");
        assert!(verified(&bundle[..position], None).is_err(), "{position}");
    }
}
