//! What every member takes from the workspace, and which versions of each other the members require.
//!
//! A crate of one vendor works with every compatible `delete-core`, so that `tavus-delete 0.1.0` and `fini-delete 0.1.1`
//! resolve together. What is tested as a whole requires exactly the versions it was tested with.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::semver::Version;

use super::house::{House, Member};
use crate::manifest::{self, Dependency, dependencies, is_inherited};

/// What crates other than those of [`EXACT`] require by a caret.
const CORE: &str = "delete-core";

/// Crates that require exactly their own version of all others.
const EXACT: [&str; 4] =
    ["conversation-delete", "conversation-delete-cli", "conversation-delete-evidence", "conversation-delete-job"];

const INHERITED: [&str; 6] = ["version", "edition", "rust-version", "license", "authors", "repository"];

pub(crate) fn check(house: &House) -> Vec<String> {
    let names = house.names();
    let Some(version) = house.version() else {
        return vec!["Cargo.toml: no version: `[workspace.package]` says the one that all crates share".to_owned()];
    };
    let mut complaints = complaints_about_root(house, &names, &version);
    complaints.extend(complaints_about_strangers(house));
    for member in &house.members {
        let about =
            complaints_about_inheritance(member).into_iter().chain(complaints_about_siblings(member, &names, &version));
        complaints.extend(about.map(|rule| format!("{}: {rule}", member.path)));
    }
    complaints
}

/// The root fixes the versions of our own crates for all.
fn complaints_about_root(house: &House, names: &BTreeSet<String>, version: &Version) -> Vec<String> {
    let own = manifest::shared_dependencies(&house.manifest).filter(|dependency| names.contains(dependency.name()));
    own.filter_map(|dependency| {
        let required = if dependency.name() == CORE { version.to_string() } else { format!("={version}") };
        wrong_requirement(&dependency, &required).map(|rule| format!("Cargo.toml: {rule}"))
    })
    .collect()
}

fn wrong_requirement(dependency: &Dependency<'_>, required: &str) -> Option<String> {
    let is_right = dependency.text("version") == Some(required) && dependency.text("path").is_some();
    (!is_right).then(|| format!("the dependency {}: write `version = \"{required}\"` and its path", dependency.key))
}

/// No other rule sees a crate that cargo does not.
fn complaints_about_strangers(house: &House) -> Vec<String> {
    if house.members.is_empty() {
        return Vec::new(); // Cargo could not read the workspace, which is reported already.
    }
    let excluded = house.manifest.get("workspace").and_then(|workspace| workspace.get("exclude")?.as_array());
    let excluded: Vec<&str> = excluded.into_iter().flatten().filter_map(toml_edit::Value::as_str).collect();
    let manifests = house.files.iter().map(|file| file.path.as_str()).filter(|path| path.ends_with("/Cargo.toml"));
    let is_known = |path: &str| {
        house.members.iter().any(|member| member.path == path)
            || excluded.iter().any(|folder| Path::new(path).starts_with(folder))
    };
    let strangers = manifests.filter(|path| !is_known(path));
    let rule = "it is not a member of the workspace: add its folder to `members` in Cargo.toml, or to `exclude`";
    strangers.map(|path| format!("{path}: {rule}")).collect()
}

fn complaints_about_inheritance(member: &Member) -> Vec<String> {
    let inherits = |key: &str| member.manifest.get("package").and_then(|p| p.get(key)).is_some_and(is_inherited);
    let missing = INHERITED.iter().filter(|key| !inherits(key));
    let mut complaints: Vec<String> =
        missing.map(|key| format!("its `{key}` is not the workspace's: write `{key}.workspace = true`")).collect();
    if !member.manifest.get("lints").is_some_and(is_inherited) {
        complaints.push("it leaves out the lints of the workspace: add `[lints]` with `workspace = true`".to_owned());
    }
    complaints
}

fn complaints_about_siblings(member: &Member, names: &BTreeSet<String>, version: &Version) -> Vec<String> {
    let is_exact = EXACT.contains(&member.package.name.as_str());
    let own = dependencies(&member.manifest).filter(|dependency| names.contains(dependency.name()));
    own.filter_map(|dependency| match (dependency.is_for_tests, is_exact && dependency.name() == CORE) {
        (true, _) => wrong_sibling_for_tests(&dependency),
        (false, true) => wrong_requirement(&dependency, &format!("={version}")),
        (false, false) => (!is_inherited(dependency.item)).then(|| {
            let key = dependency.key;
            format!("the dependency {key} is not the workspace's: write `{key}.workspace = true`")
        }),
    })
    .collect()
}

