//! The version in the manifests and in the lock file, found by place so that comments and layout stay.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::semver::Version;
use toml_edit::{Document, Item};

use super::text::{Part, with_parts};
use crate::Result;
use crate::manifest::{Dependency, dependencies, is_inherited, shared, shared_dependencies};

/// The version that the workspace's manifest gives to all members.
pub(super) fn version(text: &str) -> Result<Version> {
    let document = parse(Path::new("Cargo.toml"), text)?;
    let version = shared(&document, "version").and_then(|version| version.as_str()).ok_or(
        "Cargo.toml gives the workspace no version: write one under [workspace.package] for all members to inherit",
    )?;
    Version::parse(version).map_err(|error| format!("Cargo.toml: the workspace's version {version}: {error}").into())
}

/// The workspace's manifest with this version, also where it requires members.
pub(super) fn with_version(text: &str, members: &BTreeSet<String>, old: &Version, new: &Version) -> Result<String> {
    let path = Path::new("Cargo.toml");
    let document = parse(path, text)?;
    let mut parts: Vec<Part> = Vec::new();
    parts.extend(shared(&document, "version").and_then(|shared| replaced(shared, &new.to_string())));
    for dependency in shared_dependencies(&document).filter(|dependency| is_own(dependency, members)) {
        parts.extend(required(path, &dependency, old, new)?);
    }
    Ok(with_parts(text, parts))
}

/// The manifest of a member, which inherits its own version, with this version where it requires other members itself.
pub(super) fn member_with_version(
    path: &Path,
    text: &str,
    members: &BTreeSet<String>,
    old: &Version,
    new: &Version,
) -> Result<String> {
    let document = parse(path, text)?;
    if !document.get("package").and_then(|package| package.get("version")).is_some_and(is_inherited) {
        let path = path.display();
        return Err(format!("{path} does not inherit its version: write `version.workspace = true`").into());
    }
    let mut parts: Vec<Part> = Vec::new();
    for dependency in dependencies(&document).filter(|dependency| is_own(dependency, members)) {
        let part = required(path, &dependency, old, new)?;
        if dependency.is_for_tests && part.is_some() {
            let (path, key) = (path.display(), dependency.key);
            return Err(format!("{path} names a version of {key}: leave it out, and keep the path").into());
        }
        parts.extend(part);
    }
    Ok(with_parts(text, parts))
}

/// The requirement with the new version: `=0.1.0` stays exact, `0.1.0` stays a caret. `None` if it names no version.
fn required(path: &Path, dependency: &Dependency<'_>, old: &Version, new: &Version) -> Result<Option<Part>> {
    let Some(version) = dependency.item.get("version") else { return Ok(None) };
    match version.as_str().and_then(|text| text.strip_suffix(&old.to_string())) {
        Some(operator @ ("" | "=")) => Ok(replaced(version, &format!("{operator}{new}"))),
        _ => Err(format!(
            "{} does not require the present version of {}: write \"{old}\" or \"={old}\"",
            path.display(),
            dependency.key
        )
        .into()),
    }
}

/// The lock file with this version for all members.
///
/// Cargo would write the same, but only after the manifests have changed, and it may want the network.
pub(super) fn locked_with_version(
    text: &str,
    members: &BTreeSet<String>,
    old: &Version,
    new: &Version,
) -> Result<String> {
    let document = parse(Path::new("Cargo.lock"), text)?;
    let mut parts: Vec<Part> = Vec::new();
    let packages = document.get("package").and_then(Item::as_array_of_tables);
    for package in packages.into_iter().flatten() {
        let name = package.get("name").and_then(Item::as_str).unwrap_or_default();
        if members.contains(name) && !package.contains_key("source") {
            parts.extend(package.get("version").and_then(|version| replaced(version, &new.to_string())));
        }
        // `NAME VERSION` stands where another package of the same name, from elsewhere, is locked as well.
        for needed in package.get("dependencies").and_then(Item::as_array).into_iter().flatten() {
            let (name, version) = needed.as_str().and_then(|needed| needed.split_once(' ')).unwrap_or_default();
            if members.contains(name) && version == old.to_string() {
                parts.extend(needed.span().map(|span| (span, format!("\"{name} {new}\""))));
            }
        }
    }
    Ok(with_parts(text, parts))
}

fn parse<'a>(path: &Path, text: &'a str) -> Result<Document<&'a str>> {
    Document::parse(text).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A member, under its own name or another one.
fn is_own(dependency: &Dependency<'_>, members: &BTreeSet<String>) -> bool {
    dependency.text("path").is_some() && members.contains(dependency.name())
}

