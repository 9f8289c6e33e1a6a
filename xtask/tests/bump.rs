//! `cargo xtask bump` on a small workspace of its own.

#![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

use std::path::Path;

use xshell::{Shell, cmd};

const ROOT: &str = r#"# All.
[workspace]
resolver = "3"
members = ["alpha", "beta"]

[workspace.package]
version = "0.1.0" # one for all
edition = "2024"

[workspace.dependencies]
# Compatible.
alpha-delete = { version = "0.1.0", path = "alpha" }
"#;
const ALPHA: &str = "[package]\nname = \"alpha-delete\"\nversion.workspace = true\nedition.workspace = true\n";
const BETA: &str = "[package]\nname = \"beta\"\nversion.workspace = true\nedition.workspace = true\n\n\
                    [dependencies]\nalpha-delete = { version = \"=0.1.0\", path = \"../alpha\" } # pinned\n";
const CHANGELOG: &str = "# Changelog\n\nAll.\n\n## Unreleased\n\n### Added\n\n- All of it.\n";

fn workspace(folder: &Path) -> Shell {
    let shell = Shell::new().unwrap();
    shell.change_dir(folder);
    for (path, text) in [
        ("Cargo.toml", ROOT),
        ("CHANGELOG.md", CHANGELOG),
        ("alpha/Cargo.toml", ALPHA),
        ("alpha/src/lib.rs", ""),
        ("beta/Cargo.toml", BETA),
        ("beta/src/lib.rs", ""),
    ] {
        shell.write_file(path, text).unwrap();
    }
    cmd!(shell, "cargo generate-lockfile --quiet --offline").quiet().run().unwrap();
    shell
}

fn bump(shell: &Shell, level: &str) -> Result<String, String> {
    let xtask = env!("CARGO_BIN_EXE_xtask");
    let output = cmd!(shell, "{xtask} bump {level}").quiet().ignore_status().output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn everything_that_names_the_version_changes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let shell = workspace(folder.path());
    let lock = shell.read_file("Cargo.lock").unwrap();
    for (level, old, new) in [
        ("minor", "0.1.0", "0.2.0"),
        ("patch", "0.2.0", "0.2.1"),
        ("1.0.0-rc.1", "0.2.1", "1.0.0-rc.1"),
        ("release", "1.0.0-rc.1", "1.0.0"),
        ("major", "1.0.0", "2.0.0"),
    ] {
        let said = bump(&shell, level).unwrap();
        assert!(said.starts_with(&format!("{old} -> {new}. Next: ")), "{said}");
        for (path, text) in
            [("Cargo.toml", ROOT), ("alpha/Cargo.toml", ALPHA), ("beta/Cargo.toml", BETA), ("Cargo.lock", &lock)]
        {
            assert_eq!(shell.read_file(path).unwrap(), text.replace("0.1.0", new), "{level}");
        }
        let changelog = shell.read_file("CHANGELOG.md").unwrap();
        let (before, after) = changelog.split_once(&format!("\n## {new} - ")).unwrap();
        assert!(
            before.ends_with("## Unreleased\n") && after[10..].starts_with("\n\n### Added\n\n- All of it.\n"),
            "{changelog}"
        );
        shell.write_file("CHANGELOG.md", CHANGELOG).unwrap();
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let shell = workspace(folder.path());
    let refused = |level, reason: &str| {
        let error = bump(&shell, level).unwrap_err();
        assert!(error.contains(reason), "{error}");
        assert_eq!(shell.read_file("Cargo.toml").unwrap(), ROOT);
    };
    refused("0.0.9", "0.0.9 is below the present version 0.1.0");
    refused("mayor", "`mayor` is not patch, minor, major, release or a version");
    shell.write_file("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n### Added\n").unwrap();
    refused("patch", "CHANGELOG.md says nothing under `## Unreleased`");
    shell.write_file("CHANGELOG.md", format!("{CHANGELOG}\n## 0.1.0 - 2026-01-01\n\n- Old.\n")).unwrap();
    refused("release", "CHANGELOG.md has a heading for 0.1.0 already");
    shell.write_file("CHANGELOG.md", CHANGELOG).unwrap();
    shell.write_file("beta/Cargo.toml", BETA.replace("=0.1.0", "0.1")).unwrap();
    refused("patch", "is not the present version 0.1.0");
}
