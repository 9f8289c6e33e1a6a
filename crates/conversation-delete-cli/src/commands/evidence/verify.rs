//! The command `evidence verify`.

use std::io::Read;
use std::path::Path;

use conversation_delete_evidence::{KeyError, SignatureCheck, VerifierKey, verify as verify_bundle, verify_proof};

use super::output::{invalid, open, print};
use crate::args::EvidenceVerifyArgs;
use crate::bundle::read_key;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::shown;
use crate::report::{EvidenceLine, count, visible};

/// The ends of the names of a proof's two files.
const RECORD: &str = "json";
const PROOF: &str = "tlog-proof";

/// Longer ones are not read. A record grows with what belonged to it.
const LONGEST_FILE: u64 = 64 * 1024 * 1024;

pub(super) fn verify(args: &EvidenceVerifyArgs) -> Result<Exit, CommandError> {
    let key = args.public_key.as_deref().map(parse_key).transpose()?;
    let end = args.file.extension().and_then(|end| end.to_str());
    let (records, signature) = match end {
        Some(RECORD | PROOF) => (1, check_proof(&args.file, key.as_ref())?),
        _ => {
            let verified =
                verify_bundle(open(&args.file)?, key.as_ref()).map_err(|error| invalid(&args.file, &error))?;
            (verified.manifest.about.records.count, verified.signature)
        }
    };
    let (word, signer, text) = match &signature {
        SignatureCheck::Unsigned => ("unsigned", None, "it is not signed".to_owned()),
        SignatureCheck::Unchecked(name) => {
            let text = format!("it names `{}` as its signer, which was not checked: give --public-key", visible(name));
            ("unchecked", Some(name.as_str()), text)
        }
        SignatureCheck::Valid(name) => ("valid", Some(name.as_str()), format!("it is signed by {}", visible(name))),
    };
    let line = EvidenceLine { records: Some(records), signature: Some(word), signer, ..EvidenceLine::file(&args.file) };
    let text = format!("{}: {} verified; {text}", shown(&args.file), count(records, "record"));
    print(args.output, &text, &line)
}

/// The text of a key, or the name of a file that holds it.
fn parse_key(text: &str) -> Result<VerifierKey, CommandError> {
    let path = Path::new(text);
    VerifierKey::parse(text).or_else(|error| match error {
        KeyError::Text(_) if path.exists() => read_key(path, VerifierKey::parse),
        KeyError::Text(_) => Err(CommandError::usage(format!(
            "--public-key: `{}` is neither a verifier key (NAME+HASH+KEY) nor a file",
            visible(text)
        ))),
        error => Err(CommandError::usage(visible(&error.to_string()))),
    })
}

fn check_proof(path: &Path, key: Option<&VerifierKey>) -> Result<SignatureCheck, CommandError> {
    let [record, proof] = [RECORD, PROOF].map(|end| read(&path.with_extension(end)));
    let (_, signature) = verify_proof(&record?, &proof?, key).map_err(|error| invalid(path, &error))?;
    Ok(signature)
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut contents = Vec::new();
    let read = open(path)?.take(LONGEST_FILE).read_to_end(&mut contents);
    read.map_err(|error| CommandError::usage(format!("{}: it cannot be read: {error}", shown(path))))?;
    Ok(contents)
}
