//! What a plan prints for a registry on loopback, whatever state that is in.

use std::process::{Command, Output, Stdio};

use crate::support::{Fixture, commit_change};
use xtask::release::registry::{Call, Reply, Spoil};

fn plan_command(fixture: &Fixture) -> Command {
    fixture.command(&["plan", "--registry", "test"])
}

fn plan(fixture: &Fixture) -> String {
    let Output { status, stdout, stderr } = plan_command(fixture).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[track_caller]
fn assert_says(plan: &str, parts: &[&str]) {
    for part in parts {
        assert!(plan.contains(part), "{part:?} in {plan}");
    }
}

#[test]
fn new_crates_stand_in_order_with_the_changelog_and_the_next_step() {
    let fixture = Fixture::new();
    assert_says(
        &plan(&fixture),
        &[
            "Release 0.1.0 to the registry test\n\n  1. base 0.1.0: new crate\n  2. top 0.1.0: new crate\n\n",
            "Time: 2 new crates and 0 new versions wait 0 min in all",
            "CHANGELOG.md for 0.1.0:\n\n### Added\n\n- Everything.",
            "This commit can be released: next `cargo xtask release check`.",
        ],
    );
}

#[test]
fn a_new_version_one_that_is_there_and_one_that_was_yanked_are_told_apart() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    fixture.registry.yank("top");
    let there = "  1. base 0.1.0: already in the index; `publish` compares checksums\n";
    let yanked = "  2. top 0.1.0: in the index, but yanked: `publish` would refuse\n";
    assert_says(&plan(&fixture), &[there, yanked, "0 new crates and 0 new versions"]);

    fixture.set_version("0.2.0");
    let plan = plan(&fixture);
    assert_says(&plan, &["  1. base 0.2.0: new version\n  2. top 0.2.0: new version\n"]);
    assert_says(&plan, &["0 new crates and 2 new versions", "CHANGELOG.md says nothing of 0.2.0"]);
    assert_says(&plan, &["This commit cannot be released yet:\n- CHANGELOG.md has no heading for 0.2.0"]);
}

#[test]
fn an_index_that_does_not_answer_is_asked_once_and_the_plan_goes_on() {
    let fixture = Fixture::new();
    let (sender, asked) = std::sync::mpsc::channel();
    fixture.registry.spoil(move |call| match call {
        Call::Index { name, .. } => {
            sender.send(name.clone()).unwrap();
            Spoil::Reply(Reply::new(503, "down"))
        }
        _ => Spoil::Nothing,
    });
    let plan = plan(&fixture);
    assert_says(
        &plan,
        &["  1. base 0.1.0: not known\n  2. top 0.1.0: not known\n\nWhat is not known is reckoned as new: "],
    );
    assert_says(&plan, &["status 503", "Time: 2 new crates", "This commit can be released"]);
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), ["base"]);
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let fixture = Fixture::new();
    commit_change(&fixture.root(), "CHANGELOG.md", &format!("## 0.1.0 - 2026-11-22\n\n{}", "- Much.\n".repeat(50_000)));
    let mut child = plan_command(&fixture).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
