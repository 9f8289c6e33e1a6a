//! The packages as they would be published.

use std::error::Error;
use std::path::PathBuf;

use cargo_metadata::Package;
use cargo_metadata::semver::Version;
use xshell::{Shell, cmd};

use super::Checksum;
use super::target_registry::TargetRegistry;
use super::tree::Tree;
use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// A package in a file.
pub struct Packed {
    /// The name of the crate.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The checksum of the file: packing the same commit again gives the same.
    pub checksum: Checksum,
}

impl Packed {
    /// The error for a version that was withdrawn.
    pub(super) fn yanked(&self) -> Box<dyn Error> {
        let Self { name, version, .. } = self;
        format!(
            "{name} {version} is in the index, but yanked. Undo that (`cargo yank --undo --version {version} {name}`), or \
             bump the version and release that."
        )
        .into()
    }

    /// The error for an index that holds another file under this version.
    pub(super) fn contradicted_by(&self, other: &Checksum) -> Box<dyn Error> {
        let Self { name, version, checksum } = self;
        format!(
            "{name} {version} is published with other content: the index has checksum\n    {other}\nand this commit gives\n    \
             {checksum}\nNothing more is uploaded. A published version cannot be replaced. It may have been packed from another \
             commit or by another cargo: check that commit out, use that cargo (`rustup run VERSION cargo xtask …`), and run \
             this again. Only if what is published is wrong, yank it, bump the version and release that."
        )
        .into()
    }
}

/// Packs all published crates, in the order in which they are published, without building them.
///
/// # Errors
///
/// Where cargo refuses, above all where the tree is dirty.
pub fn pack(workspace: &Workspace, destination: &TargetRegistry, tree: Tree) -> Result<Vec<Packed>> {
    let published = workspace.published()?;
    run_cargo_package(&workspace.shell()?, destination, &published, &["--no-verify"], tree)?;
    let folder = workspace.metadata(Dependencies::LeftOut)?.target_directory.join("package");
    published
        .into_iter()
        .map(|package| {
            let file = PathBuf::from(&folder).join(format!("{}-{}.crate", package.name, package.version));
            let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            Ok(Packed { name: package.name, version: package.version, checksum: Checksum::of(&bytes) })
        })
        .collect()
}

/// Packs all published crates, unpacks them and builds them from there, each with the others as they were packed.
///
/// # Errors
///
/// Where one of them does not build from what is in its package.
pub fn verify(workspace: &Workspace, destination: &TargetRegistry, tree: Tree) -> Result<()> {
    run_cargo_package(&workspace.shell()?, destination, &workspace.published()?, &[], tree)
}

/// Offline, once everything is fetched: otherwise cargo asks the index for every package anew, which takes many times as
/// long and gives the same bytes. It asks the destination, whatever else the user's configuration puts in its place.
fn run_cargo_package(
    shell: &Shell,
    destination: &TargetRegistry,
    packages: &[Package],
    options: &[&str],
    tree: Tree,
) -> Result<()> {
    let names = packages.iter().flat_map(|package| ["--package", package.name.as_str()]);
    let dirty = (tree == Tree::Dirty).then_some("--allow-dirty");
    let from = &destination.source_options();
    let environment = destination.environment();
    cmd!(shell, "cargo fetch --quiet --locked {from...}").envs(environment.iter().cloned()).quiet().run()?;
    let to = ["--registry", destination.source_name()];
    let package =
        cmd!(shell, "cargo package --quiet --locked --offline {from...} {to...} {options...} {dirty...} {names...}");
    Ok(package.envs(environment.iter().cloned()).quiet().run()?)
}
