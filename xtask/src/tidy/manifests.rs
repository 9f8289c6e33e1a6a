//! What every member takes from the workspace, and how the members depend on each other: in lock step.

use std::collections::BTreeSet;

use toml_edit::{Item, TableLike};

use super::house::{House, Member};

const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "authors"];

pub(crate) fn check(house: &House) -> Vec<String> {
    let names: BTreeSet<&str> = house.members.iter().map(|member| member.package.name.as_str()).collect();
    let mut complaints = complaints_about_root(house, &names);
    for member in &house.members {
        let about = complaints_about_inheritance(member).into_iter().chain(complaints_about_siblings(member, &names));
        complaints.extend(about.map(|rule| format!("{}: {rule}", member.path)));
    }
    complaints
}

/// The root fixes the versions of our own crates for all.
fn complaints_about_root(house: &House, names: &BTreeSet<&str>) -> Vec<String> {
    let Some(version) = house.version() else {
        return vec!["Cargo.toml: no version: `[workspace.package]` says the one that all crates share".to_owned()];
    };
    let shared = house.manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let own = shared.and_then(Item::as_table_like).into_iter().flat_map(|table| table.iter());
    let own = own.filter(|(key, dependency)| names.contains(name_of(key, dependency)));
    let loose = own.filter(|(_, dependency)| {
        text(dependency, "version") != Some(&format!("={version}")) || text(dependency, "path").is_none()
    });
    let rule =
        |key| format!("Cargo.toml: the dependency {key} is loose: write `version = \"={version}\"` and its path");
    loose.map(|(key, _)| rule(key)).collect()
}

fn complaints_about_inheritance(member: &Member) -> Vec<String> {
    let inherits = |key: &str| member.manifest.get("package").and_then(|p| p.get(key)).is_some_and(is_inherited);
    let missing = INHERITED.iter().filter(|key| !inherits(key));
    let mut complaints: Vec<String> =
        missing.map(|key| format!("it has a {key} of its own: write `{key}.workspace = true`")).collect();
    if !member.manifest.get("lints").is_some_and(is_inherited) {
        complaints.push("it leaves out the lints of the workspace: add `[lints]` with `workspace = true`".to_owned());
    }
    complaints
}

fn complaints_about_siblings(member: &Member, names: &BTreeSet<&str>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (is_for_tests, table) in dependency_tables(&member.manifest) {
        let own = table.iter().filter(|(key, dependency)| names.contains(name_of(key, dependency)));
        complaints.extend(own.filter_map(|(key, dependency)| match is_for_tests {
            false if !is_inherited(dependency) => {
                Some(format!("the dependency {key} is not the workspace's: write `{key}.workspace = true`"))
            }
            true if !is_path_alone(dependency) => Some(format!(
                "the dependency {key} for tests has a version, which publishing in order cannot keep: \
                 write `{key} = {{ path = \"…\" }}`"
            )),
            _ => None,
        }));
    }
    complaints
}

/// All tables of dependencies, also those for some targets, and whether they are for tests alone.
fn dependency_tables(manifest: &toml_edit::DocumentMut) -> Vec<(bool, &dyn TableLike)> {
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(|table| table.iter()).filter_map(|(_, item)| item.as_table_like());
    let places = std::iter::once(manifest.as_table() as &dyn TableLike).chain(targets);
    let kinds = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
    let tables = places.flat_map(|place| kinds.map(|(key, is_for_tests)| (is_for_tests, place.get(key))));
    tables.filter_map(|(is_for_tests, table)| Some((is_for_tests, table?.as_table_like()?))).collect()
}

/// The name of the package, which a rename hides behind `package`.
fn name_of<'a>(key: &'a str, dependency: &'a Item) -> &'a str {
    text(dependency, "package").unwrap_or(key)
}

fn is_inherited(item: &Item) -> bool {
    item.get("workspace").and_then(Item::as_bool) == Some(true)
}

fn is_path_alone(dependency: &Item) -> bool {
    text(dependency, "path").is_some() && dependency.get("version").is_none()
}

fn text<'a>(item: &'a Item, key: &str) -> Option<&'a str> {
    item.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    const ONE: &str = "crates/one-delete/Cargo.toml";

    #[track_caller]
    fn assert_complaint(sandbox: &Sandbox, path: &str, part: &str) {
        let complaints = check(&sandbox.house());
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].starts_with(&format!("{path}: ")) && complaints[0].contains(part), "{complaints:?}");
    }

    #[test]
    fn what_a_member_does_not_inherit_is_found() {
        for (key, own) in [
            ("version", "\"0.2.0\""),
            ("edition", "\"2024\""),
            ("rust-version", "\"1.85\""),
            ("license", "\"MIT OR Apache-2.0\""),
            ("authors", "[\"Somebody\"]"),
        ] {
            let sandbox = Sandbox::tidy();
            sandbox.replace(ONE, &format!("{key}.workspace = true"), &format!("{key} = {own}"));
            assert_complaint(&sandbox, ONE, &format!("write `{key}.workspace = true`"));
        }
    }

    #[test]
    fn a_member_without_the_shared_lints_is_found() {
        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "[lints]\nworkspace = true\n", "");
        assert_complaint(&sandbox, ONE, "lints");
    }

    #[test]
    fn a_loose_version_of_our_own_crates_is_found() {
        for (old, new) in [("\"=0.2.0\"", "\"0.2.0\""), ("\"=0.2.0\"", "\"=0.1.0\"")] {
            let sandbox = Sandbox::tidy();
            sandbox.replace("Cargo.toml", &format!("version = {old}"), &format!("version = {new}"));
            assert!(
                check(&sandbox.house()).contains(
                    &"Cargo.toml: the dependency delete-core is loose: write `version = \"=0.2.0\"` and its path"
                        .to_owned()
                )
            );
        }
    }

    #[test]
    fn a_sibling_that_is_not_the_workspaces_is_found() {
        let path = "{ path = \"../delete-core\", version = \"0.2\" }";
        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "delete-core.workspace = true", &format!("delete-core = {path}"));
        assert_complaint(&sandbox, ONE, "the dependency delete-core is not the workspace's");

        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "delete-core.workspace = true", "");
        sandbox.replace(ONE, "[lints]", &format!("[target.'cfg(unix)'.dependencies]\ndelete-core = {path}\n\n[lints]"));
        assert_complaint(&sandbox, ONE, "the dependency delete-core is not the workspace's");
    }

    #[test]
    fn a_sibling_for_tests_has_no_version() {
        for (dependency, is_fine) in [
            ("one-delete = { path = \"../one-delete\" }", true),
            ("one-delete = { path = \"../one-delete\", version = \"0.2\" }", false),
            ("one = { package = \"one-delete\", path = \"../one-delete\", version = \"0.2\" }", false),
        ] {
            let sandbox = Sandbox::tidy();
            let manifest = "crates/delete-core/Cargo.toml";
            sandbox.replace(manifest, "[dev-dependencies]\n", &format!("[dev-dependencies]\n{dependency}\n"));
            match is_fine {
                true => assert_eq!(check(&sandbox.house()), [""; 0]),
                false => assert_complaint(&sandbox, manifest, "publishing in order"),
            }
        }
    }
}
