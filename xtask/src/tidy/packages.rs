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
        let rules = [what_is_inherited(member), requirements(member, core), what_is_published(member, root)].concat();
        let path = member.manifest_path.strip_prefix(root).unwrap_or(&member.manifest_path);
        rules.into_iter().map(move |rule| format!("{path}: {rule}"))
    });
    complaints.collect()
}

fn what_is_inherited(member: &Package) -> Vec<String> {
    let manifest = fs::read_to_string(&member.manifest_path).unwrap_or_default();
    let needed =
        ["version", "edition", "license", "authors", "repository"].map(|key| format!("{key}.workspace = true\n"));
    let rust = is_published(member).then(|| "rust-version.workspace = true\n".to_owned());
    let needed = needed.into_iter().chain(rust).chain(["[lints]\nworkspace = true\n".to_owned()]);
    needed
        .filter(|text| !manifest.contains(&format!("\n{text}")))
        .map(|text| format!("write `{}`", text.trim().replace('\n', " ")))
        .collect()
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
    let is_as_in = |folder: &Utf8Path, file: &str| match (fs::read(root.join(file)), fs::read(folder.join(file))) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        _ => false,
    };
    let page = member.documentation.as_deref().unwrap_or_default();
    let rules = [
        (member.description.is_some(), "add a `description` of one sentence"),
        ((1..=5).contains(&member.keywords.len()), "add 1 to 5 `keywords`"),
        ((1..=5).contains(&member.categories.len()), "add 1 to 5 `categories` that the registry knows"),
        (member.readme().is_some_and(|it| it == folder.join("README.md") && it.exists()), "add README.md, and name it"),
        (page.starts_with("https://docs.rs/"), "name its page on docs.rs as `documentation`"),
        (!is_library || member.metadata["docs"]["rs"].is_object(), "add `[package.metadata.docs.rs]`"),
        (is_as_in(&folder, "LICENSE-MIT"), "link LICENSE-MIT to the root's"),
        (is_as_in(&folder, "LICENSE-APACHE"), "link LICENSE-APACHE to the root's"),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, rule)| rule.to_owned()).collect()
}
