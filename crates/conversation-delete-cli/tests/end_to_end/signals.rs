//! Signals at any moment of the program's life.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RetryAfter, Role, Route, Vendor};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::interrupt::{await_notice, begin, hold_one_request, send};
use crate::job::Stage;
use crate::job_stop::await_deletes;
use crate::support::{Run, World, spawn};

fn ends_soon(child: Child) -> Run {
    let begun = Instant::now();
    let run = Run::of(child.wait_with_output().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}: {run:?}", begun.elapsed());
    run
}

/// A fake that wants to be left alone for longer than anybody waits here, after a response with this status.
fn refusing_world(status: u16) -> World {
    let world = World::new(Vendor::Tavus);
    let fault = match status {
        429 => Fault::throttle(Some(RetryAfter::Seconds(25))),
        status => Fault::reply(status).with_header("retry-after", "25"),
    };
    world.fake.fault(fault.on(Route::Delete));
    world
}

#[test]
fn a_back_off_ends_at_once_and_nothing_more_is_sent() {
    // A 503 leaves unknown whether the record was deleted; a 429 does not.
    for (status, outcome) in [(429, "not_attempted"), (503, "failed")] {
        for signal in [Signal::INT, Signal::TERM] {
            let world = refusing_world(status);
            let ids = world.fake.seed(2);
            let mut command = world.command(Role::Full);
            command.args(["delete", "tavus", "--hard", "--yes", "--allow-live", "--output", "json"]).args(&ids);
            let mut child = spawn(&mut command);
            let mut stderr = BufReader::new(child.stderr.take().unwrap());
            await_notice(&mut stderr, "waits until");
            send(&child, signal);
            await_notice(&mut stderr, "interrupted: sending no more; nothing is in flight");
            let run = ends_soon(child);
            assert_eq!((run.code, world.deletes().len()), (Some(4), 1), "{status}: {run:?}");
            assert_eq!(
                run.outcomes(),
                [(ids[0].clone(), outcome.to_owned()), (ids[1].clone(), "not_attempted".to_owned())]
            );
            let first = &run.lines()[0];
            assert_eq!(first["attempts"], 1, "{run:?}");
            if status == 503 {
                let error = &first["error"];
                assert_eq!((&error["kind"], &error["delivery"]), (&"interrupted".into(), &"maybe_delivered".into()));
            }
        }
    }
}

#[test]
fn a_back_off_of_a_job_ends_at_once_and_nothing_more_is_sent() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(3);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage.world().fake.fault(Fault::throttle(Some(RetryAfter::Seconds(25))).on(Route::Delete));
    let child = spawn(&mut stage.run_command(3, &[]));
    await_deletes(&stage, 1);
    send(&child, Signal::TERM);
    let run = ends_soon(child);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(4), 1), "{run:?}");
}

#[test]
fn signals_that_come_together_are_one_wish_and_terminations_never_are_two() {
    let (int, term) = (Signal::INT, Signal::TERM);
    for signals in [vec![term, term], vec![int, int], vec![term, int, term], vec![int, term, int, int]] {
        let held = hold_one_request();
        let (child, mut stderr) = begin(&held);
        signals.iter().for_each(|signal| send(&child, *signal));
        await_notice(&mut stderr, "interrupted: sending no more, waiting for 1 request in flight");
        held.answer.send(()).unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        let outcomes: Vec<_> = run.outcomes().into_iter().map(|(_, outcome)| outcome).collect();
        assert_eq!((run.code, outcomes[0].as_str()), (Some(4), "deleted"), "{signals:?}: {run:?}");
    }
    let held = hold_one_request();
    let (child, mut stderr) = begin(&held);
    send(&child, term);
    await_notice(&mut stderr, "interrupted: sending no more, waiting for 1 request in flight");
    // Later than a second, an interrupt would not be the same wish.
    thread::sleep(Duration::from_millis(1_100));
    send(&child, term);
    held.answer.send(()).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.outcomes()[0].1, "deleted", "{run:?}");
}

