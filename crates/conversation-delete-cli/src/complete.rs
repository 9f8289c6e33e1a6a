//! Completion of values that a shell cannot know: job files, also those in the state directory, and vendors.
//!
//! The shell's script runs the program with `COMPLETE` set, so that a script never offers less than the program knows.

use std::ffi::OsStr;
use std::fs;

use clap::{CommandFactory, ValueEnum};
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use crate::args::{Cli, VendorName};
use crate::settings::config::Config;
use crate::state_dir;

/// The name of the program, for the script and for the command that it completes.
const PROGRAM: &str = "conversation-delete";

/// The variable that asks for completions.
const VARIABLE: &str = "COMPLETE";

/// Prints completions and ends the process, if a shell asks for them.
pub(crate) fn answer_shell() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
}

/// The script that makes a shell ask; `None` for a shell that is not known.
pub(crate) fn script(shell: Shell) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string())?;
    completer.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).ok()?;
    Some(script)
}

/// Job files in the folder that is being typed, and those of the state directory by their whole path.
pub(crate) fn jobs(current: &OsStr) -> Vec<CompletionCandidate> {
    let is_job = |path: &std::path::Path| path.is_file() && path.extension().is_some_and(|end| end == "job");
    let mut candidates = PathCompleter::any().filter(is_job).complete(current);
    let entries = state_dir::path().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| is_job(path));
    let is_typed = |path: &OsStr| path.as_encoded_bytes().starts_with(current.as_encoded_bytes());
    let mut stored: Vec<_> = paths.map(Into::into).filter(|path: &std::ffi::OsString| is_typed(path)).collect();
    stored.sort();
    candidates.extend(stored.into_iter().map(CompletionCandidate::new));
    candidates
}

/// Vendors, where ids may follow.
pub(crate) fn vendors(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = VendorName::value_variants().iter().map(|vendor| vendor.vendor().as_str());
    let is_typed = |name: &&str| name.as_bytes().starts_with(current.as_encoded_bytes());
    names.filter(is_typed).map(CompletionCandidate::new).collect()
}

/// The profiles of the configuration file, the last of several with commas. A file that cannot be read offers none.
pub(crate) fn profiles(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let start = current.rfind(',').map_or(0, |comma| comma + 1);
    let (before, typed) = current.split_at(start);
    let profiles = Config::read(None).map(|config| config.profiles).unwrap_or_default();
    let names = profiles.iter().map(|profile| &*profile.name).filter(|name| name.starts_with(typed));
    names.map(|name| CompletionCandidate::new(format!("{before}{name}"))).collect()
}

/// A vendor or a job file.
pub(crate) fn vendors_and_jobs(current: &OsStr) -> Vec<CompletionCandidate> {
    vendors(current).into_iter().chain(jobs(current)).collect()
}
