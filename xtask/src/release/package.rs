//! The packages as they would be published.

use std::ffi::OsStr;
use std::fs;

use cargo_metadata::semver::Version;
use sha2::{Digest, Sha256};

use super::target_registry::TargetRegistry;
use crate::Result;
use crate::workspace::Workspace;

/// The SHA-256 of these bytes in lower-case hexadecimal, as an index holds that of a file.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A package in a file.
pub struct Packed {
    /// The crate.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The checksum of the file, as [`sha256`] writes it: packing the same commit again gives the same.
    pub checksum: String,
}

/// What an index holds of a package.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IndexState {
    NewCrate,
    /// Of the crate, but only these versions.
    NewVersion(Vec<Version>),
    /// With our checksum.
    Published,
    OtherContent(String),
    Yanked,
}

impl Packed {
    pub(super) fn state(&self, registry: &TargetRegistry) -> Result<IndexState> {
        let versions = registry.versions(&self.name)?;
        Ok(match versions.iter().find(|entry| entry.vers == self.version) {
            None if versions.is_empty() => IndexState::NewCrate,
            None => IndexState::NewVersion(versions.into_iter().map(|entry| entry.vers).collect()),
            Some(entry) if entry.yanked => IndexState::Yanked,
            Some(entry) if entry.cksum == self.checksum => IndexState::Published,
            Some(entry) => IndexState::OtherContent(entry.cksum.clone()),
        })
    }

    /// Why the index cannot take this package any more, and what to do.
    pub(super) fn conflict(&self, state: &IndexState) -> Option<String> {
        let Self { name, version, checksum } = self;
        match state {
            IndexState::Yanked => Some(format!(
                "{name} {version} is in the index, but yanked. Undo that (`cargo yank --undo --version {version} {name}`), or \
                 bump the version and release that."
            )),
            IndexState::OtherContent(other) => Some(format!(
                "{name} {version} is published with other content: the index has checksum\n    {other}\nand this commit \
                 gives\n    {checksum}\nNothing more is uploaded. It may have been packed from another commit or by another \
                 cargo: check that commit out, use that cargo (`rustup run VERSION cargo xtask …`), and run this again. If \
                 the published content is wrong, yank it, bump the version and release that. If you never published it, \
                 the name belongs to somebody else."
            )),
            IndexState::NewCrate | IndexState::NewVersion(_) | IndexState::Published => None,
        }
    }
}

/// Packs all published crates without building them, in the order in which they are published, with the uncommitted
/// changes. In a folder of its own: another run may write to the target folder meanwhile.
///
/// # Errors
///
/// If cargo refuses.
pub fn pack(workspace: &Workspace, registry: &TargetRegistry) -> Result<Vec<Packed>> {
    let (folder, changes) = (tempfile::tempdir()?, workspace.uncommitted()?);
    let target = folder.path().display().to_string();
    let options = ["--no-verify", "--target-dir", &target].into_iter().chain(dirty_option(&changes));
    run_cargo_package(workspace, registry, options)?;
    let packed = workspace.published()?.into_iter().map(|package| {
        let file = folder.path().join("package").join(format!("{}-{}.crate", package.name, package.version));
        let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Packed { name: package.name, version: package.version, checksum: sha256(&bytes) })
    });
    packed.collect()
}

/// What makes cargo pack these uncommitted changes. Without any, it refuses those that git did not list.
pub(super) fn dirty_option(uncommitted: &str) -> Option<&'static str> {
    (!uncommitted.is_empty()).then_some("--allow-dirty")
}

/// Builds all published crates from what their packages hold.
pub(super) fn build(workspace: &Workspace, registry: &TargetRegistry) -> Result<()> {
    run_cargo_package(workspace, registry, [""; 0])
}

/// Offline, once everything is fetched: otherwise cargo asks the index about every package, and gives the same bytes.
fn run_cargo_package(
    workspace: &Workspace,
    registry: &TargetRegistry,
    options: impl IntoIterator<Item: AsRef<OsStr>>,
) -> Result<()> {
    let shell = workspace.shell()?;
    registry.cargo(&shell, "fetch").arg("--quiet").run()?;
    let names = workspace.published()?.into_iter().flat_map(|package| ["--package".to_owned(), package.name]);
    let package = registry.cargo(&shell, "package").args(["--quiet", "--offline", "--registry", registry.name()]);
    Ok(package.args(options).args(names).run()?)
}
