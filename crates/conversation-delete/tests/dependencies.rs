//! `docs/dependencies.md` gives the reason for each package that a manifest of the workspace names, and for no other.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
// Some are named for some systems only.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn each_direct_dependency_has_its_reason() {
    let published =
        direct(&["--workspace", "--exclude", "xtask", "--exclude", "delete-conformance", "--edges", "normal,build"]);
    let without_tools = direct(&["--workspace", "--exclude", "xtask"]);
    let tools = direct(&["--package", "xtask"]);
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dependencies.md")).unwrap();
    assert_eq!(reasons(&page, "Published crates"), published);
    assert_eq!(reasons(&page, "Tests and benchmarks only"), &without_tools - &published);
    assert_eq!(reasons(&page, "Tools (`xtask`, not published)"), &tools - &without_tools);
}

/// The packages that the chosen manifests name, without our own.
fn direct(options: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--no-dedupe",
            "--all-features",
            "--depth",
            "1",
            "--prefix",
            "depth",
            "--format",
            " {p}",
        ])
        .args(options)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let is_foreign = |package: &&str| !package.contains("(/");
    let packages = text.lines().filter_map(|line| line.strip_prefix("1 ")).filter(is_foreign);
    packages.filter_map(|package| package.split(' ').next()).map(str::to_owned).collect()
}

/// The packages in the first column of a section's table.
fn reasons(page: &str, section: &str) -> BTreeSet<String> {
    let (_, rest) = page.split_once(&format!("\n## {section}\n")).unwrap();
    let table = rest.split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(package, reason)| {
        assert!(reason.len() > 10, "{package} has no reason");
        package.to_owned()
    })
    .collect()
}
