//! The workspace that a chore works on: its root, its crates, which of them are published and in which order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};
use xshell::{Shell, cmd};

use crate::Result;

/// A workspace whose crates share one version.
pub struct Workspace {
    root: PathBuf,
    target: Option<PathBuf>,
}

impl Workspace {
    /// The workspace that holds the current directory.
    pub fn around_current_dir() -> Result<Self> {
        let shell = Shell::new()?;
        let manifest = cmd!(shell, "cargo locate-project --workspace --message-format plain").quiet().read()?;
        Ok(Self::at(Path::new(&manifest).parent().ok_or("cargo names a manifest without a folder")?))
    }

    /// The workspace with its manifest in this folder.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), target: None }
    }

    /// The same workspace, where cargo writes to this folder, whatever its configuration says.
    #[must_use]
    pub fn with_target(self, folder: &Path) -> Self {
        Self { target: Some(folder.to_owned()), ..self }
    }

    /// The folder of the workspace's manifest.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A shell in the root.
    pub fn shell(&self) -> Result<Shell> {
        let shell = Shell::new()?;
        shell.change_dir(&self.root);
        if let Some(target) = &self.target {
            shell.set_var("CARGO_TARGET_DIR", target);
        }
        Ok(shell)
    }

    /// The commit that is checked out.
    pub fn commit(&self) -> Result<String> {
        let shell = self.shell()?;
        Ok(cmd!(shell, "git rev-parse HEAD").quiet().read()?)
    }

    /// The changes that are not committed, as git lists them. Also what its configuration hides, and what it ignores in a
    /// folder of source: cargo packs all that.
    pub fn uncommitted(&self) -> Result<String> {
        let shell = self.shell()?;
        let status = ["status", "--porcelain", "--untracked-files=all", "--ignored=matching"];
        let status = cmd!(shell, "git -c core.fsmonitor=false {status...}").quiet().read()?;
        let is_packed = |line: &&str| !line.starts_with("!! ") || line.contains("/src/");
        let files = cmd!(shell, "git ls-files -v").quiet().read()?;
        let hidden = files.lines().filter(|line| !line.starts_with("H "));
        let hidden =
            hidden.map(|line| format!("{line}: may differ, because `git update-index` excluded it from status"));
        Ok(status.lines().filter(is_packed).map(str::to_owned).chain(hidden).collect::<Vec<_>>().join("\n"))
    }

    /// What cargo knows of the members and, unless they are left out, of all their dependencies.
    pub fn metadata(&self, dependencies: Dependencies) -> Result<Metadata> {
        let mut command = MetadataCommand::new();
        command.current_dir(&self.root);
        if let Some(target) = &self.target {
            command.env("CARGO_TARGET_DIR", target);
        }
        match dependencies {
            Dependencies::LeftOut => command.no_deps(),
            Dependencies::Locked => command.features(CargoOpt::AllFeatures).other_options(["--locked".to_owned()]),
        };
        Ok(command.exec()?)
    }

    /// The members that are published, each after those it depends on.
    pub fn published(&self) -> Result<Vec<Package>> {
        let members = self.metadata(Dependencies::LeftOut)?.packages;
        in_order(members.into_iter().filter(is_published).collect())
    }

    /// The version that all published crates share.
    pub fn version(&self) -> Result<Version> {
        let versions: BTreeSet<Version> = self.published()?.into_iter().map(|package| package.version).collect();
        match versions.first().filter(|_| versions.len() == 1) {
            Some(version) => Ok(version.clone()),
            None => Err(format!("the published crates must share one version, and have {versions:?}").into()),
        }
    }
}

/// Whether to ask cargo for the packages that the members depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependencies {
    /// The members alone: quick, and needs no network.
    LeftOut,
    /// All packages of the lock file, which must be up to date, with all features.
    Locked,
}

pub(crate) fn is_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
}

/// Dependencies first; by name where that leaves a choice. Those for development are not part of what is published.
fn in_order(mut packages: Vec<Package>) -> Result<Vec<Package>> {
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    let mut ordered: Vec<Package> = Vec::new();
    while !packages.is_empty() {
        let waiting: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        let is_ready = |package: &Package| {
            let mut needed = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development);
            !needed.any(|it| it.path.is_some() && waiting.contains(it.name.as_str()))
        };
        let ready = packages.iter().position(is_ready);
        let ready = ready.ok_or_else(|| format!("these depend on each other: {waiting:?}"))?;
        ordered.push(packages.remove(ready));
    }
    Ok(ordered)
}
