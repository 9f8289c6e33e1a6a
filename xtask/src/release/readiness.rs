//! Whether what is checked out may be released: a clean commit whose changelog ends with this version, and its tag.

use cargo_metadata::Package;
use cargo_metadata::semver::Version;
use xshell::cmd;

use crate::Result;
use crate::changelog::Changelog;
use crate::workspace::Workspace;

/// What a tag points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Absent,
    OnThisCommit,
    Elsewhere(String),
}

/// The name of a version's tag.
pub(super) fn tag_name(version: &Version) -> String {
    format!("v{version}")
}

/// What keeps the present commit from being released, each with what to do about it.
pub(super) fn obstacles(workspace: &Workspace) -> Result<Vec<String>> {
    let version = workspace.version()?;
    let mut obstacles = Vec::new();
    obstacles.extend(uncommitted(workspace)?);
    obstacles.extend(changelog_obstacle(workspace, &version)?);
    obstacles.extend(repository_obstacle(&workspace.published()?));
    if let Tag::Elsewhere(commit) = tag(workspace, &version)? {
        let name = tag_name(&version);
        obstacles.push(format!("the tag {name} is on {commit}: check that commit out, or bump the version"));
    }
    Ok(obstacles)
}

pub(super) fn tag(workspace: &Workspace, version: &Version) -> Result<Tag> {
    let shell = workspace.shell()?;
    let reference = format!("refs/tags/{}^{{commit}}", tag_name(version));
    let output = cmd!(shell, "git rev-parse --verify --quiet {reference}").quiet().ignore_status().output()?;
    let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(match commit {
        commit if commit.is_empty() => Tag::Absent,
        commit if commit == workspace.commit()? => Tag::OnThisCommit,
        commit => Tag::Elsewhere(commit),
    })
}

fn uncommitted(workspace: &Workspace) -> Result<Option<String>> {
    let shell = workspace.shell()?;
    let status = cmd!(shell, "git status --porcelain").quiet().read()?;
    Ok((!status.is_empty()).then(|| format!("the tree is not clean: commit or stash\n{status}")))
}

/// The owner in `[workspace.package] repository` until the repository has a home.
const PLACEHOLDER: &str = "/OWNER/";

fn repository_obstacle(published: &[Package]) -> Option<String> {
    let is_placeholder = |package: &Package| package.repository.as_deref().is_some_and(|url| url.contains(PLACEHOLDER));
    let advice = "`repository` in [workspace.package] of Cargo.toml is a placeholder: write where the repository is";
    published.iter().any(is_placeholder).then(|| advice.to_owned())
}

fn changelog_obstacle(workspace: &Workspace, version: &Version) -> Result<Option<String>> {
    let text = workspace.shell()?.read_file("CHANGELOG.md")?;
    let changelog = Changelog::parse(&text);
    Ok(match (changelog.section(version), changelog.unreleased()) {
        (None, _) => Some(format!(
            "CHANGELOG.md has no heading for {version}: `cargo xtask bump LEVEL` makes one (`bump release` for the version \
             that the manifests name); then commit"
        )),
        (Some(_), Some(unreleased)) if !unreleased.is_empty() => Some(format!(
            "CHANGELOG.md says something under Unreleased, so this is not the commit that {version} was bumped in: check \
             that one out, or bump again"
        )),
        _ => None,
    })
}
