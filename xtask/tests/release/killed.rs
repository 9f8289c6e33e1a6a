//! `cargo xtask release publish --execute` is killed at every call to the registry, and run again.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process_group};
use xtask::release::registry::{Call, Fault};

use crate::support::{Fixture, not_yet, text_of};

/// Runs until this call to the registry, the first being 0, and kills the run there; the registry still does its last
/// act. Returns the call, or `None` if the run ended before.
fn run_and_kill_at(fixture: &Fixture, fatal_call: usize, last_act: Fault) -> Option<Call> {
    let group: Arc<Mutex<Option<Pid>>> = Arc::default();
    let fatal: Arc<Mutex<Option<Call>>> = Arc::default();
    let (known_group, heard, mut number) = (Arc::clone(&group), Arc::clone(&fatal), 0);
    fixture.registry.inject(move |call| {
        number += 1;
        if number <= fatal_call {
            return None;
        }
        // Calls of a run that is dead already get no response.
        let Some(group) = known_group.lock().unwrap().take() else { return Some(Fault::Drop) };
        *heard.lock().unwrap() = Some(call.clone());
        kill_process_group(group, Signal::KILL).unwrap();
        Some(last_act.clone())
    });
    // A call that comes at once waits until the group is known.
    let mut unknown_group = group.lock().unwrap();
    let mut command = fixture.publish_command();
    let mut child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    *unknown_group = Some(Pid::from_child(&child));
    drop(unknown_group);
    let is_success = child.wait().unwrap().success();
    let fatal = fatal.lock().unwrap().take();
    assert_eq!(is_success, fatal.is_none());
    fatal
}

fn assert_next_run_releases(fixture: &Fixture) {
    fixture.registry.inject(|_| None);
    text_of(&fixture.publish_command().output().unwrap(), true);
    assert_eq!(fixture.uploaded(), ["base", "top"]);
    assert_eq!(fixture.git("rev-list -n1 v0.1.0"), fixture.git("rev-parse HEAD"));
}

#[test]
fn a_run_that_is_killed_at_any_call_continues_and_each_version_is_stored_once() {
    let Some(_) = Fixture::if_wanted() else { return };
    let mut calls = Vec::new();
    loop {
        let fixture = Fixture::new();
        let Some(call) = run_and_kill_at(&fixture, calls.len(), Fault::ApplyThenDrop) else {
            assert_eq!(fixture.uploaded(), ["base", "top"]);
            break;
        };
        let is_tagged = !fixture.git("tag --list v0.1.0").is_empty();
        assert!(!is_tagged || fixture.uploaded() == ["base", "top"], "tagged before all was there: {call:?}");
        assert_next_run_releases(&fixture);
        calls.push(call);
    }
    let uploads: Vec<usize> = (0..calls.len()).filter(|&at| matches!(calls[at], Call::Upload(_))).collect();
    assert_eq!(uploads.len(), 2, "{calls:?}");
    // Once more where the registry dies with the run, before it has stored anything. And once with an index that does
    // not show yet what a killed run sent: the registry refuses the second upload.
    for at in uploads {
        let fixture = Fixture::new();
        assert_eq!(run_and_kill_at(&fixture, at, Fault::Drop), Some(calls[at].clone()));
        assert_next_run_releases(&fixture);

        let fixture = Fixture::new();
        assert_eq!(run_and_kill_at(&fixture, at, Fault::ApplyThenDrop), Some(calls[at].clone()));
        let mut hidden = 3;
        fixture.registry.inject(move |call| match call {
            Call::Index(_) | Call::Lookup(_) if hidden > 0 => {
                hidden -= 1;
                Some(not_yet())
            }
            _ => None,
        });
        fixture.publish().unwrap();
        assert_eq!(fixture.uploaded(), ["base", "top"]);
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_its_end() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let mut runs = 0;
    while run_and_kill_at(&fixture, runs, Fault::ApplyThenDrop).is_some() {
        runs += 1;
    }
    assert!(runs > 1);
    assert_next_run_releases(&fixture);
}
