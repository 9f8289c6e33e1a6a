//! What the manifests of the members say: inherited values, which versions of each other they require, and the metadata
//! that a published package needs.
//!
//! A crate of one vendor works with every compatible `delete-core`, so that `tavus-delete 0.1.0` and `fini-delete 0.1.1`
//! resolve together. What is tested as a whole requires exactly the versions it was tested with.

use std::fs;

use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Dependency, DependencyKind, Metadata, Package, Target};

use crate::workspace::is_published;

/// What crates other than those of [`EXACT`] require by a caret.
const CORE: &str = "delete-core";

/// Crates that require exactly their own version of all others.
const EXACT: [&str; 4] =
    ["conversation-delete", "conversation-delete-cli", "conversation-delete-evidence", "conversation-delete-job"];

pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let members = metadata.workspace_packages();
    let Some(core) = members.iter().find(|member| member.name == CORE) else {
        return vec![format!("Cargo.toml: no member is {CORE}, with which the others are compared")];
    };
    let root = &metadata.workspace_root;
    let complaints = members.iter().flat_map(|member| {
        let rules =
            [what_is_inherited(member, core), requirements(member, core), what_is_published(member, root)].concat();
        let path = member.manifest_path.strip_prefix(root).unwrap_or(&member.manifest_path);
        rules.into_iter().map(move |rule| format!("{path}: {rule}"))
    });
    complaints.collect()
}

fn what_is_inherited(member: &Package, core: &Package) -> Vec<String> {
    let manifest = fs::read_to_string(&member.manifest_path).unwrap_or_default();
    let mut rules = vec![
        (member.version == core.version, "write `version.workspace = true`"),
        (member.edition == core.edition, "write `edition.workspace = true`"),
        (member.license == core.license, "write `license.workspace = true`"),
        (member.authors == core.authors, "write `authors.workspace = true`"),
        (member.repository == core.repository, "write `repository.workspace = true`"),
        (manifest.contains("[lints]\nworkspace = true"), "add `[lints]` with `workspace = true`"),
    ];
    if is_published(member) {
        rules.push((member.rust_version == core.rust_version, "write `rust-version.workspace = true`"));
    }
    broken(rules)
}

fn requirements(member: &Package, core: &Package) -> Vec<String> {
    let ours = member.dependencies.iter().filter(|dependency| dependency.path.is_some());
    ours.filter_map(|dependency| {
        let required = requirement(member, dependency, core);
        let (name, is_right) = (&dependency.name, dependency.req.to_string() == required);
        (!is_right).then(|| match required.as_str() {
            "*" => format!(
                "{name}, for tests, has a version, which publishing in order cannot keep: write `{name} = {{ path = \"…\" }}`"
            ),
            _ => format!("{name} is required as `{}`: write `{required}`", dependency.req),
        })
    })
    .collect()
}

fn requirement(member: &Package, dependency: &Dependency, core: &Package) -> String {
    let version = &core.version;
    match dependency.kind {
        DependencyKind::Development => "*".to_owned(),
        _ if dependency.name == CORE && !EXACT.contains(&member.name.as_str()) => format!("^{version}"),
        _ => format!("={version}"),
    }
}

fn what_is_published(member: &Package, root: &Utf8Path) -> Vec<String> {
    if !is_published(member) {
        return Vec::new();
    }
    let is_library = member.targets.iter().any(Target::is_lib);
    let folder = member.manifest_path.with_file_name("");
    let text = |path: &Utf8Path| fs::read_to_string(path).ok();
    let has_licence =
        |name: &str| text(&root.join(name)).is_some_and(|text_of_root| text(&folder.join(name)) == Some(text_of_root));
    broken(vec![
        (member.description.is_some(), "no `description`: say in a sentence what the crate does"),
        ((1..=5).contains(&member.keywords.len()), "no `keywords`: give 1 to 5"),
        ((1..=5).contains(&member.categories.len()), "no `categories`: give 1 to 5 that the registry knows"),
        (member.repository.is_some(), "no `repository`"),
        (member.readme() == Some(folder.join("README.md")), "no readme: write `readme = \"README.md\"`"),
        (text(&folder.join("README.md")).is_some(), "README.md is missing: it is the crate's page"),
        (
            member.documentation.as_ref().is_some_and(|page| page.starts_with("https://docs.rs/")),
            "no `documentation`: name its page on docs.rs",
        ),
        (
            !is_library || member.metadata["docs"]["rs"].is_object(),
            "add `[package.metadata.docs.rs]` with `all-features = true`",
        ),
        (
            has_licence("LICENSE-MIT") && has_licence("LICENSE-APACHE"),
            "a licence is not the root's: link LICENSE-MIT and LICENSE-APACHE",
        ),
    ])
}

fn broken(rules: Vec<(bool, &str)>) -> Vec<String> {
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, rule)| rule.to_owned()).collect()
}
