//! `cargo xtask bump` on a small workspace of its own, in a repository of its own.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use time::{Date, Month};
use xtask::bump::Plan;
use xtask::changelog::Changelog;
use xtask::workspace::Workspace;

const ROOT: &str = r#"# The chores of nobody.
[workspace]
resolver = "3"
members = ["alpha", "beta"]

[workspace.package]
version = "0.1.0" # one for all
edition = "2024"

[workspace.dependencies]
# In lock step.
alpha-delete = { version = "=0.1.0", path = "alpha" } # pinned
"#;
const ALPHA: &str = "[package]\nname = \"alpha-delete\"\nversion.workspace = true\nedition.workspace = true\n";
const BETA: &str = "[package]\nname = \"beta\"\nversion.workspace = true\nedition.workspace = true\npublish = false\n\n\
                    [dependencies]\nalpha-delete.workspace = true\n";
const README: &str = "# Ours\n\nSince alpha-delete@0.1.0.\n\n```toml\nalpha-delete = \"0.1\"\nserde = \"0.1\"\n```\n\n\
                      ```sh\ncargo add alpha-delete@0.1.0\ncargo test --workspace\n```\n";
const CHANGELOG: &str = "# Changelog\n\nAll.\n\n## Unreleased\n\n### Added\n\n- All of it.\n";

/// A workspace with all committed, and beside it what the tools want to keep.
struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { folder: TempDir::new().unwrap() };
        for (path, text) in [
            ("Cargo.toml", ROOT),
            ("CHANGELOG.md", CHANGELOG),
            ("README.md", README),
            ("alpha/Cargo.toml", ALPHA),
            ("alpha/src/lib.rs", ""),
            ("alpha/README.md", "```toml\nalpha-delete = { version = \"0.1.0\" }\n```\n"),
            ("beta/Cargo.toml", BETA),
            ("beta/src/lib.rs", ""),
        ] {
            scene.write(path, text);
        }
        scene.succeeds("cargo", &["generate-lockfile", "--offline"]);
        scene.succeeds("git", &["init", "--quiet"]);
        scene.commit();
        scene
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.root());
        command.env("CARGO_TARGET_DIR", self.folder.path().join("target"));
        command.env("GIT_CONFIG_GLOBAL", self.folder.path().join("no-config")).env("GIT_CONFIG_NOSYSTEM", "1");
        for (name, value) in [("NAME", "Nobody"), ("EMAIL", "nobody@example.org")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
        command
    }

    fn succeeds(&self, program: &str, arguments: &[&str]) -> String {
        success(&self.command(program, arguments).output().unwrap())
    }

    fn commit(&self) {
        self.succeeds("git", &["add", "--all"]);
        self.succeeds("git", &["commit", "--quiet", "--message", "All"]);
    }

    fn bump(&self, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_xtask"), &[&["bump"], arguments].concat()).output().unwrap()
    }

    /// What the refusal says; it must leave every file as it was.
    fn refusal(&self, arguments: &[&str]) -> String {
        let before = self.files();
        let output = self.bump(arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert_eq!(self.files(), before);
        String::from_utf8(output.stderr).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// All files but those of git.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root(), &mut files);
        files
    }

    /// Whether cargo takes the lock file as it is, and would itself have written just that.
    fn lock_is_as_cargo_writes_it(&self) {
        self.succeeds("cargo", &["metadata", "--locked", "--offline", "--format-version", "1"]);
        let lock = self.read("Cargo.lock");
        self.succeeds("cargo", &["update", "--workspace", "--offline"]);
        assert_eq!(self.read("Cargo.lock"), lock);
    }
}

fn success(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files.insert(path.clone(), fs::read(path).unwrap());
        } else if !path.ends_with(".git") {
            collect(&path, files);
        }
    }
}

#[test]
fn everything_that_names_the_version_changes_and_nothing_else() {
    let scene = Scene::new();
    let date = Date::from_calendar_date(2026, Month::November, 22).unwrap();
    let workspace = Workspace::at(&scene.root());
    Plan::new(&workspace, &"minor".parse().unwrap(), date).unwrap().write(&workspace).unwrap();
    let pinned = ROOT.replace("\"0.1.0\"", "\"0.2.0\"").replace("\"=0.1.0\"", "\"=0.2.0\"");
    assert_eq!(scene.read("Cargo.toml"), pinned);
    let readme = README.replace("alpha-delete = \"0.1\"", "alpha-delete = \"0.2\"");
    assert_eq!(scene.read("README.md"), readme.replace("add alpha-delete@0.1.0", "add alpha-delete@0.2.0"));
    assert_eq!(scene.read("alpha/README.md"), "```toml\nalpha-delete = { version = \"0.2.0\" }\n```\n");
    let changelog = CHANGELOG.replace("## Unreleased", "## Unreleased\n\n## 0.2.0 - 2026-11-22");
    assert_eq!(scene.read("CHANGELOG.md"), changelog);
    let changed = scene.succeeds("git", &["status", "--porcelain"]);
    assert_eq!(changed, " M CHANGELOG.md\n M Cargo.lock\n M Cargo.toml\n M README.md\n M alpha/README.md\n");
    scene.lock_is_as_cargo_writes_it();
}

