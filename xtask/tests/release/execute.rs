//! `cargo xtask release publish`: what it shows, when it refuses, and its tag.

use std::process::Stdio;

use crate::support::{Fixture, is_index_of, not_yet, text_of};

fn dry_run(fixture: &Fixture) -> String {
    text_of(&fixture.command(&["publish", "--registry", "test"]).output().unwrap(), true)
}

fn execute(fixture: &Fixture, is_success: bool) -> String {
    text_of(&fixture.publish_command().output().unwrap(), is_success)
}

#[track_caller]
fn assert_refused(fixture: &Fixture, reasons: &[&str]) {
    let (attempts, error, shown) = (fixture.attempts(), execute(fixture, false), dry_run(fixture));
    assert!(error.contains("nothing is published"), "{error}");
    for reason in reasons {
        assert!(error.contains(reason) && shown.contains(reason), "{reason}: {error}\n{shown}");
    }
    assert_eq!(fixture.attempts(), attempts);
}

#[test]
fn without_execute_nothing_is_published_or_tagged() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let shown = dry_run(&fixture);
    assert!(
        shown.contains("1. base 0.1.0: upload a new crate") && shown.contains("2. top 0.1.0: upload a new"),
        "{shown}"
    );
    assert!(!shown.contains("home") && !shown.contains("would refuse"), "{shown}");
    assert!(fixture.attempts().is_empty() && fixture.git("tag --list").is_empty());

    execute(&fixture, true);
    assert!(dry_run(&fixture).contains("2. top 0.1.0: skip"));
    fixture.commit("top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    assert!(dry_run(&fixture).contains("2. top 0.1.0: STOP"));
    assert_refused(
        &fixture,
        &["base 0.1.0 is published with other", "top 0.1.0 is published with other", "the tag v0.1.0 is on"],
    );
}

#[test]
fn a_commit_that_is_not_that_of_a_bump_is_refused() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.write("top/src/lib.rs", "pub fn top() {}\n");
    assert_refused(&fixture, &["the tree is not clean"]);
    fixture.commit("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- Something.\n");
    assert_refused(&fixture, &["CHANGELOG.md has no section for 0.1.0", "CHANGELOG.md has changes under Unreleased"]);
    let manifest = std::fs::read_to_string(fixture.root().join("top/Cargo.toml")).unwrap();
    let repository = "[package]\nrepository = \"https://github.com/OWNER/conversation-delete\"";
    fixture.commit("top/Cargo.toml", &manifest.replace("[package]", repository));
    assert_refused(&fixture, &["is a placeholder"]);
}

#[test]
fn changes_that_git_hides_are_refused() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.git("config status.showUntrackedFiles no");
    fixture.write("top/src/extra.rs", "pub fn draft() {}\n");
    assert_refused(&fixture, &["the tree is not clean", "?? top/src/extra.rs"]);
    fixture.commit(".gitignore", "extra.rs\n");
    assert_refused(&fixture, &["the tree is not clean", "!! top/src/extra.rs"]);
    std::fs::remove_file(fixture.root().join("top/src/extra.rs")).unwrap();
    for hidden in ["assume-unchanged", "skip-worktree"] {
        fixture.git(&format!("update-index --{hidden} top/src/lib.rs"));
        fixture.write("top/src/lib.rs", "pub fn top() {}\n");
        assert_refused(&fixture, &["the tree is not clean", "top/src/lib.rs: may differ"]);
        fixture.git(&format!("update-index --no-{hidden} top/src/lib.rs"));
    }
    assert!(fixture.attempts().is_empty());
}

#[test]
fn an_advisory_is_refused() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.install_deny("echo $* > asked; exit 1");
    let error = execute(&fixture, false);
    assert!(error.contains("cargo deny") && error.contains("cargo install --locked cargo-deny"), "{error}");
    assert_eq!(std::fs::read_to_string(fixture.root().join("asked")).unwrap(), "deny --locked check advisories\n");
    assert!(fixture.attempts().is_empty());
}

#[test]
fn names_of_somebody_else_are_found_before_the_first_upload() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    for (name, version) in [("base", "0.0.9"), ("top", "2.0.0"), ("top", "2.0.1")] {
        let entry = serde_json::json!({ "name": name, "vers": version, "deps": [], "features": {}, "cksum": "00" });
        fixture.registry.add(entry, Vec::new());
    }
    assert_refused(
        &fixture,
        &["the registry has base 0.0.9, and no tag", "the registry has top 2.0.0, 2.0.1, and no tag"],
    );
    fixture.git("tag v2.0.0");
    assert!(!execute(&fixture, false).contains("the registry has top"));
    fixture.git("tag v0.0.9");
    execute(&fixture, true);
}

#[test]
fn a_new_crate_is_not_ours_because_another_has_its_version() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.git("rm --quiet -r --cached top");
    fixture.git("commit --quiet --message Before");
    fixture.git("tag v0.0.9");
    fixture.git("add --all");
    fixture.git("commit --quiet --message Top");
    for name in ["base", "top"] {
        let entry = serde_json::json!({ "name": name, "vers": "0.0.9", "deps": [], "features": {}, "cksum": "00" });
        fixture.registry.add(entry, Vec::new());
    }
    assert_refused(&fixture, &["the registry has top 0.0.9, and no tag"]);
    assert!(!execute(&fixture, false).contains("the registry has base"));
}

#[test]
fn what_is_tagged_is_compared_and_never_uploaded() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    execute(&fixture, true);
    fixture.registry.inject(|call| is_index_of(call, "top").then(not_yet));
    assert!(execute(&fixture, false).contains("top 0.1.0 is not in the index"));
    assert_eq!(fixture.attempts(), ["base", "top"]);
}

#[test]
fn a_tag_that_cannot_be_made_is_made_by_the_next_run() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let mut nameless = fixture.publish_command();
    nameless.env("GIT_COMMITTER_NAME", "").env("GIT_AUTHOR_NAME", "");
    assert!(text_of(&nameless.output().unwrap(), false).contains("everything is published, but the tag v0.1.0"));
    execute(&fixture, true);
    assert_eq!(fixture.git("tag --list"), "v0.1.0");
    assert_eq!(fixture.attempts(), ["base", "top"]);
}

#[test]
fn two_runs_at_once_store_each_version_once() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let runs = [0, 1].map(|_| fixture.publish_command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let outputs = runs.map(|run| run.wait_with_output().unwrap());
    for output in outputs.iter().filter(|output| !output.status.success()) {
        assert!(text_of(output, false).contains("everything is published, but the tag v0.1.0"), "{output:?}");
    }
    assert!(outputs.iter().any(|output| output.status.success()), "{outputs:?}");
    assert_eq!(fixture.uploaded(), ["base", "top"]);
    assert_eq!(fixture.git("rev-list -n1 v0.1.0"), fixture.git("rev-parse HEAD"));
}
