//! Readers of stdout and stderr that are slow, or stand still: they hold up no request, and no end.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Role, Vendor};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pipe::pipe;
use rustix::process::{Pid, Signal, kill_process};

use crate::job::Stage;
use crate::signals::terminal;
use crate::support::{Run, World};

/// What fills a pipe before the program writes to it.
const FILLING: u8 = 0;

/// A pipe that takes no more. `OFlags::NONBLOCK` leaves its writing end in non-blocking mode.
fn full_pipe(mode: OFlags) -> (File, OwnedFd) {
    let (reader, writer) = pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    while rustix::io::write(&writer, &[FILLING; 512]).is_ok() {}
    while rustix::io::write(&writer, &[FILLING]).is_ok() {}
    fcntl_setfl(&writer, flags | mode).unwrap();
    (File::from(reader), writer)
}

/// All that the program wrote to such a pipe.
fn read_on(mut reader: File) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        bytes.retain(|byte| *byte != FILLING);
        String::from_utf8(bytes).unwrap()
    })
}

/// Waits until something is so; it must be soon.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn wait_for_end(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_until("the program ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

/// `delete` of so many records by their ids; with more than 100 it is a job.
fn delete(world: &World, ids: &[String], args: &[&str]) -> Command {
    let list = world.folder.path().join("ids.txt");
    std::fs::write(&list, ids.join("\n")).unwrap();
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--output", "json", "--ids-from"]).arg(list).args(args);
    command.stdin(Stdio::null());
    command
}

/// Waits until the fake has seen a delete of each record.
fn await_all_deletes(world: &World, count: usize) {
    wait_until("each record is deleted although nobody reads", || world.deletes().len() >= count);
}

/// Each record was sent once, and is reported once as deleted.
#[track_caller]
fn all_are_reported(world: &World, ids: &[String], lines: &str) {
    let run = Run { code: None, stdout: lines.to_owned(), stderr: String::new() };
    let reported: BTreeSet<_> = run.outcomes().into_iter().collect();
    assert_eq!(reported, ids.iter().map(|id| (id.clone(), "deleted".to_owned())).collect(), "{lines}");
    let deletes = world.deletes();
    assert_eq!(
        (deletes.len(), deletes.iter().collect::<BTreeSet<_>>().len()),
        (ids.len(), ids.len()),
        "sent once each"
    );
    run.has_summary(&[("deleted", ids.len() as u64)]);
}

#[test]
fn a_reader_of_stdout_that_stands_still_holds_up_no_request() {
    for count in [60, 150] {
        for mode in [OFlags::empty(), OFlags::NONBLOCK] {
            let world = World::new(Vendor::Tavus);
            let ids = world.fake.seed(count);
            let (reader, stdout) = full_pipe(mode);
            let mut command = delete(&world, &ids, &["-v"]);
            let mut child = command.stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
            // It holds the pipe, too.
            drop(command);
            await_all_deletes(&world, count);
            let lines = read_on(reader);
            let status = wait_for_end(&mut child);
            all_are_reported(&world, &ids, &lines.join().unwrap());
            assert_eq!(status.code(), Some(0), "{count} {mode:?}");
        }
    }
}

#[test]
fn a_reader_of_stderr_that_stands_still_holds_up_neither_a_request_nor_the_end() {
    for count in [60, 150] {
        for mode in [OFlags::empty(), OFlags::NONBLOCK] {
            let world = World::new(Vendor::Tavus);
            let ids = world.fake.seed(count);
            let (_reader, stderr) = full_pipe(mode);
            let mut command = delete(&world, &ids, &["-v"]);
            let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
            drop(command);
            let mut lines = String::new();
            child.stdout.take().unwrap().read_to_string(&mut lines).unwrap();
            all_are_reported(&world, &ids, &lines);
            assert_eq!(wait_for_end(&mut child).code(), Some(0), "{count} {mode:?}");
        }
    }
}