#[test]
fn every_level_gives_its_version() {
    let scene = Scene::new();
    for (level, version) in
        [("patch", "0.1.1"), ("minor", "0.2.0"), ("major", "1.0.0"), ("0.3.0", "0.3.0"), ("1.0.0-rc.1", "1.0.0-rc.1")]
    {
        let output = scene.bump(&[level]);
        assert!(success(&output).contains(&format!("\n+version = \"{version}\" # one for all\n")), "{level}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(&format!("--message 'Release {version}'")), "{told}");
        assert!(told.contains("cargo xtask release check"), "{told}");
        scene.lock_is_as_cargo_writes_it();
        scene.succeeds("git", &["checkout", "--quiet", "."]);
    }
}

#[test]
fn the_present_version_changes_the_changelog_alone_and_only_once() {
    for level in ["0.1.0", "release"] {
        let scene = Scene::new();
        success(&scene.bump(&[level]));
        assert_eq!(scene.succeeds("git", &["status", "--porcelain"]), " M CHANGELOG.md\n");
        scene.commit();
        let changelog = scene.read("CHANGELOG.md");
        scene.write("CHANGELOG.md", &changelog.replace("## Unreleased\n", "## Unreleased\n\n- More.\n"));
        scene.commit();
        assert!(scene.refusal(&[level]).contains("0.1.0 has a heading in CHANGELOG.md already"));
    }
}

#[test]
fn a_second_bump_follows_the_first() {
    let scene = Scene::new();
    success(&scene.bump(&["1.0.0-rc.1"]));
    scene.commit();
    assert!(scene.refusal(&["patch"]).contains("nothing to release: CHANGELOG.md says nothing under Unreleased"));
    let changelog = scene.read("CHANGELOG.md");
    scene.write("CHANGELOG.md", &changelog.replace("## Unreleased\n", "## Unreleased\n\n- More.\n"));
    scene.commit();
    success(&scene.bump(&["patch"]));
    let changelog = scene.read("CHANGELOG.md");
    let changelog = Changelog::parse(&changelog);
    let released: Vec<String> = changelog.released().map(|(version, _)| version.to_string()).collect();
    assert_eq!(released, ["1.0.0", "1.0.0-rc.1"]);
    assert_eq!(changelog.section(&"1.0.0".parse().unwrap()), Some("- More."));
    assert!(scene.read("Cargo.toml").contains("\"=1.0.0\""));
    scene.lock_is_as_cargo_writes_it();
}

#[test]
fn a_dry_run_writes_nothing_and_shows_what_git_could_apply() {
    let scene = Scene::new();
    let before = scene.files();
    let dry = scene.bump(&["minor", "--dry-run"]);
    let diff = success(&dry);
    assert_eq!(scene.files(), before);
    assert!(String::from_utf8(dry.stderr).unwrap().contains("nothing was written"));
    assert_eq!(success(&scene.bump(&["minor"])), diff);
    let bumped = scene.files();
    scene.succeeds("git", &["checkout", "--quiet", "."]);
    let mut git = scene.command("git", &["apply"]).stdin(Stdio::piped()).spawn().unwrap();
    git.stdin.take().unwrap().write_all(diff.as_bytes()).unwrap();
    assert!(git.wait().unwrap().success());
    assert_eq!(scene.files(), bumped);
}

#[test]
fn what_is_not_committed_is_refused_unless_allowed() {
    let scene = Scene::new();
    scene.write("alpha/src/lib.rs", "// No file that a bump changes.\n");
    success(&scene.bump(&["patch", "--dry-run"]));
    scene.write("Cargo.toml", &format!("{ROOT}# More.\n"));
    let refusal = scene.refusal(&["patch"]);
    assert!(refusal.contains("uncommitted changes:\n M Cargo.toml\ncommit or stash them first"), "{refusal}");
    let dry = scene.bump(&["patch", "--dry-run"]);
    assert!(String::from_utf8_lossy(&dry.stderr).contains("would be refused: these files"));
    success(&dry);
    success(&scene.bump(&["patch", "--allow-dirty"]));
    assert!(scene.read("Cargo.toml").ends_with("# More.\n"));
}

#[test]
fn outside_of_git_only_what_is_allowed_is_bumped() {
    let scene = Scene::new();
    fs::rename(scene.root().join(".git"), scene.folder.path().join("gone")).unwrap();
    assert!(scene.refusal(&["patch"]).contains("--allow-dirty goes on without asking"));
    success(&scene.bump(&["patch", "--allow-dirty"]));
}

#[test]
fn a_manifest_that_does_not_inherit_is_refused() {
    let scene = Scene::new();
    scene.write("beta/Cargo.toml", &BETA.replace("version.workspace = true", "version = \"0.1.0\""));
    scene.commit();
    let refusal = scene.refusal(&["patch"]);
    assert!(refusal.contains("Cargo.toml does not inherit its version: write `version.workspace = true`"), "{refusal}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let scene = Scene::new();
    assert!(scene.refusal(&["0.0.9"]).contains("0.0.9 is below the present version 0.1.0"));
    let unknown = scene.bump(&["mayor"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("expected `patch`, `minor`, `major`"));
    scene.write("CHANGELOG.md", "# Changelog\n\n- New.\n");
    scene.commit();
    assert!(scene.refusal(&["patch"]).contains("no heading `## Unreleased`"));
    fs::remove_file(scene.root().join("CHANGELOG.md")).unwrap();
    assert!(scene.refusal(&["patch"]).contains("cannot read CHANGELOG.md"));
}

#[test]
fn the_help_teaches() {
    let scene = Scene::new();
    let help = success(&scene.bump(&["--help"]));
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["1.0.0-rc.1 -> 1.0.0", "very first version", "--dry-run", "Unreleased", "Examples:"] {
        assert!(help.contains(part), "{part}");
    }
}
