//! A small tidy workspace in a temporary folder, for tests that break one rule at a time.

#![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

use std::fs;
use std::path::PathBuf;

use xshell::{Shell, cmd};

use super::Rule;
use super::house::House;
use crate::workspace::Workspace;

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
other = { path = "other" }

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
include = ["/src", "/README.md", "/LICENSE-*"]

[package.metadata.docs.rs]
all-features = true

[dependencies]

[dev-dependencies]

[lints]
workspace = true
"#;

const README: &str = "# NAME\n\nSee [the API](https://docs.rs/NAME) and [`Deleter`].\n\n\
                      ```sh\ncargo add NAME@0.2\n```\n\nRust 1.85 or newer.\n\n\
                      [`Deleter`]: https://docs.rs/delete-core\n";

const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n## [0.2.0] - 2026-02-28\n\n## [0.1.0] - 2026-01-31\n";

/// `delete-core` and `one-delete`, which needs it, and outside of the workspace the package `other`.
pub(super) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(super) fn tidy() -> Self {
        let sandbox = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in [("Cargo.toml", ROOT), ("CHANGELOG.md", CHANGELOG), (".gitignore", "/target\n")] {
            sandbox.write(path, text);
        }
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            sandbox.write(licence, "You may.\n");
        }
        sandbox.write("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"1.0.0\"\n\n[workspace]\n");
        sandbox.write("other/src/lib.rs", "");
        sandbox.add_crate("delete-core");
        sandbox.add_crate("one-delete");
        sandbox.depend("one-delete", "delete-core.workspace = true");
        let shell = sandbox.shell();
        cmd!(shell, "git init --quiet").quiet().env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").run().unwrap();
        sandbox.lock();
        sandbox
    }

    pub(super) fn add_crate(&self, name: &str) {
        let folder = format!("crates/{name}");
        self.write(&format!("{folder}/Cargo.toml"), &MANIFEST.replace("NAME", name));
        self.write(&format!("{folder}/README.md"), &README.replace("NAME", name));
        self.write(&format!("{folder}/src/lib.rs"), "//! Text.\n");
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            self.write(&format!("{folder}/{licence}"), "You may.\n");
        }
    }

    /// Adds a line to the dependencies of a crate.
    pub(super) fn depend(&self, name: &str, line: &str) {
        let table = "[dependencies]\n";
        self.replace(&format!("crates/{name}/Cargo.toml"), table, &format!("{table}{line}\n"));
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(old), "{old:?} in {path}");
        self.write(path, &text.replacen(old, new, 1));
    }

    pub(super) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Brings the lock file up to date with the manifests.
    pub(super) fn lock(&self) {
        let shell = self.shell();
        cmd!(shell, "cargo generate-lockfile --offline").quiet().ignore_stderr().run().unwrap();
    }

    pub(super) fn workspace(&self) -> Workspace {
        Workspace::at(self.folder.path())
    }

    pub(super) fn house(&self) -> House {
        House::read(&self.workspace()).unwrap()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        super::complaints(&self.house())
    }

    /// That this rule finds one thing, in this file, and says this of it.
    #[track_caller]
    pub(super) fn assert_complaint(&self, rule: Rule, path: &str, part: &str) {
        let complaints = rule(&self.house());
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].starts_with(&format!("{path}: ")) && complaints[0].contains(part), "{complaints:?}");
    }

    fn shell(&self) -> Shell {
        self.workspace().shell().unwrap()
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}