/// A terminal that takes no more, as after ^S, with its other end.
fn stopped_terminal() -> (File, File) {
    let (master, terminal) = terminal();
    let flags = fcntl_getfl(&terminal).unwrap();
    fcntl_setfl(&terminal, flags | OFlags::NONBLOCK).unwrap();
    while rustix::io::write(&terminal, &[b'x'; 64]).is_ok() {}
    fcntl_setfl(&terminal, flags).unwrap();
    (master, terminal)
}

#[test]
fn a_terminal_that_is_stopped_holds_up_neither_a_request_nor_the_end() {
    for count in [60, 150] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        let (_master, stderr) = stopped_terminal();
        let mut command = delete(&world, &ids, &[]);
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        drop(command);
        let mut lines = String::new();
        child.stdout.take().unwrap().read_to_string(&mut lines).unwrap();
        all_are_reported(&world, &ids, &lines);
        assert_eq!(wait_for_end(&mut child).code(), Some(0), "{count}");
    }
}

#[test]
fn a_signal_ends_the_program_although_nobody_reads_and_nothing_is_lost() {
    for count in [60, 150] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        let job = world.folder.path().join("job");
        let (_reader, stdout) = full_pipe(OFlags::empty());
        let args: &[&str] = if count > 100 { &["--job", "job"] } else { &[] };
        let mut command = delete(&world, &ids, args);
        let mut child = command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
        drop(command);
        let stderr = read_on(File::from(OwnedFd::from(child.stderr.take().unwrap())));
        await_all_deletes(&world, count);
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let status = wait_for_end(&mut child);
        let stderr = stderr.join().unwrap();
        assert_eq!(status.code(), Some(4), "{count}: {stderr}");
        let reported: String = if count > 100 {
            let mut export = world.command(Role::Full);
            let export = export.args(["export", "--output", "json"]).arg(&job).output().unwrap();
            String::from_utf8(export.stdout).unwrap()
        } else {
            stderr.clone()
        };
        for id in &ids {
            let is_reported = |line: &str| line.contains(id.as_str()) && line.contains("\"outcome\":\"deleted\"");
            assert!(reported.lines().any(is_reported), "{id} in {reported}");
        }
        assert!(stderr.contains("stdout cannot be written to"), "{stderr}");
        assert_eq!(world.deletes().len(), count, "sent once each");
    }
}

#[test]
fn a_signal_ends_the_program_although_nobody_reads_either_stream() {
    for count in [60, 150] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        let ((_out, stdout), (_err, stderr)) = (full_pipe(OFlags::empty()), full_pipe(OFlags::empty()));
        let mut command = delete(&world, &ids, &["-v"]);
        let mut child = command.stdout(stdout).stderr(stderr).spawn().unwrap();
        drop(command);
        await_all_deletes(&world, count);
        let begun = Instant::now();
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert_eq!(wait_for_end(&mut child).code(), Some(4), "{count}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_summary_that_nobody_reads_does_not_keep_a_job_from_ending() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let (_reader, stdout) = full_pipe(OFlags::empty());
    let mut command = stage.run_command(5, &[]);
    let mut child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
    drop(command);
    await_all_deletes(stage.world(), 5);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(wait_for_end(&mut child).code(), Some(4));
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert!(status.stdout.contains("\"deleted\":5"), "{status:?}");
}

#[test]
fn no_command_takes_a_stream_in_non_blocking_mode_for_a_closed_one() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(20);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    for args in [
        &["completions", "zsh"][..],
        &["check", "tavus"],
        &["list", "tavus", "--output", "json"],
        &["verify", "tavus", "--wait", "0", "--ids-from", &file],
        &["delete", "tavus", "--hard", "--dry-run", "--ids-from", &file],
        &["status", "job"],
        &["export", "job", "--output", "csv"],
    ] {
        let mut command = stage.command_as(Role::Full, args);
        let expected = command.output().unwrap();
        let (reader, stdout) = full_pipe(OFlags::NONBLOCK);
        let mut child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
        drop(command);
        let read = read_on(reader);
        let status = wait_for_end(&mut child);
        assert_eq!(
            (status.code(), read.join().unwrap().len()),
            (expected.status.code(), expected.stdout.len()),
            "{args:?}"
        );
    }
}
