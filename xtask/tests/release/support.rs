//! A small workspace with two crates to publish, `base` and `top` over it, and one that stays at home.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use xshell::{Shell, cmd};
use xtask::release::clock::Clock;
use xtask::release::publish::Publisher;
use xtask::release::registry::Registry;
use xtask::release::target_registry::TargetRegistry;
use xtask::release::tree::Tree;
use xtask::workspace::Workspace;

pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) registry: Registry,
    pub(crate) clock: TestClock,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_workspace(&folder.path().join("workspace"));
        fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder, registry: Registry::start().unwrap(), clock: TestClock::new() }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::at(&self.root()).with_target(&self.folder.path().join("target"))
    }

    pub(crate) fn destination(&self) -> TargetRegistry {
        TargetRegistry::on_loopback("test", &self.registry.index_url(), &self.folder.path().join("home"))
    }

    /// For the program itself: the same workspace, registry and folders.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let folder = |name| self.folder.path().join(name).display().to_string();
        let pairs = [
            ("CARGO_HOME", folder("home")),
            ("CARGO_TARGET_DIR", folder("target")),
            ("CARGO_REGISTRIES_TEST_INDEX", self.registry.index_url()),
            ("CARGO_REGISTRIES_TEST_TOKEN", "token".to_owned()),
            ("GIT_COMMITTER_NAME", "Test".to_owned()),
            ("GIT_COMMITTER_EMAIL", "test@example.com".to_owned()),
            ("GIT_CONFIG_GLOBAL", folder("no-git-configuration")),
            ("NO_PROXY", "127.0.0.1".to_owned()),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// The program, with these arguments after `release`.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("release").args(arguments).current_dir(self.root()).envs(self.environment());
        command
    }

    pub(crate) fn publish_command(&self) -> Command {
        self.command(&["publish", "--registry", "test", "--execute", "--index-lag", "0"])
    }

    pub(crate) fn is_tagged(&self) -> bool {
        let shell = shell(&self.root());
        !cmd!(shell, "git tag --list v0.1.0").quiet().read().unwrap().is_empty()
    }

    /// Gives all crates this version, in a new commit.
    pub(crate) fn set_version(&self, version: &str) {
        write(&self.root(), "Cargo.toml", &ROOT.replace("0.1.0", version));
        let shell = shell(&self.root());
        cmd!(shell, "cargo generate-lockfile --quiet --offline").quiet().run().unwrap();
        commit(&self.root());
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.folder.path().join("target/xtask/release-0.1.0-test.json")
    }

    pub(crate) fn publish(&self) -> xtask::Result<()> {
        let publisher = Publisher {
            workspace: &self.workspace(),
            destination: &self.destination(),
            clock: &self.clock,
            tree: Tree::Clean,
            index_lag: Duration::from_secs(60),
        };
        publisher.publish()
    }

    /// The crates that somebody tried to upload, also in vain.
    pub(crate) fn attempted(&self) -> Vec<String> {
        self.registry.attempts().into_iter().map(|(name, _)| name).collect()
    }

    pub(crate) fn uploaded(&self) -> Vec<String> {
        self.registry.uploads().into_iter().map(|upload| upload.name).collect()
    }
}

/// Waiting moves it.
pub(crate) struct TestClock {
    now: Cell<SystemTime>,
    pub(crate) waits: RefCell<Vec<SystemTime>>,
}

impl TestClock {
    fn new() -> Self {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT").unwrap();
        Self { now: Cell::new(now), waits: RefCell::default() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        self.now.get()
    }

    fn sleep_until(&self, time: SystemTime) {
        self.waits.borrow_mut().push(time);
        self.now.set(time.max(self.now.get()));
    }
}

const ROOT: &str = r#"
[workspace]
resolver = "3"
members = ["base", "home", "top"]

[workspace.package]
version = "0.1.0"
edition = "2024"
license = "MIT"
description = "A crate of a test."

[workspace.dependencies]
base = { version = "=0.1.0", path = "base" }
"#;

const MEMBER: &str =
    "version.workspace = true\nedition.workspace = true\nlicense.workspace = true\ndescription.workspace = true\n";

const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-11-22\n\n### Added\n\n- Everything.\n";

fn write_workspace(root: &Path) {
    write(root, "Cargo.toml", ROOT);
    write(root, "CHANGELOG.md", CHANGELOG);
    // `base` needs `top` for its tests, by path alone: a circle that publishing must not see.
    let base = "[dev-dependencies]\ntop = { path = \"../top\" }\n";
    write(root, "base/Cargo.toml", &format!("[package]\nname = \"base\"\n{MEMBER}{base}"));
    write(root, "base/src/lib.rs", "pub fn base() -> u8 { 1 }\n");
    let top = "[dependencies]\nbase.workspace = true\n";
    write(root, "top/Cargo.toml", &format!("[package]\nname = \"top\"\n{MEMBER}{top}"));
    write(root, "top/src/lib.rs", "pub fn top() -> u8 { base::base() + 1 }\n");
    write(root, "home/Cargo.toml", &format!("[package]\nname = \"home\"\n{MEMBER}publish = false\n"));
    write(root, "home/src/lib.rs", "");
    let shell = shell(root);
    cmd!(shell, "cargo generate-lockfile --quiet --offline").quiet().run().unwrap();
    cmd!(shell, "git init --quiet").quiet().run().unwrap();
    commit(root);
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

pub(crate) fn commit_change(root: &Path, path: &str, text: &str) {
    write(root, path, text);
    commit(root);
}

fn commit(root: &Path) {
    let shell = shell(root);
    cmd!(shell, "git add --all").quiet().run().unwrap();
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    cmd!(shell, "git {who...} commit --quiet --message Change").quiet().run().unwrap();
}

pub(crate) fn shell(root: &Path) -> Shell {
    let shell = Shell::new().unwrap();
    shell.change_dir(root);
    shell
}
