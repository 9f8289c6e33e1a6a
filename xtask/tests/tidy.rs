//! `cargo xtask tidy` on a small tidy workspace, of which each case breaks one rule.

#![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

use tempfile::TempDir;
use xshell::{Shell, cmd};

const ROOT: &str = r#"[workspace]
resolver = "3"
members = ["crates/*"]
exclude = ["other"]

[workspace.package]
version = "0.2.0"
edition = "2024"
rust-version = "1.85"
license = "MIT OR Apache-2.0"
authors = ["Somebody"]
repository = "https://example.com/somebody"

[workspace.dependencies]
delete-core = { version = "0.2.0", path = "crates/delete-core" }

[workspace.lints.rust]
unsafe_code = "forbid"
"#;

const MANIFEST: &str = r#"[package]
name = "NAME"
description = "What it does."
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
authors.workspace = true
repository.workspace = true
documentation = "https://docs.rs/NAME"
readme = "README.md"
keywords = ["delete"]
categories = ["api-bindings"]

[package.metadata.docs.rs]
all-features = true

[dependencies]

[dev-dependencies]

[lints]
workspace = true
"#;

/// `delete-core` and `one-delete`, which needs it, and outside of the workspace the package `other`.
struct Sandbox {
    folder: TempDir,
    shell: Shell,
}

impl Sandbox {
    fn tidy() -> Self {
        let (folder, shell) = (tempfile::tempdir().unwrap(), Shell::new().unwrap());
        shell.change_dir(folder.path());
        shell.write_file("Cargo.toml", ROOT).unwrap();
        shell
            .write_file(
                "other/Cargo.toml",
                "[package]\nname = \"other\"\nversion = \"1.0.0\"\nrust-version = \"1.85\"\n\n[workspace]\n",
            )
            .unwrap();
        shell.write_file("other/src/lib.rs", "").unwrap();
        for name in ["delete-core", "one-delete"] {
            shell.write_file(format!("crates/{name}/Cargo.toml"), MANIFEST.replace("NAME", name)).unwrap();
            shell.write_file(format!("crates/{name}/README.md"), "# It\n").unwrap();
            shell.write_file(format!("crates/{name}/src/lib.rs"), "//! Text.\n").unwrap();
        }
        for folder in [".", "crates/delete-core", "crates/one-delete"] {
            shell.write_file(format!("{folder}/LICENSE-MIT"), "You may.\n").unwrap();
            shell.write_file(format!("{folder}/LICENSE-APACHE"), "You may.\n").unwrap();
        }
        let sandbox = Self { folder, shell };
        sandbox.replace(ONE, "[dependencies]\n", "[dependencies]\ndelete-core.workspace = true\n");
        cmd!(sandbox.shell, "git init --quiet").quiet().run().unwrap();
        sandbox
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.shell.read_file(path).unwrap();
        assert!(text.contains(old), "{old:?} in {path}");
        self.shell.write_file(path, text.replacen(old, new, 1)).unwrap();
    }

    /// The lines of the complaints, or of the praise.
    fn result(&self) -> Vec<String> {
        assert!(self.folder.path().exists());
        cmd!(self.shell, "cargo generate-lockfile --quiet --offline").quiet().run().unwrap();
        let xtask = env!("CARGO_BIN_EXE_xtask");
        let output = cmd!(self.shell, "{xtask} tidy").quiet().ignore_status().output().unwrap();
        let text = if output.status.success() { output.stdout } else { output.stderr };
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    }
}

const ONE: &str = "crates/one-delete/Cargo.toml";

#[test]
fn a_tidy_workspace_gives_no_complaint() {
    assert_eq!(Sandbox::tidy().result(), ["house rules: all hold"]);
}

/// What is replaced in a manifest, by what, and the complaint.
const BROKEN_MANIFESTS: &str = r#"
edition.workspace = true => edition = "2021" => write `edition.workspace = true`
license.workspace = true => license = "MIT OR Apache-2.0" => write `license.workspace = true`
rust-version.workspace = true => rust-version = "1.85" => write `rust-version.workspace = true`
[lints] => [package.metadata.x] => write `[lints] workspace = true`
core.workspace = true => core = { version = "=0.2.0", path = "../delete-core" } => delete-core is required as `=0.2.0`: write `^0.2.0`
[dev-dependencies] => [dev-dependencies.delete-core] NEWLINE workspace = true => delete-core, for tests, has a version, which
description = "What it does." => => add a `description`
keywords = ["delete"] => keywords = [] => add 1 to 5 `keywords`
categories = ["api-bindings"] => => add 1 to 5 `categories`
readme = "README.md" => readme = "../delete-core/README.md" => add README.md
documentation = "https://docs.rs/one-delete" => => name its page on docs.rs
[package.metadata.docs.rs] => [package.metadata.x] => add `[package.metadata.docs.rs]`
"#;

