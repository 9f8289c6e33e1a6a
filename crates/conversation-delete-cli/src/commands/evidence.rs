//! The commands `evidence export`, `verify`, `prove` and `keygen`.

mod output;
mod verify;

use std::fs;
use std::io::Write;
use std::path::Path;

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
    let (written, verifier) = match &args.name {
        Some(name) => {
            let key = SignerKey::generate(name).map_err(refused)?;
            (key.write_file(&args.out), Some(key.verifier()))
        }
        None => (PseudonymKey::generate().map_err(refused)?.write_file(&args.out), None),
    };
    written.map_err(|error| unusable(&args.out, &error))?;
    notice(&format!("the key is in {}: keep it secret, and keep a copy", shown(&args.out)));
    match verifier {
        Some(verifier) => print_text(&format!("{verifier}\n")),
        None => Ok(Exit::Success),
    }
}
