//! Ctrl-C, and a reader who goes away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStderr};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use conversation_delete_fake::{Role, Vendor};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Run, World, program, spawn};

/// A server that takes one request and answers when a test lets it.
pub(crate) struct Held {
    origin: String,
    arrived: Receiver<()>,
    pub(crate) answer: Sender<()>,
}

pub(crate) fn hold_one_request() -> Held {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (tell, arrived) = mpsc::channel();
    let (answer, wait) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut head = BufReader::new(&stream).lines();
        while !head.next().unwrap().unwrap().is_empty() {}
        tell.send(()).unwrap();
        // The program may have ended without an answer.
        if wait.recv().is_ok() {
            (&stream).write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    Held { origin, arrived, answer }
}

pub(crate) fn begin(held: &Held) -> (Child, BufReader<ChildStderr>) {
    let args = ["delete", "tavus", "--hard", "--yes", "--allow-live", "--output", "json", "c1", "c2", "c3"];
    begin_with(held, &args)
}

fn begin_with(held: &Held, args: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let mut command = program();
    command.env("TAVUS_API_KEY", "k").env("TAVUS_BASE_URL", &held.origin);
    command.args(args);
    let mut child = spawn(&mut command);
    let stderr = BufReader::new(child.stderr.take().unwrap());
    held.arrived.recv().unwrap();
    (child, stderr)
}

pub(crate) fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Tests that were begun with `nohup` hand on to the program that it shall not heed a hangup.
fn heeded_signals() -> Vec<Signal> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    let hangup = (ignored & 1 == 0).then_some(Signal::HUP);
    [Signal::INT, Signal::TERM].into_iter().chain(hangup).collect()
}

/// Waits until the program says this.
pub(crate) fn await_notice(stderr: &mut impl BufRead, text: &str) {
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it never said {text:?}");
    }
}

#[test]
fn ctrl_c_waits_for_what_is_under_way_and_reports_the_rest() {
    for signal in heeded_signals() {
        let held = hold_one_request();
        let (child, mut stderr) = begin(&held);
        send(&child, signal);
        await_notice(&mut stderr, "interrupted: sending no more, waiting for 1 request in flight");
        held.answer.send(()).unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(4), "{run:?}");
        let outcomes: Vec<_> = run.outcomes().into_iter().map(|(_, outcome)| outcome).collect();
        assert_eq!(outcomes, ["deleted", "not_attempted", "not_attempted"]);
        run.has_summary(&[("deleted", 1), ("not_attempted", 2)]);
    }
}

#[test]
fn a_second_ctrl_c_stops_waiting_and_says_that_the_outcome_is_unknown() {
    let held = hold_one_request();
    let (child, mut stderr) = begin(&held);
    send(&child, Signal::INT);
    await_notice(&mut stderr, "interrupted: sending no more, waiting for 1 request in flight");
    // Sooner, it would be the same wish.
    thread::sleep(Duration::from_millis(1_100));
    send(&child, Signal::INT);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    let error = &run.lines()[0]["error"];
    assert_eq!((&error["kind"], &error["delivery"]), (&"interrupted".into(), &"maybe_delivered".into()));
    run.has_summary(&[("failed", 1), ("not_attempted", 2)]);
}

#[test]
fn ctrl_c_ends_reads_at_once_and_says_what_is_missing() {
    for (args, notice) in [
        (&["list", "tavus"][..], "interrupted: the list is NOT complete, 0 records until here"),
        (&["check", "tavus"], "interrupted: nothing is known"),
        (&["verify", "tavus", "--output", "json", "c1", "c2"], "stopped before the end: 2 ids not attempted"),
        (&["delete", "tavus", "--hard", "--yes", "--verify", "c1", "c2"], "interrupted: nothing was deleted"),
    ] {
        let held = hold_one_request();
        let (child, mut stderr) = begin_with(&held, args);
        send(&child, Signal::INT);
        await_notice(&mut stderr, notice);
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(4), "{args:?}: {run:?}");
        if args[0] == "verify" {
            assert_eq!(run.states(), ["unknown", "unknown"], "{run:?}");
            run.has_summary(&[("not_attempted", 2)]);
        }
    }
}

#[test]
fn a_reader_who_goes_away_stops_the_run() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(20_000);
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--output", "json", "--ids-from", "-"]);
    let mut child = spawn(&mut command);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(ids.join("\n").as_bytes()).unwrap();
    drop(stdin);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{stderr}");
    assert!(stderr.contains("stopping: nobody reads the results"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(world.deletes().len() < ids.len());
}

#[test]
#[cfg(target_os = "linux")]
fn results_that_stdout_does_not_take_are_told_on_stderr() {
    use std::fs::OpenOptions;
    use std::process::Stdio;

    use conversation_delete_fake::RecordState;

    for output in ["json", "text"] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(2_000);
        let mut command = world.command(Role::Full);
        command.args([
            "delete",
            "tavus",
            "--hard",
            "--yes",
            "--concurrency",
            "16",
            "--output",
            output,
            "--ids-from",
            "-",
        ]);
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut child = command.stdin(Stdio::piped()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(ids.join("\n").as_bytes()).unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(4), "{run:?}");
        let deleted: Vec<_> = ids.iter().filter(|id| world.fake.state_of(id) == Some(RecordState::Deleted)).collect();
        assert!(!deleted.is_empty());
        assert!(deleted.iter().all(|id| run.stderr.contains(id.as_str())), "{run:?}");
        let counted = if output == "json" { format!("\"deleted\":{},", deleted.len()) } else { "2000 ids".to_owned() };
        assert!(run.stderr.contains(&counted), "{counted}: {run:?}");
        assert!(!run.stderr.contains("not_attempted\",") && !run.stderr.contains("not attempted   c"), "{run:?}");
    }
}
