//! The evidence of the demo: this program itself plans and runs a job at fresh fakes, and signs what became of it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use conversation_delete_evidence::verified_report;
use conversation_delete_fake::{Fakes, Fault, Route};

use super::problem::Problem;
use crate::error::CommandError;
use crate::job_file::{quoted, shown};
use crate::own_file::create_private;
use crate::unfinished::Unfinished;

const BUNDLE: &str = "evidence.zip";

/// Records of each vendor.
const RECORDS: usize = 25;

/// Beginnings of the variables that would lead the job elsewhere.
const FOREIGN: [&str; 5] = ["CONVERSATION_DELETE_", "CORTI_", "FINI_", "ELEVENLABS_", "TAVUS_"];

/// Makes the folder, or finds out before anything else that it cannot be used.
pub(super) fn prepare_folder(folder: &Path) -> Result<(), CommandError> {
    let refused = |what: String| CommandError::usage(format!("{}: {what}", shown(folder)));
    let unusable = |error: io::Error| refused(format!("it cannot be used for the evidence: {error}"));
    fs::create_dir_all(folder).map_err(unusable)?;
    if fs::read_dir(folder).map_err(unusable)?.next().is_some() {
        return Err(refused("it is not empty: give a new folder for the evidence".to_owned()));
    }
    // A folder that can be read need not be one that can be written to.
    Unfinished::create(&folder.join(BUNDLE)).map(drop).map_err(unusable)
}

/// Runs the job and leaves in the empty folder: the job, its key, the bundle, and its report.
pub(super) async fn write(folder: &Path, out: &mut impl Write) -> Result<(), Problem> {
    let fakes = Fakes::start().await?;
    let names = ["demo.job", "holds.txt", "demo.key", "demo.key.pub", BUNDLE, "report.html"];
    let paths = names.map(|name| folder.join(name));
    let [job, holds, key, verifier, bundle, report] = paths.each_ref().map(PathBuf::as_path);
    fs::write(holds, prepare(&fakes))?;
    let count = (RECORDS * 4 - 1).to_string();
    writeln!(out, "\nThe same as one job, with evidence. One record is held; two answers get lost.")?;
    let plan = ["plan", "corti", "fini", "elevenlabs", "tavus", "--all", "--hard", "--hold"].map(Path::new);
    run(&fakes, &[&plan[..], &[holds, Path::new("--out"), job]].concat(), out).await?;
    let keygen = ["evidence", "keygen", "--name", "demo", "--out"].map(Path::new);
    run(&fakes, &[&keygen[..], &[key]].concat(), out).await?;
    let how = ["--yes", "--verify", "--expect-count", &count, "--evidence"].map(Path::new);
    let signed = [bundle, Path::new("--sign"), key];
    run(&fakes, &[&[Path::new("run"), job][..], &how, &signed].concat(), out).await?;
    let verify = ["evidence", "verify"].map(Path::new);
    run(&fakes, &[&verify[..], &[bundle, Path::new("--public-key"), verifier]].concat(), out).await?;
    create_private(report)?.write_all(verified_report(File::open(bundle)?)?.as_bytes())?;
    writeln!(out, "\nThe report of the evidence, for a browser: {}", shown(report))?;
    Ok(())
}

/// Seeds the fakes, lets two answers get lost, and returns an id that must not be deleted.
fn prepare(fakes: &Fakes) -> String {
    let mut held = String::new();
    for fake in fakes.iter() {
        held = fake.seed(RECORDS).swap_remove(0);
    }
    for fake in [&fakes.corti, &fakes.elevenlabs] {
        fake.fault(Fault::close().after_effect().on(Route::Delete).once());
    }
    held
}

/// Runs this program at the fakes, and shows the command and what it prints.
async fn run(fakes: &Fakes, args: &[&Path], out: &mut impl Write) -> Result<(), Problem> {
    let words: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
    writeln!(out, "\n$ conversation-delete {}", words.join(" "))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_foreign(name)) {
        command.env_remove(name);
    }
    command.envs(fakes.env());
    // The fakes answer on this thread.
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    out.write_all(String::from_utf8_lossy(&output.stdout).as_bytes())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Problem(format!("it failed: {}", String::from_utf8_lossy(&output.stderr)))),
    }
}

/// Whether a variable would lead the job elsewhere than to the fakes.
fn is_foreign(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    name.ends_with("_PROXY") || FOREIGN.iter().any(|start| name.starts_with(start))
}
