//! `release publish`: shown, or done.

use std::time::Duration;

use cargo_metadata::semver::Version;
use xshell::cmd;

use super::checkout::Checkout;
use super::clock::SystemClock;
use super::index::IndexEntry;
use super::package::{self, Packed};
use super::publish::Publisher;
use super::readiness::{self, Tag};
use super::target_registry::TargetRegistry;
use super::tree::Tree;
use super::verify;
use crate::Result;
use crate::workspace::Workspace;

/// Publishes, then tags. All of it from a checkout of its own, for it may take an hour in which somebody works on.
pub(super) fn run(workspace: &Workspace, destination: &TargetRegistry, index_lag: Duration) -> Result<()> {
    let obstacles = readiness::obstacles(workspace)?;
    if !obstacles.is_empty() {
        return Err(format!("nothing is published:\n{}", obstacles.join("\n")).into());
    }
    let checkout = Checkout::new(workspace, &workspace.commit()?)?;
    let result = publish_and_tag(workspace, checkout.workspace(), destination, index_lag);
    // What went wrong before matters more than a folder that the next run sweeps away.
    let removed = checkout.remove();
    result.and(removed)
}

fn publish_and_tag(
    workspace: &Workspace,
    checkout: &Workspace,
    destination: &TargetRegistry,
    index_lag: Duration,
) -> Result<()> {
    let (commit, version) = (checkout.commit()?, checkout.version()?);
    let name = readiness::tag_name(&version);
    if readiness::tag(checkout, &version)? == Tag::OnThisCommit {
        // The tag says that all is published: what is missing is not uploaded, but reported.
        let packed = package::pack(checkout, destination, Tree::Clean)?;
        verify::checksums(&packed, destination).map_err(|error| tagged_but_missing(&name, &error.to_string()))?;
        println!("{version} is published and tagged: there is nothing to do");
        return Ok(());
    }
    let clock = &SystemClock;
    Publisher { workspace: checkout, destination, clock, tree: Tree::Clean, index_lag }.publish()?;
    tag(workspace, &name, &version, &commit)
}

fn tagged_but_missing(name: &str, error: &str) -> String {
    format!(
        "{error}\nThe tag {name} is here and says that all is published, so nothing is uploaded. If it is not published, \
         take the tag away (`git tag --delete {name}`) and run the command again. If it is, the index may lag: wait some \
         minutes."
    )
}

/// Last: a tag says that all of this version is published.
fn tag(workspace: &Workspace, name: &str, version: &Version, commit: &str) -> Result<()> {
    let shell = workspace.shell()?;
    let message = format!("Release {version}");
    let made = cmd!(shell, "git tag --annotate {name} {commit} --message {message}").quiet().run();
    made.map_err(|error| {
        format!("everything is published, but the tag {name} could not be made: {error}\nMend that and run the command again")
    })?;
    println!(
        "{version} is published; the tag {name} was made. Next:\n  git push origin {name}\n  cargo xtask release verify"
    );
    Ok(())
}

/// Says what [`run`] would do, and touches nothing but cargo's build folder and caches.
pub(super) fn dry_run(workspace: &Workspace, destination: &TargetRegistry) -> Result<()> {
    println!("Nothing is published without --execute. It would, at the registry {}:", destination.name());
    for (number, packed) in package::pack(workspace, destination, Tree::Dirty)?.iter().enumerate() {
        println!("{:3}. {} {}: {}", number + 1, packed.name, packed.version, intention(packed, destination));
    }
    let version = workspace.version()?;
    let tag = readiness::tag_name(&version);
    match readiness::tag(workspace, &version)? {
        Tag::OnThisCommit => println!("But the tag {tag} is here: nothing is uploaded, the checksums are compared."),
        Tag::Absent | Tag::Elsewhere(_) => println!("     make the tag {tag}"),
    }
    let obstacles = readiness::obstacles(workspace)?;
    if !obstacles.is_empty() {
        println!("\nBut --execute would refuse, for now:");
        obstacles.iter().for_each(|obstacle| println!("- {obstacle}"));
    }
    Ok(())
}

fn intention(packed: &Packed, destination: &TargetRegistry) -> String {
    let checksum = &packed.checksum;
    match destination.index().lookup(&packed.name, &packed.version) {
        Ok(IndexEntry::NewCrate) => format!("upload a new crate, checksum {checksum}"),
        Ok(IndexEntry::NewVersion) => format!("upload a new version, checksum {checksum}"),
        Ok(IndexEntry::Here(there)) if there == *checksum => "skip, it is there with the same checksum".to_owned(),
        Ok(IndexEntry::Here(there)) => {
            format!("STOP, it is there with checksum {there}, and this commit gives {checksum}")
        }
        Ok(IndexEntry::Yanked) => "STOP, it is there, but yanked".to_owned(),
        Err(error) => format!("upload, unless it is there, with checksum {checksum}; {error}"),
    }
}
