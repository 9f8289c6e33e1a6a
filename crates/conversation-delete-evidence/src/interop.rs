//! What an auditor has without this program reads a bundle as this crate does: the steps of `README.txt`, and an independent
//! implementation in Python. CI has the tools; elsewhere a test without them is skipped.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use crate::proof::prove;
use crate::sample::{Sample, files, pseudonyms, signed, signer};
use crate::{ExportOptions, verify};

/// How a shell ends that does not find a command.
const NOT_FOUND: i32 = 127;

/// Runs a command; `None` if it, or what it runs in a shell, is not installed.
pub(crate) fn run(command: &mut Command) -> Option<String> {
    let output = command.output();
    let is_missing = output.as_ref().map_or(true, |output| output.status.code() == Some(NOT_FOUND));
    if is_missing && std::env::var_os("CI").is_none() {
        eprintln!("skipped: {command:?} cannot be run");
        return None;
    }
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    Some(text(&output.stdout))
}

fn unpack(bundle: &[u8], folder: &Path) {
    for (name, contents) in files(bundle) {
        std::fs::write(folder.join(name), contents).unwrap();
    }
}

#[test]
fn an_independent_implementation_agrees_on_root_signature_and_proofs() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/evidence.py");
    let samples = (1..=9).map(Sample::of_size).chain([Sample::new(), Sample::of_size(100)]);
    for sample in samples {
        let folder = tempfile::tempdir().unwrap();
        let bundle = sample.bundle(&signed());
        std::fs::write(folder.path().join("bundle.zip"), &bundle).unwrap();
        let ids = ["c0".to_owned()];
        let proofs = prove(Cursor::new(&bundle), &ids, None).unwrap();
        let mut command = Command::new("python3");
        command.current_dir(&folder).arg(&script).arg("bundle.zip").arg(signer().verifier().to_string());
        for (number, proven) in proofs.iter().enumerate() {
            let (record, proof) = (format!("{number}.json"), format!("{number}.tlog-proof"));
            std::fs::write(folder.path().join(&record), &proven.line).unwrap();
            std::fs::write(folder.path().join(&proof), &proven.proof).unwrap();
            command.args([record, proof]);
        }
        let Some(found) = run(&mut command) else { return };
        let records = verify(Cursor::new(&bundle), None).unwrap().manifest.about.records;
        let expected = format!(
            "{{\"records\": {}, \"root\": \"{}\", \"proofs\": {}}}\n",
            records.count,
            records.root,
            proofs.len()
        );
        assert_eq!(found, expected);
    }
}

/// The code between two lines of `README.txt`, without its indentation.
fn steps(readme: &str, from: &str, to: &str) -> String {
    let start = readme.find(from).unwrap();
    let end = start + readme[start..].find(to).unwrap() + to.len();
    readme[start..end].lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_steps_of_the_readme_check_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    unpack(&Sample::new().bundle(&signed()), folder.path());
    let readme = std::fs::read_to_string(folder.path().join("README.txt")).unwrap();
    let steps = steps(&readme, "  KEY='...'", "-sigfile note.sig").replace("...", &signer().verifier().to_string());
    let Some(output) = run(Command::new("sh").current_dir(&folder).args(["-ec", &steps])) else { return };
    assert!(output.contains("Signature Verified Successfully"), "{output}");
    let checkpoint = folder.path().join("checkpoint");
    let changed = std::fs::read_to_string(&checkpoint).unwrap().replace("\n11\n", "\n12\n");
    std::fs::write(checkpoint, changed).unwrap();
    let output = Command::new("sh").current_dir(&folder).args(["-ec", &steps]).output().unwrap();
    assert!(!output.status.success());
}

#[test]
fn the_thirty_lines_of_the_readme_check_hashes_tree_order_and_totals() {
    let folder = tempfile::tempdir().unwrap();
    unpack(&Sample::new().bundle(&signed()), folder.path());
    let readme = std::fs::read_to_string(folder.path().join("README.txt")).unwrap();
    let (_, rest) = readme.split_once("check.py ---\n").unwrap();
    let (script, _) = rest.split_once("---").unwrap();
    let Some(output) = run(Command::new("python3").current_dir(&folder).args(["-c", script])) else { return };
    assert_eq!(output, "all is well\n");
    for name in ["records.jsonl", "report.html", "README.txt", "manifest.json", "checkpoint"] {
        let path = folder.path().join(name);
        let original = std::fs::read(&path).unwrap();
        let mut changed = original.clone();
        // The script leaves the signature to openssl: of the checkpoint, its first line is changed.
        let position = if name == "checkpoint" { 40 } else { changed.len() / 2 };
        changed[position] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let output = Command::new("python3").current_dir(&folder).args(["-c", script]).output().unwrap();
        assert!(!output.status.success(), "{name}");
        std::fs::write(&path, original).unwrap();
    }
}

/// HMAC-SHA-256 over the parts, each after its length, as the documentation says.
#[test]
fn pseudonyms_are_the_documented_hashes() {
    let options = ExportOptions { pseudonyms: Some(pseudonyms()), ..signed() };
    let bundle = Sample::new().bundle(&options);
    let manifest = verify(Cursor::new(&bundle), None).unwrap().manifest;
    let script = "import hmac, sys\n\
                  parts = b''.join(len(p).to_bytes(8, 'big') + p for p in map(str.encode, sys.argv[1:]))\n\
                  print(hmac.new(bytes(range(32)), parts, 'sha256').hexdigest())\n";
    let target = &manifest.about.targets[0];
    let parts = ["record", &target.vendor, &target.base_url, target.place.as_deref().unwrap(), "c1"];
    let Some(expected) = run(Command::new("python3").args(["-c", script]).args(parts)) else { return };
    let found = pseudonyms().pseudonym(target, "record", "c1");
    assert_eq!(found, expected.trim());
    let lines = files(&bundle).into_iter().find(|(name, _)| name == "records.jsonl").unwrap().1;
    assert!(String::from_utf8(lines).unwrap().contains(&found));
}

/// Packs files into `x.zip` in the ways of other programs.
const PACKED: [(&str, &[&str]); 5] = [
    ("zip", &["-q", "x.zip"]),
    ("zip", &["-q", "-X", "-9", "x.zip"]),
    ("zip", &["-q", "-0", "x.zip"]),
    ("python3", &["-m", "zipfile", "-c", "x.zip"]),
    ("python3", &["-c", STREAMED]),
];

/// Writes to what cannot be sought in, so that sums and sizes are behind the contents.
const STREAMED: &str = "import sys, zipfile\n\
    class Pipe:\n    \
    def __init__(self, out): self.write, self.flush = out.write, out.flush\n\
    with open('x.zip', 'wb') as out, zipfile.ZipFile(Pipe(out), 'w', zipfile.ZIP_DEFLATED) as z:\n    \
    for name in sys.argv[1:]: z.write(name)\n";

#[test]
fn a_bundle_that_another_program_packed_anew_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = Sample::new().bundle(&signed());
    unpack(&bundle, folder.path());
    for (program, args) in PACKED {
        let zip = folder.path().join("x.zip");
        drop(std::fs::remove_file(&zip));
        let names = files(&bundle).into_iter().map(|(name, _)| name);
        let packed = run(Command::new(program).current_dir(&folder).args(args).args(names));
        if packed.is_some() {
            let verified = verify(std::fs::File::open(zip).unwrap(), Some(&signer().verifier()));
            verified.unwrap_or_else(|error| panic!("{program} {args:?}: {error}"));
        }
    }
}