fn wrong_sibling_for_tests(dependency: &Dependency<'_>) -> Option<String> {
    let key = dependency.key;
    let is_path_alone = dependency.text("path").is_some() && dependency.item.get("version").is_none();
    (!is_path_alone).then(|| {
        format!(
            "the dependency {key} for tests has a version, if only the workspace's, which publishing in order cannot \
             keep: write `{key} = {{ path = \"…\" }}`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    const ONE: &str = "crates/one-delete/Cargo.toml";

    #[test]
    fn what_a_member_does_not_inherit_is_found() {
        for (key, own) in [
            ("version", "\"0.2.0\""),
            ("edition", "\"2024\""),
            ("rust-version", "\"1.85\""),
            ("license", "\"MIT OR Apache-2.0\""),
            ("authors", "[\"Somebody\"]"),
            ("repository", "\"https://example.com/own\""),
        ] {
            let sandbox = Sandbox::tidy();
            sandbox.replace(ONE, &format!("{key}.workspace = true"), &format!("{key} = {own}"));
            sandbox.assert_complaint(check, ONE, &format!("write `{key}.workspace = true`"));
        }
    }

    #[test]
    fn a_member_without_the_shared_lints_is_found() {
        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "[lints]\nworkspace = true\n", "");
        sandbox.assert_complaint(check, ONE, "lints");
    }

    #[test]
    fn the_root_requires_the_core_by_a_caret_and_the_others_exactly() {
        let rule =
            |key, version| format!("Cargo.toml: the dependency {key}: write `version = \"{version}\"` and its path");
        for version in ["=0.2.0", "0.1.0", "0.2"] {
            let sandbox = Sandbox::tidy();
            sandbox.replace("Cargo.toml", "version = \"0.2.0\", path", &format!("version = \"{version}\", path"));
            assert_eq!(check(&sandbox.house()), [rule("delete-core", "0.2.0")], "{version}");
        }
        for (version, is_right) in [("=0.2.0", true), ("0.2.0", false)] {
            let sandbox = Sandbox::tidy();
            let shared = "[workspace.dependencies]\n";
            let one = format!("{shared}one-delete = {{ version = \"{version}\", path = \"crates/one-delete\" }}\n");
            sandbox.replace("Cargo.toml", shared, &one);
            let expected = if is_right { vec![] } else { vec![rule("one-delete", "=0.2.0")] };
            assert_eq!(check(&sandbox.house()), expected);
        }
    }

    #[test]
    fn the_umbrella_requires_the_core_exactly() {
        let sandbox = Sandbox::tidy();
        sandbox.add_crate("conversation-delete");
        let core = |version| format!("delete-core = {{ version = \"{version}\", path = \"../delete-core\" }}");
        sandbox.depend("conversation-delete", &core("=0.2.0"));
        assert_eq!(check(&sandbox.house()), [""; 0]);
        let manifest = "crates/conversation-delete/Cargo.toml";
        for loose in [core("0.2.0"), "delete-core.workspace = true".to_owned()] {
            sandbox.replace(manifest, &core("=0.2.0"), &loose);
            sandbox.assert_complaint(check, manifest, "the dependency delete-core: write `version = \"=0.2.0\"`");
            sandbox.replace(manifest, &loose, &core("=0.2.0"));
        }
    }

    #[test]
    fn a_sibling_that_is_not_the_workspaces_is_found() {
        let path = "{ path = \"../delete-core\", version = \"0.2\" }";
        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "delete-core.workspace = true", &format!("delete-core = {path}"));
        sandbox.assert_complaint(check, ONE, "the dependency delete-core is not the workspace's");

        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "delete-core.workspace = true", "");
        sandbox.replace(ONE, "[lints]", &format!("[target.'cfg(unix)'.dependencies]\ndelete-core = {path}\n\n[lints]"));
        sandbox.assert_complaint(check, ONE, "the dependency delete-core is not the workspace's");
    }

    #[test]
    fn a_crate_in_a_folder_of_a_folder_is_seen_and_must_be_a_member() {
        let sandbox = Sandbox::tidy();
        sandbox.add_crate("one-delete/parts/two-delete");
        let manifest = "crates/one-delete/parts/two-delete/Cargo.toml";
        sandbox.replace(manifest, "name = \"one-delete/parts/two-delete\"", "name = \"two-delete\"");
        sandbox.assert_complaint(check, manifest, "it is not a member of the workspace");
        sandbox.replace("Cargo.toml", "[\"crates/*\"]", "[\"crates/*\", \"crates/one-delete/parts/*\"]");
        sandbox.lock();
        assert_eq!(check(&sandbox.house()), [""; 0]);
        sandbox.replace(manifest, "edition.workspace = true", "edition = \"2024\"");
        sandbox.assert_complaint(check, manifest, "edition");
    }

    #[test]
    fn a_sibling_for_tests_has_no_version() {
        for (dependency, is_fine) in [
            ("one-delete = { path = \"../one-delete\" }", true),
            ("one-delete.workspace = true", false),
            ("one-delete = { path = \"../one-delete\", version = \"0.2\" }", false),
            ("one = { package = \"one-delete\", path = \"../one-delete\", version = \"0.2\" }", false),
        ] {
            let sandbox = Sandbox::tidy();
            let shared = "[workspace.dependencies]\n";
            let pin = "one-delete = { version = \"=0.2.0\", path = \"crates/one-delete\" }\n";
            sandbox.replace("Cargo.toml", shared, &format!("{shared}{pin}"));
            let manifest = "crates/delete-core/Cargo.toml";
            sandbox.replace(manifest, "[dev-dependencies]\n", &format!("[dev-dependencies]\n{dependency}\n"));
            match is_fine {
                true => assert_eq!(check(&sandbox.house()), [""; 0]),
                false => sandbox.assert_complaint(check, manifest, "publishing in order"),
            }
        }
    }
}
