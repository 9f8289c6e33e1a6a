//! A small workspace with two crates to publish, `base` and `top` over it, and one that stays at home.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;
use xtask::release::package::{self, Packed};
use xtask::release::publish::Publisher;
use xtask::release::registry::{Call, Fault, Registry, Reply};
use xtask::release::target_registry::TargetRegistry;
use xtask::workspace::Workspace;

pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) registry: Registry,
    /// The waits of [`Self::publish`], which take no time.
    pub(crate) waits: RefCell<Vec<Duration>>,
}

impl Fixture {
    /// `None` if the tests of the release are left out.
    pub(crate) fn if_wanted() -> Option<Self> {
        let name = "XTASK_RELEASE_TESTS";
        match std::env::var(name) {
            Ok(value) if value == "1" => Some(Self::new()),
            Ok(value) => panic!("{name} is {value:?}, not 1"),
            Err(_) => {
                // Not by `eprintln!`, whose text is hidden if the test passes.
                let (test, mut stderr) = (std::thread::current(), io::stderr());
                writeln!(stderr, "SKIPPED: {}: set {name}=1", test.name().unwrap()).unwrap();
                None
            }
        }
    }

    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self { folder, registry: Registry::start().unwrap(), waits: RefCell::default() };
        fixture.write_workspace();
        fixture.install_deny("exit 0");
        fixture
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder("workspace")
    }

    pub(crate) fn target(&self) -> TargetRegistry {
        TargetRegistry::on_loopback("test", &self.registry.index_url(), &self.folder("home"))
    }

    /// The program with these arguments after `release`, for the same workspace and registry.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("release").args(arguments).current_dir(self.root());
        command.env("CARGO_HOME", self.folder("home")).env("CARGO_TARGET_DIR", self.folder("target"));
        command
            .env("CARGO_REGISTRIES_TEST_INDEX", self.registry.index_url())
            .env("CARGO_REGISTRIES_TEST_TOKEN", "token");
        command.env("GIT_COMMITTER_NAME", "Test").env("GIT_COMMITTER_EMAIL", "test@example.com");
        command.env("GIT_CONFIG_GLOBAL", self.folder("none")).env("NO_PROXY", "127.0.0.1");
        command
    }

    pub(crate) fn publish_command(&self) -> Command {
        self.command(&["publish", "--registry", "test", "--execute", "--index-lag", "0"])
    }

    pub(crate) fn pack(&self, target: &TargetRegistry) -> xtask::Result<Vec<Packed>> {
        package::pack(&self.workspace(), target)
    }

    fn workspace(&self) -> Workspace {
        Workspace::at(&self.root()).with_target(&self.folder("target"))
    }

    pub(crate) fn publish(&self) -> xtask::Result<()> {
        let (workspace, registry) = (&self.workspace(), &self.target());
        let wait = &|time| self.waits.borrow_mut().push(time);
        let index_lag = Duration::from_secs(60);
        Publisher { workspace, registry, index_lag, wait }.publish(&self.pack(registry)?)
    }

    pub(crate) fn publish_error(&self) -> String {
        self.publish().unwrap_err().to_string()
    }

    /// The crates of all uploads in order, also of those that were refused or failed.
    pub(crate) fn attempts(&self) -> Vec<String> {
        let crate_of = |call| if let Call::Upload(name) = call { Some(name) } else { None };
        self.registry.calls().into_iter().filter_map(crate_of).collect()
    }

    /// The crates whose upload was accepted.
    pub(crate) fn uploaded(&self) -> Vec<String> {
        self.registry.uploads().into_iter().map(|(name, _)| name).collect()
    }

    pub(crate) fn git(&self, arguments: &str) -> String {
        let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        run(Command::new("git").args(who).args(arguments.split(' ')).current_dir(self.root()))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Writes a file and commits it.
    pub(crate) fn commit(&self, path: &str, text: &str) {
        self.write(path, text);
        self.git("add --all");
        self.git("commit --quiet --message Change");
    }

    /// Instead of cargo-deny, which would ask the network.
    pub(crate) fn install_deny(&self, script: &str) {
        let file = self.folder("home/bin/cargo-deny");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn write_workspace(&self) {
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"base\", \"home\", \"top\"]\n\n[workspace.package]\n\
                         version = \"0.1.0\"\nedition = \"2024\"\nlicense = \"MIT\"\ndescription = \"A test.\"\n\n\
                         [workspace.dependencies]\nbase = { version = \"=0.1.0\", path = \"base\" }\n";
        let member = |name: &str, rest: &str| {
            let inherited =
                ["version", "edition", "license", "description"].map(|key| format!("{key}.workspace = true\n"));
            self.write(
                &format!("{name}/Cargo.toml"),
                &format!("[package]\nname = \"{name}\"\n{}{rest}", inherited.concat()),
            );
        };
        self.write("Cargo.toml", workspace);
        // `base` needs `top` for its tests, by path alone: a cycle that publishing must not see.
        member("base", "[dev-dependencies]\ntop = { path = \"../top\" }\n");
        member("top", "[dependencies]\nbase.workspace = true\n");
        member("home", "publish = false\n");
        self.write("base/src/lib.rs", "pub fn base() -> u8 { 1 }\n");
        self.write("top/src/lib.rs", "pub fn top() -> u8 { base::base() + 1 }\n");
        self.write("home/src/lib.rs", "");
        for name in ["one_vendor", "two_features"] {
            let package = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n");
            self.write(
                &format!("xtask/programs/{name}.toml"),
                &format!("{package}[dependencies]\ntop = \"VERSION\"\n"),
            );
            self.write(&format!("xtask/programs/{name}.rs"), "fn main() { println!(\"{}\", top::top()); }\n");
        }
        run(Command::new("cargo").args(["generate-lockfile", "--quiet", "--offline"]).current_dir(self.root()));
        self.git("init --quiet");
        self.commit("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-11-22\n\n- Everything.\n");
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The standard output or, of a failure, the standard error.
#[track_caller]
pub(crate) fn text_of(output: &Output, is_success: bool) -> String {
    assert_eq!(output.status.success(), is_success, "{output:?}");
    String::from_utf8_lossy(if is_success { &output.stdout } else { &output.stderr }).into_owned()
}

pub(crate) fn reply(status: u16, text: &str) -> Fault {
    Fault::Reply(Reply(status, text.into()))
}

/// What an index that lags responds.
pub(crate) fn not_yet() -> Fault {
    reply(404, "not yet")
}

pub(crate) fn is_index_of(call: &Call, name: &str) -> bool {
    matches!(call, Call::Index(asked) | Call::Lookup(asked) if asked == name)
}

pub(crate) fn is_upload_of(call: &Call, name: &str) -> bool {
    matches!(call, Call::Upload(uploaded) if uploaded == name)
}
