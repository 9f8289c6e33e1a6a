//! `release publish`: shown, or done.

use std::time::Duration;

use xshell::cmd;

use super::clock::SystemClock;
use super::destination::Destination;
use super::index::Held;
use super::package::{self, Packed, Tree};
use super::publish::Publisher;
use super::readiness::{self, Tag};
use crate::Result;
use crate::workspace::Workspace;

/// Publishes, then tags.
pub(super) fn run(workspace: &Workspace, destination: &Destination, index_lag: Duration) -> Result<()> {
    let obstacles = readiness::obstacles(workspace)?;
    if !obstacles.is_empty() {
        return Err(format!("nothing is published:\n{}", obstacles.join("\n")).into());
    }
    Publisher { workspace, destination, clock: &SystemClock, tree: Tree::Clean, index_lag }.publish()?;
    tag(workspace)
}

/// Last: a tag says that all of this version is published.
fn tag(workspace: &Workspace) -> Result<()> {
    let version = workspace.version()?;
    let name = readiness::tag_name(&version);
    if readiness::tag(workspace, &version)? == Tag::OnThisCommit {
        println!("the tag {name} is there already");
        return Ok(());
    }
    let shell = workspace.shell()?;
    let message = format!("Release {version}");
    cmd!(shell, "git tag --annotate {name} --message {message}").quiet().run()?;
    println!("the tag {name} was made; push it: git push origin {name}\nthen: cargo xtask release verify");
    Ok(())
}

/// Says what [`run`] would do, and touches nothing but cargo's build folder.
pub(super) fn dry_run(workspace: &Workspace, destination: &Destination) -> Result<()> {
    println!("Nothing is published without --execute. It would, at the registry {}:", destination.name());
    for (number, packed) in package::pack(workspace, Tree::Dirty)?.iter().enumerate() {
        println!("{:3}. {} {}: {}", number + 1, packed.name, packed.version, intention(packed, destination)?);
    }
    let version = workspace.version()?;
    let tag = readiness::tag_name(&version);
    match readiness::tag(workspace, &version)? {
        Tag::OnThisCommit => println!("     leave the tag {tag}, which is there already"),
        Tag::Absent | Tag::Elsewhere(_) => println!("     make the tag {tag}"),
    }
    let obstacles = readiness::obstacles(workspace)?;
    if !obstacles.is_empty() {
        println!("\nBut --execute would refuse, for now:");
        obstacles.iter().for_each(|obstacle| println!("- {obstacle}"));
    }
    Ok(())
}

fn intention(packed: &Packed, destination: &Destination) -> Result<String> {
    let checksum = &packed.checksum;
    Ok(match destination.index().look(&packed.name, &packed.version) {
        Ok(Held::NewCrate) => format!("upload a new crate, checksum {checksum}"),
        Ok(Held::NewVersion) => format!("upload a new version, checksum {checksum}"),
        Ok(Held::Yanked) => return Err(packed.yanked()),
        Ok(Held::Here(there)) if there == *checksum => "skip, it is there with the same checksum".to_owned(),
        Ok(Held::Here(there)) => return Err(packed.contradicted_by(&there)),
        Err(error) => format!("upload, unless it is there, with checksum {checksum}; {error}"),
    })
}
