//! Whether what a registry holds is what this commit makes, and can be used.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::Path;

use cargo_metadata::{Package, TargetKind};

use super::index::IndexEntry;
use super::isolated_consumer::IsolatedConsumer;
use super::package::{self, Packed};
use super::readiness::{self, Tag};
use super::target_registry::TargetRegistry;
use super::tree::Tree;
use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// Compares all checksums, then uses every crate on a fresh machine.
///
/// # Errors
///
/// Where another commit is checked out than the released one. Where a crate is missing or has other content, and where
/// one cannot be built or run from the registry.
pub(super) fn run(workspace: &Workspace, destination: &TargetRegistry) -> Result<()> {
    refuse_another_commit(workspace)?;
    checksums(&package::pack(workspace, destination, Tree::Clean)?, destination)?;
    let folder = workspace.metadata(Dependencies::LeftOut)?.target_directory.join("xtask").join("verify");
    with_fresh_folder(folder.as_std_path(), |folder| use_all(workspace, &IsolatedConsumer::new(folder, destination)?))
}

/// A package holds the name of its commit, so that every other commit would seem to contradict a good release.
fn refuse_another_commit(workspace: &Workspace) -> Result<()> {
    let version = workspace.version()?;
    let name = readiness::tag_name(&version);
    match readiness::tag(workspace, &version)? {
        Tag::OnThisCommit => Ok(()),
        Tag::Elsewhere(commit) => {
            Err(format!("{version} was released from {commit}: check out {name} first (`git checkout {name}`)").into())
        }
        Tag::Absent => Err(format!(
            "there is no tag {name} here, so the release is not finished: `cargo xtask release publish --execute` goes \
             on with it and makes the tag at the end. If somebody else released it: `git fetch --tags`"
        )
        .into()),
    }
}

/// Whether the index holds every package with the right checksum. All differences are reported, not only the first.
pub(super) fn checksums(packed: &[Packed], destination: &TargetRegistry) -> Result<()> {
    let wrong: Vec<String> = packed.iter().filter_map(|packed| checksum(packed, destination).err()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn checksum(packed: &Packed, destination: &TargetRegistry) -> std::result::Result<(), String> {
    let Packed { name, version, checksum } = packed;
    match destination.index().lookup(name, version) {
        Ok(IndexEntry::Here(there)) if there == *checksum => {
            println!("{name} {version}: in the index with checksum {checksum}");
            Ok(())
        }
        Ok(IndexEntry::Here(there)) => Err(packed.contradicted_by(&there).to_string()),
        Ok(IndexEntry::Yanked) => Err(packed.yanked().to_string()),
        Ok(IndexEntry::NewCrate | IndexEntry::NewVersion) => Err(format!("{name} {version} is not in the index")),
        Err(error) => Err(format!("{name} {version}: {error}")),
    }
}

/// Does something in an empty folder, which goes when all went well and stays for a look otherwise.
pub(super) fn with_fresh_folder(folder: &Path, work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    work(folder).map_err(|error| format!("{error}\nWhat was made until then is in {}", folder.display()))?;
    Ok(fs::remove_dir_all(folder)?)
}

/// One program that depends on every library, and every program installed and asked for help.
fn use_all(workspace: &Workspace, machine: &IsolatedConsumer) -> Result<()> {
    let published = workspace.published()?;
    let libraries = published.iter().filter(|package| has(package, TargetKind::Lib));
    let dependencies: String =
        libraries.map(|package| format!("{} = \"={}\"\n", package.name, package.version)).collect();
    println!("cargo builds everything from nothing, which takes some minutes");
    machine.run_program("depends-on-all", &dependencies, "fn main() {}\n")?;
    println!("a program that depends on every library was built and run");
    for package in published.iter().filter(|package| has(package, TargetKind::Bin)) {
        let folder = machine.install(&package.name, &package.version)?;
        for program in package.targets.iter().filter(|target| target.kind.contains(&TargetKind::Bin)) {
            machine.run_installed(&folder.join(format!("{}{EXE_SUFFIX}", program.name)), &["--help"])?;
            println!("{} was installed from {} {} and shows its help", program.name, package.name, package.version);
        }
    }
    Ok(())
}

fn has(package: &Package, kind: TargetKind) -> bool {
    package.targets.iter().any(|target| target.kind.contains(&kind))
}
