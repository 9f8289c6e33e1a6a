//! `status --exit-code`, `status --watch`, and the runs of a job.

use std::io::{BufRead, BufReader};
use std::process::Command;
use std::time::Duration;

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use rustix::process::Signal;
use serde_json::json;

use crate::interrupt::send;
use crate::job::{Stage, summary};
use crate::job_stop::await_deletes;
use crate::support::{Run, spawn};

/// The exit code of `status` with these arguments.
fn code(stage: &Stage, args: &[&str]) -> Option<i32> {
    stage.go(&[&["status", "job"], args].concat()).code
}

/// A planned job of so many records of ElevenLabs, and of these ids.
fn planned(count: usize, others: &[&str]) -> (Stage, Vec<String>) {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    let mut ids = stage.world().fake.seed(count);
    ids.extend(others.iter().map(|id| (*id).to_owned()));
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-active"]).code, Some(0));
    (stage, ids)
}

#[test]
fn the_exit_code_is_that_of_the_state_only_if_asked_for() {
    let (stage, _) = planned(12, &[]);
    assert_eq!((code(&stage, &["--exit-code"]), code(&stage, &[])), (Some(4), Some(0)), "planned");
    stage.world().fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete).nth(3));
    assert_eq!(stage.run(12, &["--concurrency", "1", "--deadline", "20s"]).code, Some(4));
    assert_eq!((code(&stage, &["--exit-code"]), code(&stage, &[])), (Some(4), Some(0)), "stopped");
    stage.world().fake.clear_faults();
    assert_eq!(stage.run(12, &["--retry-failed"]).code, Some(0));
    assert_eq!(code(&stage, &["--exit-code"]), Some(0), "finished");
}

#[test]
fn a_problem_of_a_finished_job_is_its_exit_code() {
    let (stage, ids) = planned(12, &[]);
    stage.world().fake.fault(Fault::reply(400).on(Route::Delete).for_id(&ids[3]));
    assert_eq!((stage.run(12, &[]).code, code(&stage, &["--exit-code"])), (Some(3), Some(3)), "one failed");

    let (stage, _) = planned(11, &["conv_nonesuch"]);
    assert_eq!((stage.run(12, &[]).code, code(&stage, &["--exit-code"])), (Some(3), Some(3)), "one was not found");
    assert_eq!(code(&stage, &["--exit-code", "--absent-ok"]), Some(0));

    let (stage, ids) = planned(12, &[]);
    stage.world().fake.fault(Fault::no_effect().on(Route::Delete).for_id(&ids[3]));
    assert_eq!(stage.run(12, &["--verify", "--wait", "0"]).code, Some(7));
    assert_eq!(code(&stage, &["--exit-code"]), Some(7), "one is still present");
}

#[test]
fn the_way_the_last_run_ended_is_in_the_exit_code() {
    let nonesuch: Vec<String> = (0..12).map(|number| format!("conv_none{number}")).collect();
    let names: Vec<&str> = nonesuch.iter().map(String::as_str).collect();
    let (stage, _) = planned(0, &names);
    assert_eq!((stage.run(12, &[]).code, code(&stage, &["--exit-code"])), (Some(5), Some(5)), "none was ever seen");
    assert_eq!(code(&stage, &["--exit-code", "--all-absent-ok"]), Some(0));

    let (stage, _) = planned(12, &[]);
    stage.world().fake.fault(Fault::reply(401).on(Route::Delete));
    let run = stage.run(12, &[]);
    assert_eq!((run.code, code(&stage, &["--exit-code"])), (Some(6), Some(6)), "{run:?}");
}

#[test]
fn a_run_that_was_killed_after_its_last_outcome_leaves_nothing_to_do() {
    let (stage, _) = planned(12, &[]);
    let kill = || {
        let job = rusqlite::Connection::open(stage.path("job")).unwrap();
        job.execute("UPDATE run SET ended_at = NULL, ending = NULL", []).unwrap();
    };
    assert_eq!(stage.run(12, &[]).code, Some(0));
    kill();
    assert_eq!((code(&stage, &["--exit-code"]), stage.run(12, &[]).code), (Some(0), Some(0)));
    // A verification that was killed can go on.
    stage.go(&["verify", "job", "--wait", "0"]);
    assert_eq!(code(&stage, &["--exit-code"]), Some(0));
    kill();
    assert_eq!(code(&stage, &["--exit-code"]), Some(4));
}