/// Waits until the program has installed its handlers.
#[cfg(target_os = "linux")]
fn await_handlers(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    let end = Instant::now() + Duration::from_secs(30);
    let has_handlers = || {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
        let mask = 1 << (Signal::INT.as_raw() - 1) | 1 << (Signal::TERM.as_raw() - 1);
        u64::from_str_radix(caught.trim(), 16).is_ok_and(|caught| caught & mask == mask)
    };
    while !has_handlers() {
        assert!(Instant::now() < end, "no handlers");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_while_ids_are_read_ends_the_program_at_once() {
    for signal in [Signal::INT, Signal::TERM] {
        for args in [
            &["delete", "tavus", "--hard", "--yes", "--ids-from", "-"][..],
            &["plan", "tavus", "--hard", "--out", "job", "--ids-from", "-"],
            &["verify", "tavus", "--ids-from", "-"],
        ] {
            let world = World::new(Vendor::Tavus);
            let mut child = spawn(world.command(Role::Full).args(args));
            // It is never closed.
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(b"c1\n").unwrap();
            await_handlers(&child);
            send(&child, signal);
            let run = ends_soon(child);
            drop(stdin);
            assert_eq!(run.code, Some(4), "{args:?}: {run:?}");
            assert_eq!(run.stderr, "interrupted: nothing was sent\n", "{args:?}");
            assert_eq!(world.fake.stats().requests, 0);
            assert!(std::fs::read_dir(world.folder.path()).unwrap().next().is_none(), "no file is left");
        }
    }
}

#[test]
fn a_signal_at_the_question_ends_the_program_at_once() {
    for signal in [Signal::INT, Signal::TERM] {
        let stage = Stage::new(&[Vendor::Tavus]);
        let ids = stage.world().fake.seed(1);
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        let before = stage.requests();
        for args in [&["delete", "tavus", "--hard", &ids[0]][..], &["run", "job"]] {
            let (_master, terminal) = terminal();
            let mut command = stage.command_as(Role::Full, args);
            command.stdin(terminal).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut asked = String::new();
            let mut stderr = child.stderr.take().unwrap();
            let mut byte = [0];
            while !asked.ends_with("to go on: ") {
                assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{asked}");
                asked.push(byte[0].into());
            }
            send(&child, signal);
            let run = ends_soon(child);
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            assert_eq!((run.code, stage.requests()), (Some(4), before), "{args:?}: {run:?}");
            assert!(said.contains("interrupted: nothing was sent"), "{said}");
        }
    }
}

/// A terminal of the test's own, with its other end.
pub(crate) fn terminal() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (File::from(master), terminal)
}

#[test]
fn a_limit_of_file_sizes_is_an_error_and_no_signal() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(1_200);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    let limited = |command: &Command| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", r#"ulimit -f 200 && exec "$@""#, "sh"]).arg(command.get_program()).args(command.get_args());
        let envs = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        shell.env_clear().envs(envs).current_dir(command.get_current_dir().unwrap());
        shell
    };
    let run = stage.world().run(&mut limited(&stage.run_command(1_200, &[])), "");
    assert_eq!(run.code, Some(4), "{run:?}");
    let run = stage.run(1_200, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn no_core_can_be_dumped_while_keys_are_in_memory() {
    let held = hold_one_request();
    let (child, _stderr) = begin(&held);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    drop(child);
}

#[test]
fn a_stop_by_the_deadline_is_reported_as_what_it_is() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(2);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage.world().fake.fault(Fault::delay(Duration::from_secs(2)).on(Route::Delete));
    let run = stage.run(2, &["--deadline", "1s"]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("stopped: --deadline reached"), "{run:?}");
    assert!(!run.stderr.contains("wait 0s"), "{run:?}");
    stage.world().fake.clear_faults();
    let run = stage.run(2, &["--deadline", "14h"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn a_wait_for_lookups_that_nobody_asked_for_is_refused() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(1);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let run = stage.run(1, &["--wait", "1s"]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(2), 0), "{run:?}");
    for args in [&["--wait", "0", "--verify"][..], &["--wait", "0", "--recheck-after", "1ms"]] {
        assert_ne!(stage.run(1, args).code, Some(2), "{args:?}");
    }
}

#[test]
fn the_first_line_of_the_log_is_about_a_request_that_was_sent() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = world.delete(["--hard", "-v", "--dry-run", &ids[0]]);
    assert!(!run.stderr.contains("request"), "nothing was sent: {run:?}");
    let (mut master, terminal) = terminal();
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "-v", &ids[0]]).stdin(terminal);
    master.write_all(b"no\n").unwrap();
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(!run.stderr.contains("request ended"), "nothing was sent: {run:?}");
    let mut command = world.command(Role::Full);
    command.env("TAVUS_BASE_URL", "http://127.0.0.1:9").args(["check", "tavus", "-v"]);
    let lines: Vec<String> = BufReader::new(&*command.output().unwrap().stderr).lines().map(Result::unwrap).collect();
    assert!(lines.iter().any(|line| line.contains("request was not sent")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("request ended")), "{lines:?}");
}
