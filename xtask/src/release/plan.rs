//! What a release would do.

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use super::index::IndexEntry;
use super::limits::Kind;
use super::readiness;
use super::target_registry::TargetRegistry;
use crate::Result;
use crate::changelog::Changelog;
use crate::workspace::Workspace;

/// Prints the crates in order, what each is to the registry, how long it takes, and what the changelog says.
///
/// # Errors
///
/// Where the workspace cannot be read. An index that cannot be reached is not an error: the plan says so, and reckons with
/// new crates. Nor is a reader who has seen enough.
pub(super) fn print(workspace: &Workspace, destination: &TargetRegistry) -> Result<()> {
    match write(&mut io::stdout().lock(), workspace, destination) {
        Err(error) if is_closed_pipe(error.as_ref()) => Ok(()),
        result => result,
    }
}

fn is_closed_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn write(out: &mut impl Write, workspace: &Workspace, destination: &TargetRegistry) -> Result<()> {
    let version = workspace.version()?;
    writeln!(out, "Release {version} to the registry {}\n", destination.name())?;
    let (mut new, mut updates) = (0, 0);
    let mut unknown: Option<String> = None;
    for (number, package) in workspace.published()?.iter().enumerate() {
        // An index that does not answer may take half a minute to do so: it is asked once.
        let held = unknown.is_none().then(|| destination.index().lookup(&package.name, &package.version)).transpose();
        match &held {
            Ok(Some(IndexEntry::NewVersion)) => updates += 1,
            Ok(Some(IndexEntry::NewCrate) | None) | Err(_) => new += 1,
            Ok(Some(IndexEntry::Here(_) | IndexEntry::Yanked)) => {}
        }
        let what = held.as_ref().ok().and_then(Option::as_ref).map_or("not known", told);
        writeln!(out, "{:3}. {} {version}: {what}", number + 1, package.name)?;
        unknown = unknown.or(held.err().map(|error| error.to_string()));
    }
    if let Some(error) = unknown {
        writeln!(out, "\nWhat is not known is reckoned as new: {error}")?;
    }
    writeln!(out, "\n{}", time_needed(new, updates))?;
    write_changelog(out, workspace)?;
    write_obstacles(out, workspace)
}

fn told(held: &IndexEntry) -> &'static str {
    match held {
        IndexEntry::Here(_) => "already in the index; `publish` compares checksums",
        IndexEntry::Yanked => "in the index, but yanked: `publish` would refuse",
        IndexEntry::NewVersion => "new version",
        IndexEntry::NewCrate => "new crate",
    }
}

fn time_needed(new: u32, updates: u32) -> String {
    let wait = Kind::NewCrate.wait_for(new).max(Kind::NewVersion.wait_for(updates));
    let limits = format!(
        "the public registry takes {} new crates at once and then one in {} min,\n      {} new versions at once and then one in {} min",
        Kind::NewCrate.burst(),
        minutes(Kind::NewCrate.interval()),
        Kind::NewVersion.burst(),
        minutes(Kind::NewVersion.interval()),
    );
    format!(
        "Time: {new} new crates and {updates} new versions wait {} min in all\n      ({limits}; it may grant an owner other figures).",
        minutes(wait)
    )
}

fn minutes(duration: Duration) -> u64 {
    duration.as_secs().div_ceil(60)
}

fn write_changelog(out: &mut impl Write, workspace: &Workspace) -> Result<()> {
    let text = workspace.shell()?.read_file("CHANGELOG.md")?;
    let changelog = Changelog::parse(&text);
    let version = workspace.version()?;
    match (changelog.section(&version), changelog.unreleased().filter(|text| !text.is_empty())) {
        (Some(section), _) => writeln!(out, "\nCHANGELOG.md for {version}:\n\n{section}\n")?,
        (None, Some(unreleased)) => writeln!(out, "\nCHANGELOG.md says, still under Unreleased:\n\n{unreleased}\n")?,
        (None, None) => writeln!(out, "\nCHANGELOG.md says nothing of {version}.\n")?,
    }
    Ok(())
}

fn write_obstacles(out: &mut impl Write, workspace: &Workspace) -> Result<()> {
    let obstacles = readiness::obstacles(workspace)?;
    if obstacles.is_empty() {
        writeln!(out, "This commit can be released: next `cargo xtask release check`.")?;
    } else {
        writeln!(out, "This commit cannot be released yet:")?;
        for obstacle in obstacles {
            writeln!(out, "- {obstacle}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_new_crates_take_half_an_hour() {
        assert!(time_needed(8, 0).contains("8 new crates and 0 new versions wait 30 min"));
        assert!(time_needed(0, 8).contains("wait 0 min"));
    }
}
