//! `cargo xtask bump`: one version for all crates, everywhere it is named.

mod files;
mod level;
mod manifest;
mod readme;
mod text;

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use cargo_metadata::semver::Version;
use clap::Args;
use time::{Date, OffsetDateTime};
use xshell::cmd;

use crate::Result;
use crate::changelog::Changelog;
use crate::workspace::{Dependencies, Workspace};
use files::Change;
pub use level::Level;

/// The arguments of `cargo xtask bump`.
#[derive(Args, Debug)]
#[command(after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// The next version: patch, minor, major, release, or itself, such as 0.2.0
    ///
    /// patch    bugs mended: 0.1.0 -> 0.1.1; of a pre-release its release: 1.0.0-rc.1 -> 1.0.0
    /// minor    features; below 1.0.0 breaks too: 0.1.3 -> 0.2.0; 1.0.0-rc.1 -> 1.1.0
    /// major    what breaks callers: 1.2.3 -> 2.0.0; out of the zeros: 0.1.3 -> 1.0.0
    /// release  the present version as a release: 0.1.0 -> 0.1.0; 1.0.0-rc.1 -> 1.0.0
    /// VERSION  this one, not below the present one: 0.2.0; 1.0.0-rc.1
    ///
    /// The present version itself is taken until CHANGELOG.md has a heading for it.
    /// That is how the very first version is released; only CHANGELOG.md changes then.
    #[arg(value_name = "LEVEL", verbatim_doc_comment)]
    pub level: Level,
    /// Prints the diff of every file and writes nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Goes on although a file to change has uncommitted changes, which then are in one diff with the new version.
    #[arg(long)]
    pub allow_dirty: bool,
}

const AFTER_HELP: &str = "\
What changes:
  Cargo.toml      the workspace's version, which all members inherit, and what crates require of our own; also in members
  Cargo.lock      the entries of the members, and no other
  README.md       in the root and in each crate: versions of our own crates in blocks of code
  CHANGELOG.md    what is under `Unreleased` moves under the version and today's date in UTC

All of it or, where anything is wrong, nothing. Nothing is committed, tagged or published. Stdout is the diff alone.

Examples:
  cargo xtask bump patch --dry-run    Shows what the next patch would change
  cargo xtask bump minor              Prepares the next minor version
  cargo xtask bump 1.0.0-rc.1         Prepares this version";

/// Bumps the version, or shows what that would change.
///
/// # Errors
///
/// As of [`Plan::new`] and [`Plan::write`], and where a file to change has uncommitted changes.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let plan = Plan::new(workspace, &arguments.level, OffsetDateTime::now_utc().date())?;
    let dirty = if arguments.allow_dirty { String::new() } else { plan.uncommitted(workspace)? };
    if !dirty.is_empty() && !arguments.dry_run {
        return Err(format!("{dirty}\ncommit or stash them first, or allow them with --allow-dirty").into());
    }
    std::io::stdout().write_all(plan.diff().as_bytes())?;
    eprint!("{}", plan.notes());
    if arguments.dry_run {
        let hint = if dirty.is_empty() { "" } else { "; without --dry-run this would be refused: " };
        eprintln!("nothing was written (--dry-run){hint}{dirty}");
        return Ok(());
    }
    plan.write(workspace)?;
    eprintln!("{}", plan.next_steps());
    Ok(())
}

/// All that a new version changes, worked out and not yet written.
#[derive(Debug)]
pub struct Plan {
    old: Version,
    new: Version,
    /// Whether the changelog has a heading for the old version.
    old_was_released: bool,
    changes: Vec<Change>,
}

