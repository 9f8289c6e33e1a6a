//! `cargo xtask bump`: gives all crates the next version, in the manifests, the lock file and the changelog.

use cargo_metadata::semver::{Prerelease, Version};
use clap::Args;
use toml_edit::{DocumentMut, Item, TableLike};
use xshell::cmd;

use crate::workspace::{Dependencies, Workspace};
use crate::{Result, changelog};

/// The arguments of `cargo xtask bump`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The next version: patch, minor, major, release, or itself, such as 0.2.0
    ///
    /// `patch` turns 0.1.0 into 0.1.1, and a pre-release such as 1.0.0-rc.1 into its release.
    /// `release` keeps the numbers: it releases the first version, or a pre-release.
    level: String,
}

/// Writes the files. `git diff` shows what has changed, `git checkout .` takes it back.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = workspace.shell()?;
    let old = workspace.version()?;
    let new = next(&old, &arguments.level)?;
    let today = jiff::Timestamp::now().strftime("%F").to_string();
    let changelog = changelog::release(&shell.read_file("CHANGELOG.md")?, &new, &today)?;
    let members = workspace.metadata(Dependencies::LeftOut)?.packages;
    for path in members.iter().map(|package| package.manifest_path.as_str()).chain(["Cargo.toml"]) {
        let mut manifest: DocumentMut = shell.read_file(path)?.parse()?;
        if let Some(version) =
            manifest.get_mut("workspace").and_then(|table| table.get_mut("package")?.get_mut("version"))
        {
            write_version(version, new.to_string());
        }
        require(manifest.as_table_mut(), &old, &new).map_err(|error| format!("{path}: {error}"))?;
        shell.write_file(path, manifest.to_string())?;
    }
    shell.write_file("CHANGELOG.md", changelog)?;
    cmd!(shell, "cargo update --quiet --workspace --offline").run()?;
    println!("{old} -> {new}. Next: git diff; git commit --all --message 'Release {new}'; cargo xtask release check");
    Ok(())
}

fn next(old: &Version, level: &str) -> Result<Version> {
    let release = Version { pre: Prerelease::EMPTY, ..old.clone() };
    let new = match level {
        "patch" if old.pre.is_empty() => Version::new(old.major, old.minor, old.patch + 1),
        "patch" | "release" => release,
        "minor" => Version::new(old.major, old.minor + 1, 0),
        "major" => Version::new(old.major + 1, 0, 0),
        version => {
            version.parse().map_err(|_| format!("`{version}` is not patch, minor, major, release or a version"))?
        }
    };
    if new < *old { Err(format!("{new} is below the present version {old}").into()) } else { Ok(new) }
}

/// Changes what is required of our own crates: an entry with a path and a version, in any table.
fn require(table: &mut dyn TableLike, old: &Version, new: &Version) -> Result<()> {
    let is_ours = table.get("path").is_some_and(Item::is_str);
    for (key, item) in table.iter_mut() {
        if let Some(table) = item.as_table_like_mut() {
            require(table, old, new)?;
        } else if is_ours && key == "version" {
            let version = item.as_str().and_then(|version| version.strip_suffix(&old.to_string()));
            let operator = version.filter(|operator| ["", "="].contains(operator));
            let operator = operator.ok_or_else(|| format!("{item} is not the present version {old}"))?.to_owned();
            write_version(item, format!("{operator}{new}"));
        }
    }
    Ok(())
}

fn write_version(item: &mut Item, version: String) {
    if let Some(value) = item.as_value_mut() {
        let decor = value.decor().clone();
        *value = version.into();
        *value.decor_mut() = decor;
    }
}
