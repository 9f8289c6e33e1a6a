//! `cargo xtask release publish --execute` is killed at every call to the registry, and run again.

use std::os::unix::process::CommandExt;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};

use crate::support::{Fixture, shell};
use rustix::process::{Pid, Signal, kill_process_group};
use xshell::cmd;
use xtask::release::registry::{Call, Reply, Spoil};

fn run_to_the_end(fixture: &Fixture) -> Output {
    fixture.registry.spoil(|_| Spoil::Nothing);
    fixture.publish_command().output().unwrap()
}

/// Runs until the registry hears this call, the first being 0, and kills the run there, with the last act of the registry
/// still to come. Gives the call; none where the run came to its end before.
fn run_and_kill_at(fixture: &Fixture, fatal_call: usize, last_act: Spoil) -> Option<Call> {
    let mut number = 0;
    run_and_kill_when(fixture, last_act, move |_| {
        number += 1;
        (number <= fatal_call).then_some(Spoil::Nothing)
    })
}

/// The same at the first call for which `survived` has nothing to happen to it.
fn run_and_kill_when(
    fixture: &Fixture,
    last_act: Spoil,
    mut survived: impl FnMut(&Call) -> Option<Spoil> + Send + 'static,
) -> Option<Call> {
    let group: Arc<Mutex<Option<Pid>>> = Arc::default();
    let fatal: Arc<Mutex<Option<Call>>> = Arc::default();
    let (known_group, heard) = (Arc::clone(&group), Arc::clone(&fatal));
    fixture.registry.spoil(move |call| {
        if let Some(spoil) = survived(call) {
            return spoil;
        }
        // Calls of a run that is dead already hear nothing.
        let Some(group) = known_group.lock().unwrap().take() else { return Spoil::Drop };
        *heard.lock().unwrap() = Some(call.clone());
        kill_process_group(group, Signal::KILL).unwrap();
        last_act.clone()
    });
    // A call that comes at once waits until the group is known.
    let mut unknown_group = group.lock().unwrap();
    let mut command = fixture.publish_command();
    let mut child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    *unknown_group = Some(Pid::from_child(&child));
    drop(unknown_group);
    let ended_well = child.wait().unwrap().success();
    let fatal = fatal.lock().unwrap().take();
    assert_eq!(ended_well, fatal.is_none());
    fatal
}

fn assert_released(fixture: &Fixture, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(fixture.uploaded(), ["base", "top"]);
    let shell = shell(&fixture.root());
    let tagged = cmd!(shell, "git rev-list -n1 v0.1.0").quiet().read().unwrap();
    assert_eq!(tagged, cmd!(shell, "git rev-parse HEAD").quiet().read().unwrap());
    assert!(!fixture.state_file().exists());
}

#[test]
fn a_run_that_is_killed_at_any_call_goes_on_and_uploads_each_version_once() {
    let mut calls = Vec::new();
    loop {
        let fixture = Fixture::new();
        let Some(call) = run_and_kill_at(&fixture, calls.len(), Spoil::DoThenDrop) else {
            assert_eq!(fixture.uploaded(), ["base", "top"]);
            break;
        };
        assert!(!fixture.is_tagged() || fixture.uploaded() == ["base", "top"], "tagged before all was there: {call:?}");
        assert_released(&fixture, &run_to_the_end(&fixture));
        calls.push(call);
    }
    let uploads: Vec<usize> = (0..calls.len()).filter(|&at| matches!(calls[at], Call::Upload { .. })).collect();
    assert_eq!(uploads.len(), 2, "{calls:?}");
    // The same once more where the registry dies with the run, before it has stored anything.
    for at in uploads {
        let fixture = Fixture::new();
        assert_eq!(run_and_kill_at(&fixture, at, Spoil::Drop), Some(calls[at].clone()));
        assert_released(&fixture, &run_to_the_end(&fixture));
    }
}

#[test]
fn what_a_killed_run_sent_is_looked_for_before_it_is_sent_again() {
    let fixture = Fixture::new();
    let mut at = 0;
    // The first upload, wherever among the calls it comes.
    while !matches!(run_and_kill_at(&fixture, at, Spoil::DoThenDrop), Some(Call::Upload { .. })) {
        assert!(fixture.attempted().is_empty());
        at += 1;
    }
    let mut hidden = 3;
    fixture.registry.spoil(move |call| match call {
        Call::Index { name, .. } if name == "base" && hidden > 0 => {
            hidden -= 1;
            Spoil::Reply(Reply::new(404, "not yet"))
        }
        _ => Spoil::Nothing,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.attempted(), ["base", "top"]);
}

#[test]
fn what_the_registry_took_is_known_although_the_run_is_killed_while_cargo_waits_for_the_index() {
    let fixture = Fixture::new();
    let (file, mut taken) = (fixture.state_file(), false);
    run_and_kill_when(&fixture, Spoil::Drop, move |call| match call {
        Call::Upload { .. } => {
            taken = true;
            Some(Spoil::Nothing)
        }
        // Cargo says that the upload was taken, and asks the index until it shows the crate.
        Call::Index { by_cargo: true, .. } if taken => {
            let is_known = std::fs::read_to_string(&file).unwrap().contains("accepted");
            (!is_known).then(|| Spoil::Reply(Reply::new(404, "not yet")))
        }
        _ => Some(Spoil::Nothing),
    });
    fixture.registry.spoil(|call| match call {
        Call::Index { name, .. } if name == "base" => Spoil::Reply(Reply::new(404, "not yet")),
        _ => Spoil::Nothing,
    });
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("the registry says that it has base 0.1.0"), "{error}");
    assert_eq!(fixture.attempted(), ["base"]);
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_its_end() {
    let fixture = Fixture::new();
    let mut runs = 0;
    while run_and_kill_at(&fixture, runs, Spoil::DoThenDrop).is_some() {
        runs += 1;
    }
    assert!(runs > 1);
    assert_released(&fixture, &run_to_the_end(&fixture));
}

#[test]
fn what_is_killed_before_the_tag_or_before_the_state_is_removed_goes_on_too() {
    let fixture = Fixture::new();
    let mut state = None;
    let file = fixture.state_file();
    // The state as it is when the last crate was uploaded and the index shows it.
    let kept: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
    let keep = Arc::clone(&kept);
    fixture.registry.spoil(move |call| {
        if matches!(call, Call::Index { name, by_cargo: false } if name == "top") {
            state = std::fs::read(&file).ok().or(state.take());
            *keep.lock().unwrap() = state.clone();
        }
        Spoil::Nothing
    });
    assert_released(&fixture, &fixture.publish_command().output().unwrap());

    std::fs::write(fixture.state_file(), kept.lock().unwrap().take().unwrap()).unwrap();
    let shell = shell(&fixture.root());
    cmd!(shell, "git tag --delete v0.1.0").quiet().ignore_stdout().run().unwrap();
    assert_released(&fixture, &run_to_the_end(&fixture));
    assert_released(&fixture, &run_to_the_end(&fixture));
}