impl Plan {
    /// Works out what the next version changes.
    ///
    /// # Errors
    ///
    /// If the level leads to no version, a manifest names another version than the present one, the changelog has nothing
    /// to release, or a file cannot be read.
    pub fn new(workspace: &Workspace, level: &Level, today: Date) -> Result<Self> {
        let manifest = read(workspace, Path::new("Cargo.toml"))?;
        let old = manifest::version(&manifest)?;
        let new = level.after(&old)?;
        let changelog = read(workspace, Path::new("CHANGELOG.md"))?;
        let changelog_of_new = Changelog::parse(&changelog).release(&new, today)?;
        let old_was_released = Changelog::parse(&changelog).section(&old).is_some();

        let members = workspace.metadata(Dependencies::LeftOut)?;
        let names: BTreeSet<String> = members.packages.iter().map(|package| package.name.clone()).collect();
        let folders = members.packages.iter().map(|package| folder(package, members.workspace_root.as_std_path()));
        let mut folders: BTreeSet<PathBuf> = folders.collect();
        let manifest_of_new = manifest::with_version(&manifest, &names, &old, &new)?;
        let mut changes = vec![
            Change { path: "CHANGELOG.md".into(), old: changelog, new: changelog_of_new },
            Change { path: "Cargo.toml".into(), old: manifest, new: manifest_of_new },
        ];
        changes.extend(if_there(workspace, Path::new("Cargo.lock"), |lock| {
            manifest::locked_with_version(lock, &names, &old, &new)
        })?);
        for folder in &folders {
            let path = folder.join("Cargo.toml");
            let manifest = read(workspace, &path)?;
            let new = manifest::member_with_version(&path, &manifest, &names, &old, &new)?;
            changes.push(Change { path, old: manifest, new });
        }
        folders.insert(PathBuf::new());
        for folder in &folders {
            let bumped = |text: &str| Ok(readme::with_version(text, &names, &new));
            changes.extend(if_there(workspace, &folder.join("README.md"), bumped)?);
        }
        changes.retain(|change| change.old != change.new);
        Ok(Self { old, new, old_was_released, changes })
    }

    /// The unified diff of all files.
    #[must_use]
    pub fn diff(&self) -> String {
        self.changes.iter().map(Change::diff).collect()
    }

    /// Writes all files.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written; then all are as they were.
    pub fn write(&self, workspace: &Workspace) -> Result<()> {
        files::write(workspace.root(), &self.changes)
    }

    /// The message about files to change that differ from the last commit; empty if none does.
    fn uncommitted(&self, workspace: &Workspace) -> Result<String> {
        let shell = workspace.shell()?;
        let paths: Vec<_> = self.changes.iter().map(|change| &change.path).collect();
        let status = cmd!(shell, "git status --porcelain -- {paths...}").quiet().read().map_err(|error| {
            format!("cannot ask git for uncommitted changes: {error}\n--allow-dirty goes on without asking")
        })?;
        match status.is_empty() {
            true => Ok(status),
            false => Ok(format!("these files have uncommitted changes:\n{status}")),
        }
    }

    fn notes(&self) -> String {
        let Self { old, new, .. } = self;
        match self.old_was_released || old == new || !old.pre.is_empty() {
            true => String::new(),
            false => format!(
                "note: CHANGELOG.md has no heading for {old}, so it seems never to have been released; \
                 `cargo xtask bump release` would release it\n"
            ),
        }
    }

    fn next_steps(&self) -> String {
        let Self { new, .. } = self;
        format!(
            "The version is {new}. Next:\n  review the diff: git diff\n  \
             commit it: git commit --all --message 'Release {new}'\n  check it: cargo xtask release check"
        )
    }
}

/// Of the package, from the root.
fn folder(package: &Package, root: &Path) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    let folder = manifest.parent().unwrap_or(root);
    folder.strip_prefix(root).unwrap_or(folder).to_owned()
}

/// The change of a file that the workspace may do without. A link is left alone: what it leads to has its own place.
fn if_there(workspace: &Workspace, path: &Path, changed: impl Fn(&str) -> Result<String>) -> Result<Option<Change>> {
    match fs::symlink_metadata(workspace.root().join(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(found) if found.is_symlink() => return Ok(None),
        _ => {}
    }
    let old = read(workspace, path)?;
    let new = changed(&old)?;
    Ok(Some(Change { path: path.to_owned(), old, new }))
}

fn read(workspace: &Workspace, path: &Path) -> Result<String> {
    fs::read_to_string(workspace.root().join(path))
        .map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
