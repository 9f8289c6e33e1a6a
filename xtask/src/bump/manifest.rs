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

/// The workspace's manifest with this version, also in the pins of the members.
pub(super) fn with_version(text: &str, members: &BTreeSet<String>, old: &Version, new: &Version) -> Result<String> {
    let document = parse(Path::new("Cargo.toml"), text)?;
    let mut parts: Vec<Part> = Vec::new();
    parts.extend(shared(&document, "version").and_then(|shared| replaced(shared, &new.to_string())));
    for dependency in shared_dependencies(&document).filter(|dependency| is_own(dependency, members)) {
        let Some(pin) = dependency.item.get("version") else { continue };
        if pin.as_str() != Some(&format!("={old}")) {
            let key = dependency.key;
            return Err(format!("Cargo.toml does not pin {key} to the present version: write \"={old}\"").into());
        }
        parts.extend(replaced(pin, &format!("={new}")));
    }
    Ok(with_parts(text, parts))
}

/// Whether this manifest of a member leaves all versions to the workspace.
pub(super) fn check_member(path: &Path, text: &str, members: &BTreeSet<String>) -> Result<()> {
    let document = parse(path, text)?;
    let path = path.display();
    if !document.get("package").and_then(|package| package.get("version")).is_some_and(is_inherited) {
        return Err(format!("{path} does not inherit its version: write `version.workspace = true`").into());
    }
    let mut own = dependencies(&document).filter(|dependency| is_own(dependency, members));
    match own.find(|dependency| dependency.item.get("version").is_some()) {
        None => Ok(()),
        Some(Dependency { key, is_for_tests: false, .. }) => {
            Err(format!("{path} names a version of {key}: write `{key}.workspace = true`").into())
        }
        Some(Dependency { key, .. }) => {
            Err(format!("{path} names a version of {key}: leave it out, and keep the path").into())
        }
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
other-name = { package = "beta", path = "beta", version = "=0.1.0" }
gamma = { path = "gamma" }
serde = "0.1.0"
alike = { version = "=0.1.0", path = "../alike" }

[workspace.dependencies.delta]
version = "=0.1.0" # also ours
path = "delta"
"#;

    fn members() -> BTreeSet<String> {
        ["alpha", "beta", "gamma", "delta"].map(str::to_owned).into()
    }

    fn old() -> Version {
        Version::new(0, 1, 0)
    }

    fn new() -> Version {
        Version::parse("1.0.0-rc.1").unwrap()
    }

    fn refusal(text: &str) -> String {
        check_member(Path::new("alpha/Cargo.toml"), text, &members()).unwrap_err().to_string()
    }

    #[test]
    fn the_version_and_the_pins_change_and_nothing_else() {
        let expected = ROOT
            .replace("'0.1.0'", "\"1.0.0-rc.1\"")
            .replace("alpha = { version = \"=0.1.0\"", "alpha = { version = \"=1.0.0-rc.1\"")
            .replace("path = \"beta\", version = \"=0.1.0\"", "path = \"beta\", version = \"=1.0.0-rc.1\"")
            .replace("version = \"=0.1.0\" # also", "version = \"=1.0.0-rc.1\" # also");
        assert_eq!(with_version(ROOT, &members(), &old(), &new()).unwrap(), expected);
        let windows = ROOT.replace('\n', "\r\n");
        assert_eq!(with_version(&windows, &members(), &old(), &new()).unwrap(), expected.replace('\n', "\r\n"));
    }

    #[test]
    fn a_crate_of_ours_that_is_not_pinned_is_refused() {
        for version in ["0.1.0", "=0.0.9", "0.1"] {
            let text = ROOT.replace("alpha = { version = \"=0.1.0\"", &format!("alpha = {{ version = \"{version}\""));
            let error = with_version(&text, &members(), &old(), &new()).unwrap_err().to_string();
            assert_eq!(error, "Cargo.toml does not pin alpha to the present version: write \"=0.1.0\"");
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
    fn a_member_that_inherits_is_fine() {
        let text = "[package]\nversion.workspace = true\n\n[dependencies]\nbeta.workspace = true\nserde = \"1\"\n\n\
                    [dev-dependencies]\nalpha = { path = \".\" }\n";
        assert!(check_member(Path::new("alpha/Cargo.toml"), text, &members()).is_ok());
        let text = "[package]\nversion = { workspace = true }\n";
        assert!(check_member(Path::new("alpha/Cargo.toml"), text, &members()).is_ok());
    }

    #[test]
    fn a_member_with_a_version_of_its_own_is_refused() {
        let own = "alpha/Cargo.toml does not inherit its version: write `version.workspace = true`";
        assert_eq!(refusal("[package]\nname = \"alpha\"\nversion = \"0.1.0\"\n"), own);
        assert_eq!(refusal("[package]\nname = \"alpha\"\n"), own);
        let pin = "alpha/Cargo.toml names a version of beta: write `beta.workspace = true`";
        let inherits = "[package]\nversion.workspace = true\n";
        let beta = "beta = { version = \"=0.1.0\", path = \"../beta\" }\n";
        for table in ["dependencies", "target.'cfg(unix)'.build-dependencies"] {
            assert_eq!(refusal(&format!("{inherits}[{table}]\n{beta}")), pin, "{table}");
        }
        let for_tests = "alpha/Cargo.toml names a version of beta: leave it out, and keep the path";
        assert_eq!(refusal(&format!("{inherits}[dev-dependencies]\n{beta}")), for_tests);
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
