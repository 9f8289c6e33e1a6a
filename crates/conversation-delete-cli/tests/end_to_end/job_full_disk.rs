//! Jobs whose files cannot grow.

use std::process::Command;

use conversation_delete_fake::{RecordState, Role, Vendor};
use serde_json::Value;

use crate::job::{Stage, summary};
use crate::support::Run;

const COUNT: usize = 1200;

/// How large a file may become, in blocks of 512 bytes. None can be written at all; the first intents fit, and no outcome;
/// more and more outcomes fit; all of it does.
const LIMITS: [u64; 7] = [0, 64, 200, 240, 400, 600, 100_000];

/// Not even what SQLite needs to open the file fits.
const TOO_SMALL_TO_OPEN: [u64; 3] = [1, 16, 63];

/// The same command where no file may grow above so many blocks, as if the disk were full. The signal that would come
/// with that is ignored, so that the write fails.
pub(crate) fn within(command: &Command, blocks: u64) -> Command {
    let script = format!(r#"ulimit -f {blocks} && trap "" XFSZ && exec "$@""#);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
    let envs = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.env_clear().envs(envs).current_dir(command.get_current_dir().unwrap());
    shell
}

fn planned_stage() -> Stage {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(COUNT);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    stage
}

/// Asserts that the file agrees with the fake on each record, and returns how many have an outcome.
fn check_file(stage: &Stage, case: &str) -> u64 {
    let records = stage.go(&["export", "job", "--output", "json"]).lines();
    let records = records.iter().filter(|line| line["type"] == "record");
    let (mut seen, mut done, mut open) = (0, 0, 0);
    for record in records {
        let state = stage.world().fake.state_of(record["id"].as_str().unwrap());
        seen += 1;
        match record["outcome"].as_str().unwrap() {
            "deleted" | "gone" => {
                assert_eq!(state, Some(RecordState::Deleted), "{case}: {record}");
                done += 1;
            }
            // Nothing was sent for it.
            "not_attempted" => {
                assert_eq!(state, Some(RecordState::Present), "{case}: {record}");
                open += 1;
            }
            _ => {
                assert_eq!(record["error"]["kind"], "interrupted", "{case}: {record}");
                open += 1;
            }
        }
    }
    assert_eq!(seen, COUNT, "{case}");
    let status = stage.go(&["status", "job", "--output", "json"]);
    let line = &summary(&status)["targets"][0];
    let number = |name: &str| line[name].as_u64().unwrap();
    assert_eq!((number("deleted") + number("gone"), number("not_attempted")), (done, open), "{case}: {status:?}");
    done
}

#[test]
fn a_full_disk_stops_the_run_and_what_is_in_the_file_is_true() {
    let done = LIMITS.map(stop_and_go_on);
    assert_eq!((done[0], done[LIMITS.len() - 1]), (0, COUNT as u64));
    assert!(done.iter().any(|done| (1..COUNT as u64).contains(done)), "some stop in the middle: {done:?}");
}

#[test]
fn a_disk_that_is_too_full_to_open_the_file_makes_no_other_file_of_it() {
    assert_eq!(TOO_SMALL_TO_OPEN.map(stop_and_go_on), [0, 0, 0]);
}

/// Runs a job within the limit, and then without. How many ids had an outcome after the first run.
fn stop_and_go_on(blocks: u64) -> u64 {
    let stage = planned_stage();
    let case = format!("{blocks} blocks");
    let run = stage.world().run(&mut within(&stage.run_command(COUNT, &[]), blocks), "");
    let done = check_file(&stage, &case);
    println!("{case}: {:?}, {done} done, {} requests, {}", run.code, stage.requests(), run.stderr.trim());
    check_ending(&run, done, &case);
    let run = stage.run(COUNT, &[]);
    assert_eq!(run.code, Some(0), "{case}: {run:?}");
    assert_eq!(check_file(&stage, &case), COUNT as u64);
    done
}

/// It came to its end, or says what is wrong and what to do.
fn check_ending(run: &Run, done: u64, case: &str) {
    if run.code == Some(0) {
        assert_eq!((done, &summary(run)["ending"]), (COUNT as u64, &Value::from("finished")), "{case}: {run:?}");
        return;
    }
    run.has_only_errors(4);
    let last = run.stderr.lines().last().unwrap();
    assert!(last.starts_with("error: the job file") && last.contains("run it again"), "{case}: {run:?}");
}

#[test]
fn a_plan_that_finds_no_space_leaves_no_file() {
    for blocks in [0, 1, 16] {
        let stage = Stage::new(&[Vendor::Tavus]);
        let ids = stage.world().fake.seed(COUNT);
        let file = stage.file("ids.txt", &ids);
        let plan = ["plan", "tavus", "--hard", "--ids-from", &file, "--out", "job"];
        let plan = stage.world().run(&mut within(&stage.command_as(Role::Full, &plan), blocks), "");
        assert_eq!((plan.code, stage.path("job").exists()), (Some(4), false), "{blocks}: {plan:?}");
        assert!(plan.stderr.ends_with("; nothing was planned\n"), "{plan:?}");
        let delete = ["delete", "tavus", "--hard", "--yes", "--ids-from", &file, "--job", "job", "--output", "json"];
        let run = stage.world().run(&mut within(&stage.command_as(Role::Full, &delete), blocks), "");
        assert_eq!((run.code, stage.path("job").exists()), (Some(4), false), "{blocks}: {run:?}");
        run.has_summary(&[("not_attempted", COUNT as u64)]);
        assert!(run.stderr.contains("no file is left"), "{run:?}");
    }
}
