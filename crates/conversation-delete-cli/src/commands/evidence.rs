//! The commands `evidence export`, `verify`, `prove` and `keygen`.

mod output;
mod verify;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use conversation_delete_evidence::{KeyError, ProveError, PseudonymKey, SignerKey, export_report, prove};

use crate::args::{EvidenceArgs, EvidenceCommand, EvidenceExportArgs, EvidenceKeygenArgs, EvidenceProveArgs};
use crate::bundle::{self, described, not_exported, read_key, unusable};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job_file::{check_is_file, shown};
use crate::notice::notice;
use crate::report::{EvidenceLine, count, visible};
use crate::unfinished::Unfinished;
use output::{invalid, open, print, print_text};

/// Carries out the command.
pub(crate) fn execute(args: &EvidenceArgs) -> Exit {
    exit_of(match &args.command {
        EvidenceCommand::Export(args) => export(args),
        EvidenceCommand::Verify(args) => verify::verify(args),
        EvidenceCommand::Prove(args) => prove_ids(args),
        EvidenceCommand::Keygen(args) => keygen(args),
    })
}

fn export(args: &EvidenceExportArgs) -> Result<Exit, CommandError> {
    check_is_file(&args.job)?;
    let options = bundle::options(args.sign.as_deref(), args.pseudonymize.as_deref(), args.lang)?;
    if let Some(path) = &args.html_only {
        let report = export_report(&args.job, &options).map_err(not_exported)?;
        write_new(path, report.as_bytes())?;
        return print(args.output, &shown(path), &EvidenceLine::file(path));
    }
    let Some(path) = &args.out else { return Err(CommandError::usage("give --out FILE.zip")) };
    let manifest = bundle::write(path, (&args.job).into(), &options)?;
    let line = EvidenceLine::of_manifest(path, &manifest);
    print(args.output, &format!("{}: {}", shown(path), described(&manifest)), &line)
}

/// Writes a new file, which gets its name when it is complete.
fn write_new(path: &Path, contents: &[u8]) -> Result<(), CommandError> {
    let unfinished = Unfinished::create(path).map_err(|error| unusable(path, &error))?;
    let written = unfinished.file().write_all(contents).and_then(|()| unfinished.finish());
    written.map_err(|error| unusable(path, &error))
}

fn prove_ids(args: &EvidenceProveArgs) -> Result<Exit, CommandError> {
    let key = args.pseudonymize.as_deref().map(|path| read_key(path, PseudonymKey::parse)).transpose()?;
    let proven = prove(open(&args.file)?, &args.ids, key.as_ref()).map_err(|error| match error {
        ProveError::Verify(error) => invalid(&args.file, &error),
        error => CommandError::usage(visible(&error.to_string())),
    })?;
    fs::create_dir_all(&args.out).map_err(|error| unusable(&args.out, &error))?;
    for record in &proven {
        let index = record.record.index;
        write_new(&args.out.join(format!("{index}.json")), &record.line)?;
        write_new(&args.out.join(format!("{index}.tlog-proof")), record.proof.as_bytes())?;
    }
    let text = format!("{}: {}", shown(&args.out), count(proven.len() as u64, "proof"));
    print(args.output, &text, &EvidenceLine { records: Some(proven.len() as u64), ..EvidenceLine::file(&args.out) })
}

fn keygen(args: &EvidenceKeygenArgs) -> Result<Exit, CommandError> {
    let refused = |error: KeyError| CommandError::usage(visible(&error.to_string()));
    let secret = format!("the key is in {}: keep it secret, and keep a copy", shown(&args.out));
    let Some(name) = &args.name else {
        let key = PseudonymKey::generate().map_err(refused)?;
        key.write_file(&args.out).map_err(|error| unusable(&args.out, &error))?;
        notice(&secret);
        return Ok(Exit::Success);
    };
    let key = SignerKey::generate(name).map_err(refused)?;
    let (verifier, public) = (format!("{}\n", key.verifier()), public_file(&args.out));
    let unfinished = Unfinished::create(&public).map_err(|error| unusable(&public, &error))?;
    key.write_file(&args.out).map_err(|error| unusable(&args.out, &error))?;
    let written = unfinished.file().write_all(verifier.as_bytes()).and_then(|()| unfinished.finish());
    notice(&secret);
    // The key is there even if this failed: the verifier key is printed all the same.
    let printed = print_text(&verifier);
    written.map_err(|error| unusable(&public, &error))?;
    notice(&format!("its verifier key is in {}", shown(&public)));
    printed
}

/// The file for the verifier key, beside that of the signer key.
fn public_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}
