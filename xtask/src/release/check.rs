//! `release check`: all that must be true of a commit before it is published.

use std::collections::BTreeSet;

use cargo_metadata::semver::Version;
use cargo_metadata::{Package, TargetKind};
use xshell::{Shell, cmd};

use super::package;
use super::readiness::{self, Tag};
use super::target_registry::TargetRegistry;
use super::tree::Tree;
use crate::Result;
use crate::step::{Checked, Steps, missing_tool};
use crate::workspace::Workspace;
use crate::{api, readme, tidy};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    let mut steps = Steps::default();
    steps.run("the commit and its tag", || commit_and_tag(workspace))?;
    steps
        .check("the tag at the remote origin", || tag_at_origin(&shell, &readiness::tag_name(&workspace.version()?)))?;
    steps.run("house rules", || tidy::check(workspace))?;
    steps.run("the files of each package", || files(workspace))?;
    steps.run("every package builds from what it holds", || {
        package::verify(workspace, &TargetRegistry::named(workspace, None)?, Tree::Clean)
    })?;
    steps.run("tests: the README's command", || readme::run_tests(&shell))?;
    steps.check("public API", || api::check(workspace))?;
    steps.check("semantic versioning since the last release", || semver(workspace))?;
    steps.end();
    println!("next: cargo xtask release rehearse");
    Ok(())
}

fn commit_and_tag(workspace: &Workspace) -> Result<()> {
    let mut obstacles = readiness::obstacles(workspace)?;
    let version = workspace.version()?;
    if readiness::tag(workspace, &version)? == Tag::OnThisCommit {
        let name = readiness::tag_name(&version);
        obstacles.push(format!("the tag {name} is there already: {version} is released, or half of it is"));
    }
    if obstacles.is_empty() { Ok(()) } else { Err(obstacles.join("\n").into()) }
}

/// A tag that was never fetched says as much as one that is here. A remote that cannot be asked says nothing.
fn tag_at_origin(shell: &Shell, name: &str) -> Result<Checked> {
    let remotes = cmd!(shell, "git remote").quiet().read()?;
    if !remotes.lines().any(|remote| remote == "origin") {
        return Ok(Checked::Skipped("there is no remote of this name".to_owned()));
    }
    // Nobody may sit there to answer a question for a password.
    let list = cmd!(shell, "git ls-remote --tags origin refs/tags/{name}").env("GIT_TERMINAL_PROMPT", "0");
    let output = list.quiet().ignore_status().output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
        return Ok(Checked::Skipped(format!("it cannot be asked: {words}")));
    }
    if output.stdout.is_empty() {
        return Ok(Checked::Passed);
    }
    Err(format!("origin has the tag {name} already: `git fetch --tags`, and bump the version").into())
}

/// What cargo makes itself.
const MADE: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
const REQUIRED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Prints the files, and refuses a package that lacks a required one or holds one that is in no commit.
fn files(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    for package in workspace.published()? {
        let name = &package.name;
        let listed = cmd!(shell, "cargo package --quiet --locked --offline --list --package {name}").quiet().read()?;
        let listed: BTreeSet<&str> = listed.lines().collect();
        println!("{name}: {} files\n    {}", listed.len(), listed.iter().copied().collect::<Vec<_>>().join("\n    "));
        let committed = committed_files(&shell, &package)?;
        let complaints = complaints_about(&listed, &committed.lines().collect());
        if !complaints.is_empty() {
            return Err(format!("the package {name} {}", complaints.join("; ")).into());
        }
    }
    Ok(())
}

fn committed_files(shell: &Shell, package: &Package) -> Result<String> {
    let folder = package.manifest_path.parent().ok_or("a manifest without a folder")?;
    let _there = shell.push_dir(folder);
    Ok(cmd!(shell, "git ls-files").quiet().read()?)
}

fn complaints_about(listed: &BTreeSet<&str>, committed: &BTreeSet<&str>) -> Vec<String> {
    let missing = REQUIRED.iter().filter(|file| !listed.contains(**file)).map(|file| format!("lacks {file}"));
    let strange = listed.iter().filter(|file| !committed.contains(**file) && !MADE.contains(file));
    missing.chain(strange.map(|file| format!("holds {file}, which is in no commit"))).collect()
}

