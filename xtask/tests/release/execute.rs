//! `cargo xtask release publish`: when it refuses, what it shows, and that it releases the commit it began with.

use std::process::Output;
use std::sync::{Arc, Mutex};

use xshell::cmd;
use xtask::release::registry::{Call, Reply, Spoil};

use crate::support::{Fixture, commit_change, shell};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn assert_refused(fixture: &Fixture, reason: &str) {
    let output = fixture.publish_command().output().unwrap();
    let error = text(&output.stderr);
    assert!(!output.status.success() && error.contains("nothing is published") && error.contains(reason), "{error}");
    let shown = dry_run(fixture);
    assert!(shown.status.success() && text(&shown.stdout).contains(reason), "{shown:?}");
    assert!(fixture.attempted().is_empty());
}

fn dry_run(fixture: &Fixture) -> Output {
    fixture.command(&["publish", "--registry", "test"]).output().unwrap()
}

#[test]
fn without_execute_nothing_is_published_or_tagged() {
    let fixture = Fixture::new();
    let output = dry_run(&fixture);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(
        said.contains("1. base 0.1.0: upload a new crate") && said.contains("2. top 0.1.0: upload a new crate"),
        "{said}"
    );
    assert!(!said.contains("home") && !said.contains("would refuse"), "{said}");
    assert!(fixture.attempted().is_empty() && !fixture.is_tagged());
}

#[test]
fn what_is_there_is_shown_as_skipped_or_as_a_stop() {
    let fixture = Fixture::new();
    assert!(fixture.publish_command().status().unwrap().success());
    assert!(text(&dry_run(&fixture).stdout).contains("2. top 0.1.0: skip"));
    commit_change(&fixture.root(), "top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    let said = text(&dry_run(&fixture).stdout);
    assert!(said.contains("2. top 0.1.0: STOP") && said.contains("the tag v0.1.0 is on"), "{said}");
}

#[test]
fn a_dirty_tree_is_refused() {
    let fixture = Fixture::new();
    std::fs::write(fixture.root().join("top/src/lib.rs"), "pub fn top() {}\n").unwrap();
    assert_refused(&fixture, "the tree is not clean");
}

#[test]
fn a_version_without_its_heading_is_refused() {
    let fixture = Fixture::new();
    commit_change(&fixture.root(), "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- Something.\n");
    assert_refused(&fixture, "CHANGELOG.md has no heading for 0.1.0");
}

#[test]
fn a_commit_after_the_bump_is_refused() {
    let fixture = Fixture::new();
    let text = "# Changelog\n\n## Unreleased\n\n- More.\n\n## 0.1.0 - 2026-11-22\n\n- Everything.\n";
    commit_change(&fixture.root(), "CHANGELOG.md", text);
    assert_refused(&fixture, "CHANGELOG.md says something under Unreleased");
}

#[test]
fn a_placeholder_for_the_repository_is_refused() {
    let fixture = Fixture::new();
    let manifest = std::fs::read_to_string(fixture.root().join("top/Cargo.toml")).unwrap();
    let repository = "[package]\nrepository = \"https://github.com/OWNER/conversation-delete\"";
    commit_change(&fixture.root(), "top/Cargo.toml", &manifest.replace("[package]", repository));
    assert_refused(&fixture, "is a placeholder");
}

#[test]
fn a_tag_elsewhere_is_refused() {
    let fixture = Fixture::new();
    let shell = shell(&fixture.root());
    cmd!(shell, "git tag v0.1.0").quiet().run().unwrap();
    commit_change(&fixture.root(), "top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    assert_refused(&fixture, "the tag v0.1.0 is on");
}

#[test]
fn the_commit_of_the_beginning_is_published_and_tagged_whatever_happens_to_the_tree() {
    let fixture = Fixture::new();
    let root = fixture.root();
    let begun = fixture.workspace().commit().unwrap();
    fixture.registry.spoil(move |call| {
        if matches!(call, Call::Upload { name, .. } if name == "base") {
            let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
            commit_change(&root, "Cargo.toml", &manifest.replace("0.1.0", "0.2.0"));
            std::fs::write(root.join("top/src/lib.rs"), "pub fn top() -> u8 { 3 }\n").unwrap();
        }
        Spoil::Nothing
    });
    let output = fixture.publish_command().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let versions: Vec<String> = fixture.registry.uploads().into_iter().map(|upload| upload.version).collect();
    assert_eq!(versions, ["0.1.0", "0.1.0"]);
    let shell = shell(&fixture.root());
    assert_eq!(cmd!(shell, "git tag --list").quiet().read().unwrap(), "v0.1.0");
    assert_eq!(cmd!(shell, "git rev-list -n1 v0.1.0").quiet().read().unwrap(), begun);
    assert_eq!(cmd!(shell, "git worktree list").quiet().read().unwrap().lines().count(), 1);
}

#[test]
fn of_two_runs_at_once_one_publishes() {
    let fixture = Fixture::new();
    let second: Arc<Mutex<Option<Output>>> = Arc::default();
    let (slot, mut command) = (Arc::clone(&second), fixture.publish_command());
    fixture.registry.spoil(move |call| {
        if matches!(call, Call::Upload { name, .. } if name == "base") {
            *slot.lock().unwrap() = Some(command.output().unwrap());
        }
        Spoil::Nothing
    });
    assert!(fixture.publish_command().status().unwrap().success());
    let second = second.lock().unwrap().take().unwrap();
    assert!(!second.status.success() && text(&second.stderr).contains("is in progress"), "{second:?}");
    assert_eq!(fixture.attempted(), ["base", "top"]);
}

#[test]
fn what_is_tagged_is_compared_and_never_uploaded() {
    let fixture = Fixture::new();
    assert!(fixture.publish_command().status().unwrap().success());
    fixture.registry.spoil(|call| match call {
        Call::Index { name, .. } if name == "top" => Spoil::Reply(Reply::new(404, "hidden")),
        _ => Spoil::Nothing,
    });
    let output = fixture.publish_command().output().unwrap();
    assert!(!output.status.success() && text(&output.stderr).contains("top 0.1.0 is not in the index"), "{output:?}");
    assert_eq!(fixture.attempted(), ["base", "top"]);
}

#[test]
fn a_tag_that_cannot_be_made_is_made_by_the_next_run() {
    let fixture = Fixture::new();
    let mut nameless = fixture.publish_command();
    nameless.env("GIT_COMMITTER_NAME", "").env("GIT_AUTHOR_NAME", "");
    let output = nameless.output().unwrap();
    let error = text(&output.stderr);
    assert!(!output.status.success() && error.contains("everything is published, but the tag v0.1.0"), "{error}");
    let shell = shell(&fixture.root());
    assert_eq!(cmd!(shell, "git worktree list").quiet().read().unwrap().lines().count(), 1, "the checkout is removed");
    assert!(fixture.publish_command().status().unwrap().success() && fixture.is_tagged());
    assert_eq!(fixture.attempted(), ["base", "top"]);
}
