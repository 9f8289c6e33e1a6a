//! `release publish`: shown, or done.

use std::thread;
use std::time::Duration;

use cargo_metadata::semver::Version;
use xshell::cmd;

use super::check;
use super::package::{self, IndexState, Packed};
use super::publish::Publisher;
use super::rehearse;
use super::target_registry::TargetRegistry;
use crate::Result;
use crate::workspace::Workspace;

/// Prints what [`run`] would do. Writes nothing but cargo's target folder and caches.
pub(super) fn dry_run(workspace: &Workspace, registry: &TargetRegistry) -> Result<()> {
    println!("Nothing is published without --execute. It would, at the registry {}:", registry.name());
    let packed = package::pack(workspace, registry)?;
    for (number, packed) in packed.iter().enumerate() {
        println!("{:3}. {} {}: {}", number + 1, packed.name, packed.version, intention(packed, registry));
    }
    let tag = check::tag_name(&workspace.version()?);
    println!("     and make the tag {tag}, or compare the checksums if this commit has it");
    let obstacles = obstacles(workspace, &packed, registry)?;
    if !obstacles.is_empty() {
        println!("\nBut --execute would refuse, for now:\n- {}", obstacles.join("\n- "));
    }
    Ok(())
}

fn intention(packed: &Packed, registry: &TargetRegistry) -> String {
    match packed.state(registry) {
        Ok(IndexState::NewCrate) => format!("upload a new crate, checksum {}", packed.checksum),
        Ok(IndexState::NewVersion(_)) => format!("upload a new version, checksum {}", packed.checksum),
        Ok(IndexState::Published) => "skip, it is there with the same checksum".to_owned(),
        Ok(IndexState::OtherContent(_) | IndexState::Yanked) | Err(_) => "STOP, see below".to_owned(),
    }
}

/// Publishes, then tags.
pub(super) fn run(workspace: &Workspace, registry: &TargetRegistry, index_lag: Duration) -> Result<()> {
    let (commit, version) = (workspace.commit()?, workspace.version()?);
    let packed = package::pack(workspace, registry)?;
    if check::tagged_commit(workspace, &version)?.as_ref() == Some(&commit) {
        return compare(&packed, registry, &version);
    }
    let obstacles = obstacles(workspace, &packed, registry)?;
    if !obstacles.is_empty() {
        return Err(format!("nothing is published:\n- {}", obstacles.join("\n- ")).into());
    }
    check::advisories(&workspace.shell()?)?;
    Publisher { workspace, registry, index_lag, wait: &thread::sleep }.publish(&packed)?;
    tag(workspace, &version, &commit)
}

/// The tag says that all is published: what is missing is not uploaded, but reported.
fn compare(packed: &[Packed], registry: &TargetRegistry, version: &Version) -> Result<()> {
    rehearse::compare_checksums(packed, registry).map_err(|error| {
        format!("{error}\nThe tag of {version} says that all is published. If that is wrong, delete it.")
    })?;
    println!("{version} is published and tagged: there is nothing to do");
    Ok(())
}

/// What keeps the release from being published. All crates are looked up before the first is uploaded.
fn obstacles(workspace: &Workspace, packed: &[Packed], registry: &TargetRegistry) -> Result<Vec<String>> {
    let mut obstacles = check::obstacles(workspace)?;
    for packed in packed {
        obstacles.extend(match packed.state(registry) {
            Ok(IndexState::NewVersion(versions)) if !is_ours(workspace, &packed.name, &versions)? => {
                Some(foreign(&packed.name, &versions))
            }
            Ok(IndexState::NewCrate) => similar_crate(&packed.name, registry),
            Ok(state) => packed.conflict(&state),
            Err(error) => Some(error.to_string()),
        });
    }
    Ok(obstacles)
}

/// Whether the commit that a tag of one of these versions is on has a crate of this name.
fn is_ours(workspace: &Workspace, name: &str, versions: &[Version]) -> Result<bool> {
    let (shell, line) = (workspace.shell()?, format!("^name = \"{name}\"$"));
    Ok(versions.iter().any(|version| {
        let tag = format!("refs/tags/{}", check::tag_name(version));
        let search = cmd!(shell, "git grep --quiet --basic-regexp {line} {tag} -- *Cargo.toml");
        search.quiet().ignore_stderr().run().is_ok()
    }))
}

fn foreign(name: &str, versions: &[Version]) -> String {
    let versions: Vec<String> = versions.iter().map(Version::to_string).collect();
    format!(
        "the registry has {name} {}, and no tag here of one of these versions holds such a crate: the name may belong to \
         somebody else (`cargo owner --list {name}`). If it is ours, fetch the tags, or tag the commit that a version was \
         published from",
        versions.join(", ")
    )
}

/// The public registry takes no name that differs from another by `-` and `_` alone. Names with both are not looked up.
fn similar_crate(name: &str, registry: &TargetRegistry) -> Option<String> {
    let other = name.replace('-', "_");
    match registry.versions(&other) {
        Ok(versions) if versions.is_empty() => None,
        Ok(_) => Some(format!("the registry has {other}, so it takes no {name}")),
        Err(error) => Some(error.to_string()),
    }
}

/// Last: a tag says that all of this version is published.
fn tag(workspace: &Workspace, version: &Version, commit: &str) -> Result<()> {
    let shell = workspace.shell()?;
    let (name, message) = (check::tag_name(version), format!("Release {version}"));
    let tag = cmd!(shell, "git tag --annotate {name} {commit} --message {message}").quiet().run();
    tag.map_err(|error| {
        format!("everything is published, but the tag {name} could not be made: {error}\nMend that and run the command again")
    })?;
    println!("{version} is published, and tagged. Next:\n  git push origin {name}\n  cargo xtask release verify");
    Ok(())
}
