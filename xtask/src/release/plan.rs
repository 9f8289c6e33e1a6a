//! What a release would do.

use std::time::Duration;

use super::destination::Destination;
use super::index::Held;
use super::limits::Kind;
use super::readiness;
use crate::Result;
use crate::changelog::Changelog;
use crate::workspace::Workspace;

/// Prints the crates in order, what each is to the registry, how long it takes, and what the changelog says.
///
/// # Errors
///
/// Where the workspace cannot be read. An index that cannot be reached is no error: the plan says so, and reckons with
/// new crates.
pub(super) fn print(workspace: &Workspace, destination: &Destination) -> Result<()> {
    let version = workspace.version()?;
    println!("Release {version} to the registry {}\n", destination.name());
    let (mut new, mut updates) = (0, 0);
    for (number, package) in workspace.published()?.iter().enumerate() {
        let what = match destination.index().look(&package.name, &package.version) {
            Ok(Held::Here(_)) => "already in the index; `publish` compares checksums".to_owned(),
            Ok(Held::Yanked) => "in the index, but yanked: `publish` would refuse".to_owned(),
            Ok(Held::NewVersion) => {
                updates += 1;
                "new version".to_owned()
            }
            Ok(Held::NewCrate) => {
                new += 1;
                "new crate".to_owned()
            }
            Err(error) => {
                new += 1;
                format!("not known: {error}")
            }
        };
        println!("{:3}. {} {version}: {what}", number + 1, package.name);
    }
    println!("\n{}", time_needed(new, updates));
    print_changelog(workspace)?;
    print_obstacles(workspace)
}

fn time_needed(new: u32, updates: u32) -> String {
    let wait = Kind::NewCrate.wait_for(new).max(Kind::NewVersion.wait_for(updates));
    let limits = format!(
        "the public registry takes {} new crates at once and then one in {} min, {} new versions at once and then one in {} min",
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

fn print_changelog(workspace: &Workspace) -> Result<()> {
    let text = workspace.shell()?.read_file("CHANGELOG.md")?;
    let changelog = Changelog::parse(&text);
    let version = workspace.version()?;
    match (changelog.section(&version), changelog.unreleased()) {
        (Some(section), _) => println!("\nCHANGELOG.md says of {version}:\n\n{section}\n"),
        (None, Some(unreleased)) => println!("\nCHANGELOG.md says, still under Unreleased:\n\n{unreleased}\n"),
        (None, None) => println!("\nCHANGELOG.md says nothing of {version}.\n"),
    }
    Ok(())
}

fn print_obstacles(workspace: &Workspace) -> Result<()> {
    let obstacles = readiness::obstacles(workspace)?;
    if obstacles.is_empty() {
        println!("This commit can be released: next `cargo xtask release check`.");
    } else {
        println!("This commit cannot be released yet:");
        obstacles.iter().for_each(|obstacle| println!("- {obstacle}"));
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
