//! `release check`: all that must be true of a commit before it is published.

use std::collections::BTreeSet;

use cargo_metadata::{Package, TargetKind};
use xshell::{Shell, cmd};

use super::destination::Destination;
use super::package::{self, Tree};
use super::readiness::{self, Tag};
use crate::Result;
use crate::step::{Checked, Steps, missing_tool};
use crate::workspace::Workspace;
use crate::{api, readme, tidy};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    let mut steps = Steps::default();
    steps.run("the commit and its tag", || commit_and_tag(workspace))?;
    steps.run("house rules", || tidy::check(workspace))?;
    steps.run("the files of each package", || files(workspace))?;
    steps.run("every package builds from what it holds", || {
        package::verify(workspace, &Destination::named(workspace, None)?, Tree::Clean)
    })?;
    steps.run("tests: the README's command", || readme::run_tests(&shell))?;
    steps.check("public API", || api::check(workspace))?;
    steps.check("semantic versioning since the last release", || semver(workspace))?;
    steps.end()
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

/// The latest tag of a version that the present commit comes after.
fn last_release(workspace: &Workspace) -> Result<Option<String>> {
    let shell = workspace.shell()?;
    let tags = cmd!(shell, "git tag --merged HEAD --list v* --sort=-version:refname").quiet().read()?;
    let own = readiness::tag_name(&workspace.version()?);
    Ok(tags.lines().find(|tag| **tag != own).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

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
