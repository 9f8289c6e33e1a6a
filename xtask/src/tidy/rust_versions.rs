//! The minimum Rust version that we promise is one that the packages below our crates keep.

use std::collections::BTreeSet;

use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, NodeDep, Package, PackageId};

use super::file::File;
use crate::workspace::is_published;

/// Packages that declare no minimum, one a line, each under the reason why it is accepted.
const UNDECLARED: &str = "xtask/undeclared-rust-versions.txt";

pub(super) fn check(metadata: &Metadata, files: &[File]) -> Vec<String> {
    let ours: Vec<&Package> = metadata.workspace_packages().into_iter().filter(|member| is_published(member)).collect();
    let Some(promised) = ours.iter().find_map(|member| member.rust_version.as_ref()) else {
        return vec!["Cargo.toml: no published crate declares a `rust-version`".to_owned()];
    };
    let needed = reached_from(metadata, ours.iter().map(|member| &member.id).collect());
    let needed = needed.into_iter().filter(|id| !metadata.workspace_members.contains(id));
    let needed: Vec<&Package> = needed.map(|id| &metadata[id]).collect();
    let listed = files.iter().filter(|file| file.path == UNDECLARED).flat_map(|file| file.text.lines());
    let listed: Vec<&str> = listed.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let unused = listed.iter().filter(|name| !needed.iter().any(|it| it.name == **name && it.rust_version.is_none()));
    let unused = unused.map(|name| format!("{UNDECLARED}: {name} declares a version, or is not needed: remove it"));
    needed.iter().filter_map(|package| complaint(package, promised, &listed)).chain(unused).collect()
}

fn complaint(Package { name, version, rust_version, .. }: &Package, ours: &Version, listed: &[&str]) -> Option<String> {
    match rust_version {
        Some(theirs) if theirs > ours => Some(format!(
            "Cargo.lock: {name} {version} needs Rust {theirs}, we promise {ours}: lock an older one (`cargo update -p \
             {name} --precise …`), or raise `rust-version`"
        )),
        None if !listed.contains(&name.as_str()) => Some(format!(
            "Cargo.lock: {name} {version} declares no `rust-version`: compile it with Rust {ours}, and add it to {UNDECLARED}"
        )),
        _ => None,
    }
}

/// All that is built for a user of these packages, on any system and with any features.
fn reached_from<'a>(metadata: &'a Metadata, mut waiting: Vec<&'a PackageId>) -> BTreeSet<&'a PackageId> {
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).filter(|node| node.id == *id);
            waiting
                .extend(nodes.flat_map(|node| &node.deps).filter(|needed| is_built(needed)).map(|needed| &needed.pkg));
        }
    }
    reached
}

fn is_built(needed: &NodeDep) -> bool {
    needed.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
}