#[test]
fn each_rule_for_manifests_is_kept() {
    for case in BROKEN_MANIFESTS.trim().lines() {
        let [old, new, complaint] = case.split("=> ").map(str::trim).collect::<Vec<_>>().try_into().unwrap();
        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, old, &new.replace("NEWLINE", "\n"));
        let result = sandbox.result();
        assert!(result.len() == 2 && result[1].starts_with(&format!("{ONE}: {complaint}")), "{case}: {result:?}");
    }
}

#[test]
fn what_is_tested_as_a_whole_requires_exactly_the_others() {
    let sandbox = Sandbox::tidy();
    sandbox.replace(ONE, "name = \"one-delete\"", "name = \"conversation-delete\"");
    let exactly = "delete-core is required as `^0.2.0`: write `=0.2.0`";
    assert_eq!(sandbox.result()[1], format!("{ONE}: {exactly}"));
}

#[test]
fn licences_and_the_page_must_be_there() {
    let sandbox = Sandbox::tidy();
    sandbox.shell.write_file("crates/one-delete/LICENSE-MIT", "You may not.\n").unwrap();
    sandbox.shell.remove_path("crates/one-delete/README.md").unwrap();
    let result = sandbox.result();
    assert_eq!(result.len(), 3, "{result:?}");
    assert!(result[1].contains("add README.md") && result[2].contains("link LICENSE-MIT"), "{result:?}");
}

#[test]
fn a_package_below_a_library_declares_a_rust_version_that_we_keep_or_is_listed() {
    let sandbox = Sandbox::tidy();
    let other = "[dependencies]\nother = { version = \"=1.0.0\", path = \"../../other\" }\n";
    sandbox.replace("crates/delete-core/Cargo.toml", "[dependencies]\n", other);
    let about_other = |sandbox: &Sandbox| {
        let is_about = |line: &String| line.contains("rust-version") || line.contains("declares a version");
        sandbox.result().into_iter().filter(is_about).collect::<Vec<_>>()
    };
    assert_eq!(about_other(&sandbox), [""; 0]);
    sandbox.replace("other/Cargo.toml", "1.85", "1.86");
    assert!(about_other(&sandbox)[0].starts_with("Cargo.lock: other 1.0.0 needs Rust 1.86.0, we promise 1.85.0"));
    sandbox.replace("other/Cargo.toml", "rust-version = \"1.86\"\n", "");
    assert!(about_other(&sandbox)[0].starts_with("Cargo.lock: other 1.0.0 declares no `rust-version`"));
    sandbox.shell.write_file("xtask/undeclared-rust-versions.txt", "# It compiles.\nother\n").unwrap();
    assert_eq!(about_other(&sandbox), [""; 0]);
    sandbox.replace("other/Cargo.toml", "[workspace]", "rust-version = \"1.85\"\n[workspace]");
    assert!(about_other(&sandbox)[0].starts_with("xtask/undeclared-rust-versions.txt: other declares a version"));
}

#[test]
fn the_rules_for_files_are_tried_too() {
    let sandbox = Sandbox::tidy();
    sandbox.shell.write_file("docs/page.md", ["It is ", "told here.\n"].concat()).unwrap();
    sandbox.shell.write_file("crates/one-delete/src/a.rs", "//! A.\nuse crate::b::B;\n").unwrap();
    let long = format!("//! B.\nuse crate::a::A;\n{}", "//\n".repeat(400));
    sandbox.shell.write_file("crates/one-delete/src/b.rs", long).unwrap();
    let result = sandbox.result();
    let starts = ["src/a.rs: it imports B", "src/b.rs: it imports A", "docs/page.md:1: ", "src/b.rs: 402 lines"];
    assert_eq!(result[0], "error: house rules are broken, complaints: 4");
    for (line, start) in result[1..].iter().zip(starts) {
        assert!(line.trim_start_matches("crates/one-delete/").starts_with(start), "{line}");
    }
}
