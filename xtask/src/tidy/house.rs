//! What the rules look at: the files that git knows or would take, and the crates that cargo sees.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package};
use toml_edit::DocumentMut;
use xshell::{Shell, cmd};

use crate::workspace::{Dependencies, Workspace, is_published};
use crate::{Result, manifest};

pub(crate) struct House {
    pub(crate) files: Vec<File>,
    /// All paths from the root, also of files that are not text.
    pub(crate) paths: BTreeSet<String>,
    /// The manifest of the root.
    pub(crate) manifest: DocumentMut,
    pub(crate) members: Vec<Member>,
    /// All packages of the lock file, and who needs whom.
    pub(crate) graph: Option<Metadata>,
    /// Why a part of the house could not be looked at.
    pub(crate) unread: Vec<String>,
}

/// A file of text, with its path from the root.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A crate of the workspace.
pub(crate) struct Member {
    /// Its manifest, from the root.
    pub(crate) path: String,
    pub(crate) manifest: DocumentMut,
    pub(crate) package: Package,
}

impl House {
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let shell = workspace.shell()?;
        let paths = paths(&shell)?;
        let files = files(&shell, &paths);
        let manifest = text_of(&files, "Cargo.toml").unwrap_or_default().parse().unwrap_or_default();
        let mut house = Self { files, paths, manifest, members: Vec::new(), graph: None, unread: Vec::new() };
        match workspace.metadata(Dependencies::Locked) {
            Ok(metadata) => {
                house.members = members(&metadata, &house.files);
                house.graph = Some(metadata);
            }
            Err(error) => house.read_members_alone(workspace, &error.to_string()),
        }
        Ok(house)
    }

    fn read_members_alone(&mut self, workspace: &Workspace, error: &str) {
        match workspace.metadata(Dependencies::LeftOut) {
            Ok(metadata) => {
                self.members = members(&metadata, &self.files);
                self.unread.push(format!(
                    "Cargo.lock: cargo cannot resolve it, so the rules for dependencies were not tried; if it is out of \
                     date: `cargo update --workspace`; if there is no network: `cargo fetch --locked` where there is \
                     one, then again here: {error}"
                ));
            }
            Err(error) => {
                self.unread.push(format!("Cargo.toml: cargo cannot read the workspace: mend what it says: {error}"));
            }
        }
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        text_of(&self.files, path)
    }

    /// The version of the workspace; `None` where the root does not say it.
    pub(crate) fn version(&self) -> Option<Version> {
        Version::parse(manifest::shared(&self.manifest, "version")?.as_str()?).ok()
    }

    /// The minimum Rust version of the workspace, as the root says it.
    pub(crate) fn rust_version(&self) -> Option<&str> {
        manifest::shared(&self.manifest, "rust-version")?.as_str()
    }

    pub(crate) fn published(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| is_published(&member.package))
    }

    /// The names of all members.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.members.iter().map(|member| member.package.name.clone()).collect()
    }
}

impl Member {
    /// Its folder, from the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.strip_suffix("/Cargo.toml").unwrap_or_default()
    }

    pub(crate) fn is_library(&self) -> bool {
        self.package.targets.iter().any(cargo_metadata::Target::is_lib)
    }
}

/// A path as the rules say it: from the root, with `/`.
pub(crate) fn from_root(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// `1.85` and `1.85.0` are the same Rust.
pub(crate) fn rust(version: &str) -> Option<Version> {
    let zeros = [".0.0", ".0", ""].get(version.matches('.').count())?;
    Version::parse(&format!("{version}{zeros}")).ok()
}

/// What is deleted but not yet committed is left out.
fn paths(shell: &Shell) -> Result<BTreeSet<String>> {
    let list = cmd!(shell, "git ls-files -z --cached --others --exclude-standard").quiet();
    // A hook of git's would lead it to another repository than the one around the folder.
    let list =
        ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"].into_iter().fold(list, |list, name| list.env_remove(name));
    let list = list.read()?;
    Ok(list.split_terminator('\0').filter(|path| shell.path_exists(path)).map(str::to_owned).collect())
}

/// A file that is not text is left out.
fn files(shell: &Shell, paths: &BTreeSet<String>) -> Vec<File> {
    let file = |path: &String| Some(File { path: path.clone(), text: shell.read_file(path).ok()? });
    paths.iter().filter_map(file).collect()
}

fn text_of<'a>(files: &'a [File], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}

fn members(metadata: &Metadata, files: &[File]) -> Vec<Member> {
    let member = |package: &Package| {
        let path = from_root(package.manifest_path.as_std_path(), metadata.workspace_root.as_std_path());
        let manifest = text_of(files, &path)?.parse().ok()?;
        Some(Member { path, manifest, package: package.clone() })
    };
    metadata.workspace_packages().into_iter().filter_map(member).collect()
}