/// Compares the libraries with the last release, where there is one and the tool is there.
fn semver(workspace: &Workspace) -> Result<Checked> {
    let shell = workspace.shell()?;
    let Some(last) = last_release(workspace)? else {
        return Ok(Checked::Skipped("there is no earlier release".to_owned()));
    };
    if let Some(reason) = missing_tool(&shell, "semver-checks") {
        return Ok(Checked::Skipped(reason));
    }
    let published = workspace.published()?;
    let libraries =
        published.iter().filter(|package| package.targets.iter().any(|target| target.kind.contains(&TargetKind::Lib)));
    let names: Vec<&str> = libraries.flat_map(|package| ["--package", package.name.as_str()]).collect();
    cmd!(shell, "cargo semver-checks --baseline-rev {last} {names...}").run()?;
    Ok(Checked::Passed)
}

/// The tag of the last version that the present commit comes after.
fn last_release(workspace: &Workspace) -> Result<Option<String>> {
    let shell = workspace.shell()?;
    let tags = cmd!(shell, "git tag --merged HEAD").quiet().read()?;
    Ok(last_before(&tags, &workspace.version()?).map(|version| readiness::tag_name(&version)))
}

/// The greatest version with a tag that is less than this one. A pre-release only where there is nothing else: it
/// promises nothing.
fn last_before(tags: &str, ours: &Version) -> Option<Version> {
    let versions = tags.lines().filter_map(|tag| Version::parse(tag.strip_prefix('v')?).ok());
    versions.filter(|version| version < ours).max_by_key(|version| (version.pre.is_empty(), version.clone()))
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
    fn the_last_release_is_the_greatest_version_below_ours() {
        assert_last("v0.9.0 v0.10.0 v0.2.0 v1.0.0 v1.1.0", "1.0.0", Some("0.10.0"));
        assert_last("vendor-x v1.0.0 v1.0.0-rc.1 v1 1.0.9 vv1.0.8", "1.1.0", Some("1.0.0"));
        assert_last("v1.0.0 v1.1.0-rc.1", "1.1.0", Some("1.0.0"));
        assert_last("v1.0.0-rc.2 v1.0.0-rc.10 nightly", "1.0.0", Some("1.0.0-rc.10"));
        assert_last("vendor-x v1.0.0", "1.0.0", None);
        assert_last("", "1.0.0", None);
    }

    #[test]
    fn a_tag_at_origin_is_found_and_an_origin_that_is_away_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let shell = Shell::new().unwrap();
        shell.change_dir(folder.path());
        cmd!(shell, "git init --quiet there").quiet().run().unwrap();
        let who = ["-C", "there", "-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let options = ["--quiet", "--allow-empty", "--no-gpg-sign", "--message", "One"];
        cmd!(shell, "git {who...} commit {options...}").quiet().run().unwrap();
        cmd!(shell, "git {who...} tag --no-sign v0.1.0").quiet().run().unwrap();
        cmd!(shell, "git init --quiet here").quiet().run().unwrap();
        shell.change_dir("here");
        let skipped = |checked| matches!(checked, Checked::Skipped(_));
        assert!(skipped(tag_at_origin(&shell, "v0.1.0").unwrap()));
        cmd!(shell, "git remote add origin ../there").quiet().run().unwrap();
        assert_eq!(tag_at_origin(&shell, "v0.2.0").unwrap(), Checked::Passed);
        let error = tag_at_origin(&shell, "v0.1.0").unwrap_err().to_string();
        assert!(error.starts_with("origin has the tag v0.1.0 already"), "{error}");
        cmd!(shell, "git remote set-url origin ../away").quiet().run().unwrap();
        assert!(skipped(tag_at_origin(&shell, "v0.1.0").unwrap()));
    }

    #[test]
    fn a_package_holds_what_is_required_and_what_is_committed() {
        let good = BTreeSet::from([".cargo_vcs_info.json", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"]);
        assert!(complaints_about(&good, &good).is_empty());
        let without: BTreeSet<_> = good.iter().copied().filter(|file| *file != "LICENSE-MIT").collect();
        assert_eq!(complaints_about(&without, &good), ["lacks LICENSE-MIT"]);
        let strange: BTreeSet<_> = good.iter().copied().chain(["notes.txt"]).collect();
        assert_eq!(complaints_about(&strange, &good), ["holds notes.txt, which is in no commit"]);
    }
}