#[test]
fn the_runs_of_a_job_are_listed() {
    let (stage, _) = planned(12, &[]);
    let status = || summary(&stage.go(&["status", "job", "--output", "json"]));
    assert_eq!(status()["runs"], json!([]));
    stage.run(12, &[]);
    stage.go(&["verify", "job", "--wait", "0"]);
    let status = status();
    let runs = status["runs"].as_array().unwrap();
    let words: Vec<_> = runs.iter().map(|run| [&run["purpose"], &run["ending"]]).collect();
    assert_eq!(words, [["delete", "finished"], ["verify", "finished"]]);
    assert!(runs.iter().all(|run| run["started_at"].is_string() && run["ended_at"].is_string()), "{status}");
    let text = stage.go(&["status", "job"]).stdout;
    let (_, list) = text.split_once("\nruns\n").unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("  delete  2") && lines[1].ends_with("  finished"), "{text}");
}

/// A job of 12 records whose first delete takes a second.
fn slow() -> (Stage, Command) {
    let (stage, _) = planned(12, &[]);
    stage.world().fake.fault(Fault::delay(Duration::from_secs(1)).on(Route::Delete).nth(1));
    let command = stage.run_command(12, &["--concurrency", "1"]);
    (stage, command)
}

#[test]
fn a_job_is_watched_until_it_is_finished() {
    let (stage, mut command) = slow();
    let child = spawn(&mut command);
    await_deletes(&stage, 1);
    let watch = stage.go(&["status", "job", "--watch", "0.1", "--exit-code"]);
    assert_eq!((watch.code, watch.stderr.as_str()), (Some(0), ""), "{watch:?}");
    let lines: Vec<&str> = watch.stdout.lines().collect();
    assert!(lines.len() > 3, "a line each interval: {watch:?}");
    assert!(lines[0].contains(" running: 0 of 12 ids"), "{watch:?}");
    assert!(lines.last().unwrap().ends_with(" finished: 12 of 12 ids, 12 deleted"), "{watch:?}");
    assert_eq!(Run::of(child.wait_with_output().unwrap()).code, Some(0));
}

#[test]
fn each_interval_of_json_is_a_whole_line() {
    let (stage, mut command) = slow();
    let child = spawn(&mut command);
    await_deletes(&stage, 1);
    let watch = stage.go(&["status", "job", "--output", "json", "--watch=0.1"]);
    let states: Vec<_> = watch.lines().iter().map(|line| line["state"].clone()).collect();
    assert!(watch.code == Some(0) && states.len() > 3 && states[0] == "running", "{watch:?}");
    assert_eq!(states.last().unwrap(), "finished");
    assert_eq!(Run::of(child.wait_with_output().unwrap()).code, Some(0));
}

#[test]
fn a_job_that_nobody_runs_is_not_watched() {
    let (stage, _) = planned(12, &[]);
    let watch = stage.go(&["status", "job", "--watch"]);
    assert_eq!((watch.code, watch.stderr.as_str()), (Some(0), "nobody runs job: it is planned\n"), "{watch:?}");
    assert!(watch.stdout.ends_with(" planned: 0 of 12 ids\n"), "{watch:?}");
    let watch = stage.go(&["status", "--watch", "job"]);
    assert!(watch.code == Some(2) && watch.stderr.contains("status JOB --watch"), "{watch:?}");
}

#[test]
fn an_interrupt_ends_the_watching_and_not_the_job() {
    let (stage, _) = planned(12, &[]);
    stage.world().fake.fault(Fault::delay(Duration::from_secs(3)).on(Route::Delete).nth(1));
    let child = spawn(&mut stage.run_command(12, &[]));
    await_deletes(&stage, 1);
    let mut watch = spawn(&mut stage.command_as(Role::Full, &["status", "job", "--watch", "60"]));
    let mut line = String::new();
    BufReader::new(watch.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains(" running: "), "{line}");
    send(&watch, Signal::INT);
    let watch = Run::of(watch.wait_with_output().unwrap());
    assert_eq!(watch.code, Some(0), "{watch:?}");
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
}
