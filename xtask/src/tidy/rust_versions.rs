//! The minimum Rust version that we promise is one that the packages below our libraries keep.

use std::collections::BTreeSet;

use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, NodeDep, PackageId};

use super::house::{House, rust};

pub(crate) fn check(house: &House) -> Vec<String> {
    let Some(promised) = house.rust_version() else {
        return vec!["Cargo.toml: no `rust-version` in `[workspace.package]`: say the minimum Rust version".to_owned()];
    };
    match (&house.graph, rust(promised)) {
        (_, None) => vec![format!("Cargo.toml: `rust-version = \"{promised}\"` is not a version of Rust")],
        (None, _) => Vec::new(),
        (Some(graph), Some(ours)) => complaints_about(graph, &libraries(house), &ours),
    }
}

fn libraries(house: &House) -> Vec<PackageId> {
    let libraries = house.published().filter(|member| member.is_library());
    libraries.map(|member| member.package.id.clone()).collect()
}

/// A package that does not say its minimum passes.
fn complaints_about(graph: &Metadata, libraries: &[PackageId], ours: &Version) -> Vec<String> {
    let needed = reached_from(graph, libraries).into_iter().map(|id| &graph[id]);
    let newer = needed.filter_map(|package| Some((package, package.rust_version.as_ref().filter(|it| *it > ours)?)));
    let rule = |name: &str, version: &Version, theirs: &Version| {
        format!(
            "Cargo.lock: {name} {version} needs Rust {theirs}, we promise {ours}: lock an older one \
             (`cargo update -p {name} --precise …`), or raise `rust-version`"
        )
    };
    newer.map(|(package, theirs)| rule(&package.name, &package.version, theirs)).collect()
}

/// All that is built for a user of these packages, on any system and with any features.
fn reached_from<'a>(graph: &'a Metadata, roots: &'a [PackageId]) -> BTreeSet<&'a PackageId> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&PackageId> = roots.iter().collect();
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            let nodes = graph.resolve.iter().flat_map(|resolve| &resolve.nodes).filter(|node| node.id == *id);
            let built = nodes.flat_map(|node| &node.deps).filter(|needed| is_built_for_users(needed));
            waiting.extend(built.map(|needed| &needed.pkg));
        }
    }
    reached
}

fn is_built_for_users(needed: &NodeDep) -> bool {
    needed.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    fn sandbox_where_other_needs(rust: &str) -> Sandbox {
        let sandbox = Sandbox::tidy();
        sandbox.replace("other/Cargo.toml", "[package]\n", &format!("[package]\nrust-version = \"{rust}\"\n"));
        sandbox
    }

    #[test]
    fn a_package_that_needs_a_newer_rust_is_found_below_a_library() {
        for (table, is_found) in [("dependencies", true), ("build-dependencies", true), ("dev-dependencies", false)] {
            let sandbox = sandbox_where_other_needs("1.86");
            let manifest = "crates/delete-core/Cargo.toml";
            let lints = format!("[target.'cfg(windows)'.{table}]\nother.workspace = true\n\n[lints]");
            sandbox.replace(manifest, "[lints]", &lints);
            sandbox.lock();
            let complaints = sandbox.complaints();
            assert_eq!(complaints.len(), usize::from(is_found), "{table}: {complaints:?}");
            assert!(
                complaints.iter().all(|it| it.starts_with("Cargo.lock: other 1.0.0 needs Rust 1.86.0, we promise"))
            );
        }
    }

    #[test]
    fn a_program_may_need_a_newer_rust_and_an_older_one_is_fine_everywhere() {
        let sandbox = sandbox_where_other_needs("1.85");
        sandbox.depend("delete-core", "other.workspace = true");
        sandbox.lock();
        assert_eq!(check(&sandbox.house()), [""; 0]);

        let sandbox = sandbox_where_other_needs("1.90");
        sandbox.remove("crates/one-delete/src/lib.rs");
        sandbox.write("crates/one-delete/src/main.rs", "fn main() {}\n");
        sandbox.depend("one-delete", "other.workspace = true");
        sandbox.lock();
        assert_eq!(check(&sandbox.house()), [""; 0]);
    }

    #[test]
    fn a_promise_that_is_missing_is_found() {
        let sandbox = Sandbox::tidy();
        sandbox.replace("Cargo.toml", "rust-version = \"1.85\"\n", "");
        assert!(check(&sandbox.house())[0].starts_with("Cargo.toml: no `rust-version`"));
    }
}
