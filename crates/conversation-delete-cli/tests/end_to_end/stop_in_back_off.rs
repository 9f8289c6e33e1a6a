//! A signal while a request waits for its next attempt.

use std::io::{BufReader, Read};

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use rustix::process::Signal;

use crate::interrupt::{await_notice, send};
use crate::job::Stage;
use crate::support::{Run, World, spawn};

#[test]
fn the_last_records_of_a_run_leave_it_stopped_and_their_message_does_not_contradict_itself() {
    for &vendor in Vendor::ALL {
        // At Fini lookups cost many requests, and so the minutes of its rate limit.
        let ways: &[&[&str]] = if vendor == Vendor::Fini { &[&[]] } else { &[&[], &["--verify", "--wait", "0"]] };
        for verify in ways {
            for ids in 1..=2 {
                let world = World::new(vendor);
                let ids = world.fake.seed(ids);
                let route = if vendor == Vendor::Fini { Route::BulkDelete } else { Route::Delete };
                world.fake.fault(Fault::reply(503).with_header("retry-after", "25").on(route));
                let mut command = world.command(Role::Full);
                command.args(["delete", vendor.as_str(), "--yes", "--output", "json", "--concurrency", "1"]);
                if vendor == Vendor::Tavus {
                    command.arg("--allow-live");
                }
                command.args(world.mode()).args(*verify).args(&ids);
                let mut child = spawn(&mut command);
                let mut stderr = BufReader::new(child.stderr.take().unwrap());
                await_notice(&mut stderr, "waits until");
                send(&child, Signal::TERM);
                await_notice(&mut stderr, "interrupted: sending no more; nothing is in flight");
                let run = Run::of(child.wait_with_output().unwrap());
                assert_eq!(run.code, Some(4), "{vendor:?} {verify:?} {ids:?}: {run:?}");
                let first = &run.lines()[0];
                let message = first["error"]["message"].as_str().unwrap();
                assert!(message.contains("run the job again to find out"), "{vendor:?}: {message}");
                assert!(!message.contains("nothing was"), "{vendor:?}: {message}");
                assert_eq!((&first["attempts"], &first["status"]), (&1.into(), &503.into()), "{vendor:?}: {run:?}");
            }
        }
    }
}

#[test]
fn an_interruption_of_the_wait_for_the_second_check_says_that_it_was_not_made() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(2);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    let mut child = spawn(&mut stage.run_command(2, &["--recheck-after", "1h"]));
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    await_notice(&mut stderr, "all is deleted: looking again in");
    send(&child, Signal::TERM);
    await_notice(&mut stderr, "interrupted: the second check, of --recheck-after, was not made");
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{rest} {run:?}");
}