fn replaced(item: &Item, text: &str) -> Option<Part> {
    Some((item.as_value()?.span()?, format!("\"{text}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = r#"# The workspace.
[workspace]
members = ["alpha"] # one

[workspace.package]
version   =   '0.1.0'   # for all

[workspace.dependencies]
# Pinned.
alpha = { version = "=0.1.0", path = "alpha", features = ["x"] } # ours
epsilon = { version = "0.1.0", path = "epsilon" }
other-name = { package = "beta", path = "beta", version = "=0.1.0" }
gamma = { path = "gamma" }
serde = "0.1.0"
alike = { version = "=0.1.0", path = "../alike" }

[workspace.dependencies.delta]
version = "=0.1.0" # also ours
path = "delta"
"#;

    fn members() -> BTreeSet<String> {
        ["alpha", "beta", "gamma", "delta", "epsilon"].map(str::to_owned).into()
    }

    fn old() -> Version {
        Version::new(0, 1, 0)
    }

    fn new() -> Version {
        Version::parse("1.0.0-rc.1").unwrap()
    }

    fn member(text: &str) -> Result<String> {
        member_with_version(Path::new("alpha/Cargo.toml"), text, &members(), &old(), &new())
    }

    #[track_caller]
    fn assert_refused(text: &str, reason: &str) {
        assert_eq!(member(text).unwrap_err().to_string(), format!("alpha/Cargo.toml {reason}"));
    }

    #[test]
    fn the_version_and_the_requirements_change_and_nothing_else() {
        let expected = ROOT
            .replace("'0.1.0'", "\"1.0.0-rc.1\"")
            .replace("alpha = { version = \"=0.1.0\"", "alpha = { version = \"=1.0.0-rc.1\"")
            .replace("epsilon = { version = \"0.1.0\"", "epsilon = { version = \"1.0.0-rc.1\"")
            .replace("path = \"beta\", version = \"=0.1.0\"", "path = \"beta\", version = \"=1.0.0-rc.1\"")
            .replace("version = \"=0.1.0\" # also", "version = \"=1.0.0-rc.1\" # also");
        assert_eq!(with_version(ROOT, &members(), &old(), &new()).unwrap(), expected);
        let windows = ROOT.replace('\n', "\r\n");
        assert_eq!(with_version(&windows, &members(), &old(), &new()).unwrap(), expected.replace('\n', "\r\n"));
    }

    #[test]
    fn a_requirement_of_another_version_is_refused() {
        for version in ["=0.0.9", "0.1", "^0.1.0", "10.1.0"] {
            let text = ROOT.replace("alpha = { version = \"=0.1.0\"", &format!("alpha = {{ version = \"{version}\""));
            let error = with_version(&text, &members(), &old(), &new()).unwrap_err().to_string();
            let expected = "does not require the present version of alpha: write \"0.1.0\" or \"=0.1.0\"";
            assert_eq!(error, format!("Cargo.toml {expected}"));
        }
    }

    #[test]
    fn the_present_version_is_read() {
        assert_eq!(version(ROOT).unwrap().to_string(), "0.1.0");
        assert!(version("[workspace]\n").unwrap_err().to_string().contains("[workspace.package]"));
        assert!(version("[workspace.package]\nversion = \"1\"\n").unwrap_err().to_string().contains("version 1:"));
        assert!(version("[").unwrap_err().to_string().starts_with("Cargo.toml: "));
    }

    #[test]
    fn a_member_that_inherits_stays() {
        let text = "[package]\nversion.workspace = true\n\n[dependencies]\nbeta.workspace = true\nserde = \"1\"\n\n\
                    [dev-dependencies]\nalpha = { path = \".\" }\n";
        assert_eq!(member(text).unwrap(), text);
        let text = "[package]\nversion = { workspace = true }\n";
        assert_eq!(member(text).unwrap(), text);
    }

    #[test]
    fn what_a_member_requires_itself_keeps_its_operator() {
        let inherits = "[package]\nversion.workspace = true\n";
        for table in ["dependencies", "target.'cfg(unix)'.build-dependencies"] {
            for operator in ["=", ""] {
                let beta =
                    |version: &Version| format!("beta = {{ version = \"{operator}{version}\", path = \"../beta\" }}\n");
                let text = |version| format!("{inherits}[{table}]\n{}serde = \"0.1.0\"\n", beta(version));
                assert_eq!(member(&text(&old())).unwrap(), text(&new()), "{table}");
            }
        }
    }

    #[test]
    fn a_member_with_another_version_is_refused() {
        let own = "does not inherit its version: write `version.workspace = true`";
        assert_refused("[package]\nname = \"alpha\"\nversion = \"0.1.0\"\n", own);
        assert_refused("[package]\nname = \"alpha\"\n", own);
        let beta = |table, version| {
            format!(
                "[package]\nversion.workspace = true\n[{table}]\nbeta = {{ version = \"{version}\", path = \"b\" }}\n"
            )
        };
        let other = "does not require the present version of beta: write \"0.1.0\" or \"=0.1.0\"";
        assert_refused(&beta("dependencies", "0.1"), other);
        assert_refused(&beta("dev-dependencies", "=0.1.0"), "names a version of beta: leave it out, and keep the path");
    }

    #[test]
    fn the_lock_file_changes_for_members_only() {
        let lock = "version = 4\n\n[[package]]\nname = \"alpha\"\nversion = \"0.1.0\"\ndependencies = [\n \
                    \"beta 0.1.0\",\n \"beta 0.1.0 (registry)\",\n \"serde\",\n]\n\n[[package]]\nname = \"beta\"\n\
                    version = \"0.1.0\"\n\n[[package]]\nname = \"beta\"\nversion = \"0.1.0\"\nsource = \"registry\"\n\n\
                    [[package]]\nname = \"serde\"\nversion = \"0.1.0\"\nsource = \"registry\"\n";
        let expected = lock
            .replace("\"alpha\"\nversion = \"0.1.0\"", "\"alpha\"\nversion = \"1.0.0-rc.1\"")
            .replace("\"beta\"\nversion = \"0.1.0\"\n\n", "\"beta\"\nversion = \"1.0.0-rc.1\"\n\n")
            .replace("\"beta 0.1.0\"", "\"beta 1.0.0-rc.1\"");
        assert_eq!(locked_with_version(lock, &members(), &old(), &new()).unwrap(), expected);
    }
}
