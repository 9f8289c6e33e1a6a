//! One seam for HTTP: only `delete-core` names the package that speaks it.

use cargo_metadata::Metadata;

use super::house::{File, House, from_root};

const PACKAGE: &str = "reqwest";
const KEEPER: &str = "delete-core";
const COMPARISON: &str = "crates/conversation-delete-fake/interop/compare/";
const RULE: &str = "only delete-core may name reqwest: go through `delete_core::http`";

pub(crate) fn check(house: &House) -> Vec<String> {
    let named = house.files.iter().flat_map(complaints_about);
    named.chain(house.graph.iter().flat_map(complaints_about_graph)).collect()
}

fn complaints_about(file: &File) -> Vec<String> {
    let path = &file.path;
    if may_name_it(path) {
        return Vec::new();
    }
    let naming = file.text.lines().zip(1..).filter(|(line, _)| names_it(path, line));
    naming.map(|(_, number)| format!("{path}:{number}: {RULE}")).collect()
}

/// The one crate that speaks HTTP, the manifest that fixes versions for all, and the program that measures other clients.
fn may_name_it(path: &str) -> bool {
    path.starts_with(&format!("crates/{KEEPER}/")) || path.starts_with(COMPARISON) || path == "Cargo.toml"
}

/// As a path in code, or as a dependency. Prose may say the word.
fn names_it(path: &str, line: &str) -> bool {
    let line = line.trim_start();
    if path.ends_with(".rs") {
        !line.starts_with("//")
            && line.match_indices(PACKAGE).any(|(at, _)| is_path(&line[..at], &line[at + PACKAGE.len()..]))
    } else {
        let forms = [format!("dependencies.{PACKAGE}"), format!("package = \"{PACKAGE}\"")];
        path.ends_with("Cargo.toml") && (line.starts_with(PACKAGE) || forms.iter().any(|form| line.contains(form)))
    }
}

/// Whether the name between these two is that of a crate, and no part of another name.
fn is_path(before: &str, after: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    let is_taken_in = before.ends_with("use ") || before.ends_with("crate ");
    !before.ends_with(goes_on) && (after.starts_with("::") || is_taken_in && !after.starts_with(goes_on))
}

/// What cargo resolved knows of every rename and every table of dependencies.
fn complaints_about_graph(graph: &Metadata) -> Vec<String> {
    let nodes = graph.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let needing = nodes.filter(|node| graph.workspace_members.contains(&node.id) && graph[&node.id].name != KEEPER);
    let needing = needing.filter(|node| node.dependencies.iter().any(|needed| graph[needed].name == PACKAGE));
    let manifest = |node: &cargo_metadata::Node| {
        from_root(graph[&node.id].manifest_path.as_std_path(), graph.workspace_root.as_std_path())
    };
    needing.map(|node| format!("{}: it depends on {PACKAGE}; {RULE}", manifest(node))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    fn about(path: &str, text: &str) -> Vec<String> {
        complaints_about(&File { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn the_name_outside_of_the_core_is_found() {
        let code = format!("//! {PACKAGE}::x\nuse {PACKAGE}::Client;\n");
        assert_eq!(
            about("crates/tavus-delete/src/client.rs", &code),
            [format!("crates/tavus-delete/src/client.rs:2: {RULE}")]
        );
        assert_eq!(about("xtask/src/lib.rs", &code).len(), 1);
        assert_eq!(about("crates/tavus-delete/Cargo.toml", &format!("{PACKAGE}.workspace = true\n")).len(), 1);
        assert_eq!(about("crates/tavus-delete/Cargo.toml", &format!("x = {{ package = \"{PACKAGE}\" }}\n")).len(), 1);
        assert_eq!(about("crates/delete-core/src/x.rs", &code), [""; 0]);
        assert_eq!(about(&format!("{COMPARISON}rust/src/main.rs"), &code), [""; 0]);
        let alike = format!("my_{PACKAGE}::x(); use {PACKAGE}_alike; // {PACKAGE}\n");
        assert_eq!(about("xtask/src/lib.rs", &alike), [""; 0]);
        assert_eq!(about("xtask/src/lib.rs", &format!("extern crate {PACKAGE} as x;\n")).len(), 1);
        assert_eq!(about("docs/architecture.md", &format!("Only delete-core names {PACKAGE}.\n")), [""; 0]);
    }

    #[test]
    fn a_dependency_under_another_name_is_found_in_what_cargo_resolves() {
        let sandbox = Sandbox::tidy();
        sandbox.replace("other/Cargo.toml", "name = \"other\"", &format!("name = \"{PACKAGE}\""));
        sandbox.replace("Cargo.toml", "other = {", &format!("other = {{ package = \"{PACKAGE}\","));
        sandbox.depend("delete-core", "other.workspace = true");
        sandbox.lock();
        assert_eq!(sandbox.complaints(), [""; 0], "the core may");
        let manifest = "crates/one-delete/Cargo.toml";
        for table in ["dependencies.other", "target.'cfg(windows)'.dependencies.other", "dev-dependencies.other"] {
            let dependency = format!("[{table}]\nworkspace = true\n\n");
            sandbox.replace(manifest, "[lints]", &format!("{dependency}[lints]"));
            sandbox.lock();
            assert_eq!(sandbox.complaints(), [format!("{manifest}: it depends on {PACKAGE}; {RULE}")], "{table}");
            sandbox.replace(manifest, &dependency, "");
        }
    }
}
