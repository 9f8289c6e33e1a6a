//! `release check`: what must be true of a commit before it is published.

use cargo_metadata::semver::Version;
use cargo_metadata::{Package, TargetKind};
use xshell::{Cmd, Shell, cmd};

use super::package;
use super::target_registry::TargetRegistry;
use crate::workspace::Workspace;
use crate::{Result, changelog, ci, step, tidy};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    ci::require_tools(&shell);
    step::run("the commit and its tag", || commit_and_tag(workspace))?;
    step::run("house rules", || tidy::check(workspace))?;
    step::run("every package builds from what it holds", || package::build(workspace, &TargetRegistry::named(None)?))?;
    step::run("tests", || ci::run_tests(&shell))?;
    step::run("semantic versioning since the last release", || semver(workspace, &shell))?;
    println!("next: cargo xtask release rehearse");
    Ok(())
}

fn commit_and_tag(workspace: &Workspace) -> Result<()> {
    let (mut obstacles, version) = (obstacles(workspace)?, workspace.version()?);
    if tagged_commit(workspace, &version)? == Some(workspace.commit()?) {
        obstacles.push(format!("the tag {} exists: {version} is released", tag_name(&version)));
    }
    if obstacles.is_empty() { Ok(()) } else { Err(obstacles.join("\n").into()) }
}

/// What keeps the present commit from being released, each with what to do about it.
pub(super) fn obstacles(workspace: &Workspace) -> Result<Vec<String>> {
    let (version, commit) = (workspace.version()?, workspace.commit()?);
    let (changes, mut obstacles) = (workspace.uncommitted()?, Vec::new());
    if !changes.is_empty() {
        obstacles.push(format!("the tree is not clean: commit or remove\n{changes}"));
    }
    let text = workspace.shell()?.read_file("CHANGELOG.md")?;
    if changelog::section(&text, &version.to_string()).is_none_or(str::is_empty) {
        obstacles.push(format!("CHANGELOG.md has no section for {version}: run `cargo xtask bump`, and commit"));
    }
    if changelog::section(&text, "Unreleased").is_some_and(|text| !text.is_empty()) {
        obstacles.push(format!(
            "CHANGELOG.md has changes under Unreleased: check out the commit of the bump to {version}, or bump again"
        ));
    }
    let is_placeholder = |package: &Package| package.repository.as_ref().is_some_and(|url| url.contains("/OWNER/"));
    if workspace.published()?.iter().any(is_placeholder) {
        obstacles.push("`repository` in Cargo.toml is a placeholder: write where the repository is".to_owned());
    }
    if let Some(commit) = tagged_commit(workspace, &version)?.filter(|tagged| *tagged != commit) {
        let name = tag_name(&version);
        obstacles.push(format!("the tag {name} is on {commit}: check that commit out, or bump the version"));
    }
    Ok(obstacles)
}

pub(super) fn tag_name(version: &Version) -> String {
    format!("v{version}")
}

/// The commit that the tag of this version is on.
pub(super) fn tagged_commit(workspace: &Workspace, version: &Version) -> Result<Option<String>> {
    let shell = workspace.shell()?;
    let reference = format!("refs/tags/{}^{{commit}}", tag_name(version));
    let commit = cmd!(shell, "git rev-parse --verify --quiet {reference}").quiet().ignore_status().read()?;
    Ok((!commit.is_empty()).then_some(commit))
}

fn versions(tags: &str) -> impl Iterator<Item = Version> {
    tags.lines().filter_map(|tag| Version::parse(tag.strip_prefix('v')?).ok())
}

/// Asks for advisories about the locked packages.
pub(super) fn advisories(shell: &Shell) -> Result<()> {
    run_tool("cargo-deny", cmd!(shell, "cargo deny --locked check advisories"))
}

fn run_tool(name: &str, command: Cmd<'_>) -> Result<()> {
    Ok(command.run().map_err(|error| format!("{error}\nIf it is missing: cargo install --locked {name}"))?)
}

/// Compares the libraries with the last release.
fn semver(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let tags = cmd!(shell, "git tag --merged HEAD").quiet().read()?;
    let version = workspace.version()?;
    let Some(last) = last_before(&tags, &version) else {
        return no_earlier_release(workspace, &version);
    };
    let last = tag_name(&last);
    let is_library = |package: &Package| package.targets.iter().any(|target| target.kind.contains(&TargetKind::Lib));
    let libraries = workspace.published()?.into_iter().filter(is_library);
    let names = libraries.flat_map(|package| ["--package".to_owned(), package.name]);
    run_tool("cargo-semver-checks", cmd!(shell, "cargo semver-checks --baseline-rev {last}").args(names))
}

/// A clone may lack the tags. Every release has the first crate.
fn no_earlier_release(workspace: &Workspace, version: &Version) -> Result<()> {
    let name = workspace.published()?.into_iter().next().ok_or("no crate is published")?.name;
    let versions = TargetRegistry::named(None)?.versions(&name)?;
    if let Some(entry) = versions.iter().find(|entry| entry.vers < *version) {
        return Err(format!("the registry has {name} {}, and no tag here is of it: fetch the tags", entry.vers).into());
    }
    println!("there is no earlier release to compare with");
    Ok(())
}

/// The greatest version with a tag that is less than this one. A pre-release only if there is nothing else: it
/// promises nothing.
fn last_before(tags: &str, ours: &Version) -> Option<Version> {
    versions(tags).filter(|version| version < ours).max_by_key(|version| (version.pre.is_empty(), version.clone()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    #[track_caller]
    fn assert_last(tags: &str, ours: &str, expected: Option<&str>) {
        let last = last_before(&tags.replace(' ', "\n"), &ours.parse().unwrap());
        assert_eq!(last.map(|version| version.to_string()).as_deref(), expected, "{tags} before {ours}");
    }

    #[test]
    fn a_missing_tool_fails_and_is_named() {
        let shell = Shell::new().unwrap();
        let error = run_tool("cargo-absent", cmd!(shell, "cargo absent").ignore_stderr()).unwrap_err().to_string();
        assert!(error.ends_with("If it is missing: cargo install --locked cargo-absent"), "{error}");
    }

    #[test]
    fn the_last_release_is_the_greatest_version_below_ours() {
        assert_last("v0.9.0 v0.10.0 v0.2.0 v1.0.0 v1.1.0", "1.0.0", Some("0.10.0"));
        assert_last("vendor-x v1.0.0 v1.0.0-rc.1 v1 1.0.9 vv1.0.8", "1.1.0", Some("1.0.0"));
        assert_last("v1.0.0 v1.1.0-rc.1", "1.1.0", Some("1.0.0"));
        assert_last("v1.0.0-rc.2 v1.0.0-rc.10 nightly", "1.0.0", Some("1.0.0-rc.10"));
        assert_last("vendor-x v1.0.0", "1.0.0", None);
        assert_last("", "1.0.0", None);
    }
}
