//! The values that an argument can be completed with: job files, also those in the state directory, vendors and profiles.

use std::ffi::OsStr;
use std::fs;

use clap::ValueEnum;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};

use super::VendorName;
use crate::settings::config::Config;
use crate::state_dir;

/// Job files in the folder that is being typed, and those of the state directory by their whole path.
pub(super) fn jobs(current: &OsStr) -> Vec<CompletionCandidate> {
    let is_job = |path: &std::path::Path| path.is_file() && path.extension().is_some_and(|end| end == "job");
    let mut candidates = PathCompleter::any().filter(is_job).complete(current);
    let entries = state_dir::path().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| is_job(path));
    let is_typed = |path: &OsStr| path.as_encoded_bytes().starts_with(current.as_encoded_bytes());
    let mut stored: Vec<_> = paths.map(Into::into).filter(|path: &std::ffi::OsString| is_typed(path)).collect();
    stored.sort();
    candidates.extend(stored.into_iter().map(CompletionCandidate::new));
    candidates.retain(|candidate| is_safe(candidate.get_value()));
    candidates
}

/// Whether a shell takes it as one word and runs no part of it: shells insert candidates without quotes.
fn is_safe(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || "/._-+@%,=".contains(c)))
}

/// Vendors, where ids may follow.
pub(super) fn vendors(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = VendorName::value_variants().iter().map(|vendor| vendor.vendor().as_str());
    let is_typed = |name: &&str| name.as_bytes().starts_with(current.as_encoded_bytes());
    names.filter(is_typed).map(CompletionCandidate::new).collect()
}

/// The profiles of the configuration file, the last of several with commas. A file that cannot be read offers none.
pub(super) fn profiles(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let start = current.rfind(',').map_or(0, |comma| comma + 1);
    let (before, typed) = current.split_at(start);
    let profiles = Config::read(None).map(|config| config.profiles).unwrap_or_default();
    let names = profiles.iter().map(|profile| &*profile.name).filter(|name| name.starts_with(typed));
    names.map(|name| CompletionCandidate::new(format!("{before}{name}"))).collect()
}

/// A vendor or a job file.
pub(super) fn vendors_and_jobs(current: &OsStr) -> Vec<CompletionCandidate> {
    vendors(current).into_iter().chain(jobs(current)).collect()
}
