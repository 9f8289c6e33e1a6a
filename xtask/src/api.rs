//! The public API of each published library, listed in a file, so that no change of it goes unseen.
//!
//! One line an item. What is listed, and what is not:
//!
//! * derived implementations are: losing `Clone` breaks callers as much as losing a method does;
//! * auto traits are, as one line a type: a lost `Send` is seen without burying the items under five lines each;
//! * `{ .. }` says that a struct has private fields, or that a method of a trait has a default;
//! * blanket implementations are not: they follow from the implementations that are listed;
//! * what is hidden from the documentation is not: only the macros of the same crate use it;
//! * what the umbrella crate re-exports is one line there: its items are listed with the crate that has them.
//!
//! The lines are compared as a set: their order is for readers. Types of other crates are refused, but for a few.

mod foreign;
mod listing;
mod rustdoc;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::workspace::Workspace;

pub use crate::step::Checked;
pub use rustdoc::stand_in;

/// Compares the public API with the listings, checks that it names no foreign types, and prints the result.
///
/// # Errors
///
/// If they differ, with the lines that do, or if a type of another crate is found that is not allowed.
pub fn check(workspace: &Workspace) -> Result<Checked> {
    if let Some(reason) = rustdoc::unreadable(workspace)? {
        println!("public API: skipped: {reason}");
        return Ok(Checked::Skipped(reason));
    }
    let listings = listings(workspace)?;
    let complaints: Result<Vec<Option<String>>> = listings.iter().map(Listing::complaint).collect();
    let mut complaints: Vec<String> = complaints?.into_iter().flatten().collect();
    for path in left_over(workspace, &listings)? {
        complaints.push(format!("{} belongs to no published library", shown(workspace, &path)));
    }
    complaints.extend(foreign_types(&listings));
    if complaints.is_empty() {
        println!("public API: agrees with its listings ({})", listings.len());
        return Ok(Checked::Passed);
    }
    Err(format!("the public API is not as it should be\n\n{}\n\n{ADVICE}", complaints.join("\n\n")).into())
}

fn foreign_types(listings: &[Listing]) -> Vec<String> {
    let own: BTreeSet<String> = listings.iter().map(|listing| listing.library.clone()).collect();
    let named = |listing: &Listing| {
        let types = foreign::named_in(&listing.text, &own);
        let names = types.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        (!types.is_empty()).then(|| format!("{} has types of other crates: {names}", listing.shown))
    };
    listings.iter().filter_map(named).collect()
}

const ADVICE: &str = "If a change is intended, run `cargo xtask api --bless`, and describe it in CHANGELOG.md. Replace a type of \
                      another crate by one of our own, or by one that api/foreign.rs allows.";

/// Writes the listings anew, and removes those of libraries that are gone.
///
/// # Errors
///
/// Where the API cannot be read, or a listing not be written.
pub fn bless(workspace: &Workspace) -> Result<()> {
    if let Some(reason) = rustdoc::unreadable(workspace)? {
        return Err(format!("the listings cannot be written: {reason}").into());
    }
    let listings = listings(workspace)?;
    fs::create_dir_all(folder(workspace))?;
    for listing in &listings {
        fs::write(&listing.path, &listing.text).map_err(|error| format!("{}: {error}", listing.shown))?;
    }
    for path in left_over(workspace, &listings)? {
        fs::remove_file(path)?;
    }
    println!("public API: listings written ({})", listings.len());
    Ok(())
}

/// The listing that one library should have.
struct Listing {
    /// The name of the library in paths.
    library: String,
    path: PathBuf,
    /// The path from the root of the workspace, the same on every machine.
    shown: String,
    text: String,
}

impl Listing {
    /// What is wrong with the file, if anything is.
    fn complaint(&self) -> Result<Option<String>> {
        match fs::read_to_string(&self.path) {
            Ok(listed) => Ok(difference(&listed, &self.text)
                .map(|lines| format!("{} (- the listing, + the API):\n{lines}", self.shown))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(format!("{} is missing", self.shown))),
            Err(error) => Err(format!("{}: {error}", self.shown).into()),
        }
    }
}

fn listings(workspace: &Workspace) -> Result<Vec<Listing>> {
    let shell = workspace.shell()?;
    let descriptions = shell.create_temp_dir()?;
    let libraries = rustdoc::describe(workspace, descriptions.path())?;
    let listing = |library: &rustdoc::Library| {
        let path = folder(workspace).join(format!("{}.txt", library.package));
        let text = listing::of(&library.json)?;
        Ok(Listing { library: library.package.replace('-', "_"), shown: shown(workspace, &path), path, text })
    };
    libraries.iter().map(listing).collect()
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("docs").join("public-api")
}

fn shown(workspace: &Workspace, path: &Path) -> String {
    path.strip_prefix(workspace.root()).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// Listings of no library.
fn left_over(workspace: &Workspace, listings: &[Listing]) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder(workspace)) else { return Ok(Vec::new()) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.retain(|path| !listings.iter().any(|listing| listing.path == *path));
    paths.sort();
    Ok(paths)
}

/// The lines that only one of both has, with those of one item next to each other. None if there are none.
fn difference(listed: &str, actual: &str) -> Option<String> {
    let (listed, actual): (BTreeSet<&str>, BTreeSet<&str>) = (listed.lines().collect(), actual.lines().collect());
    let removed = listed.difference(&actual).map(|line| (*line, '-'));
    let added = actual.difference(&listed).map(|line| (*line, '+'));
    let mut lines: Vec<(&str, char)> = removed.chain(added).collect();
    lines.sort_unstable();
    let lines: Vec<String> = lines.iter().map(|(line, sign)| format!("{sign} {line}")).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_shown_item_by_item() {
        let listed = "pub mod a\npub fn a::gone()\npub fn a::kept()\npub fn a::turned() -> u8\n";
        let actual = "pub mod a\npub fn a::kept()\npub fn a::new()\npub fn a::turned() -> u16\n";
        let lines = "- pub fn a::gone()\n+ pub fn a::new()\n+ pub fn a::turned() -> u16\n- pub fn a::turned() -> u8";
        assert_eq!(difference(listed, actual).as_deref(), Some(lines));
    }

    #[test]
    fn neither_order_nor_line_ends_differ() {
        assert_eq!(difference("pub mod a\r\npub fn a::b()\r\n", "pub fn a::b()\npub mod a\n"), None);
    }
}
