//! What stderr says with `--log-format json` and with `--quiet`.

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use serde_json::Value;

use crate::support::{Run, World, program, run};

/// Every line of stderr, each of which must be an object with the members of a log line.
#[track_caller]
fn log(run: &Run) -> Vec<Value> {
    let parse = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(delete_core::timestamp::parse(line["time"].as_str().unwrap()).is_some(), "{line}");
        assert!(["error", "warn", "info", "debug"].contains(&line["level"].as_str().unwrap()), "{line}");
        assert!(!line["message"].as_str().unwrap().is_empty(), "{line}");
        assert!(line["vendor"].is_null() || line["vendor"].is_string(), "{line}");
        line
    };
    let lines: Vec<Value> = run.stderr.lines().map(parse).collect();
    assert!(lines.iter().all(|line| line["run"] == lines[0]["run"]), "{run:?}");
    lines
}

#[test]
fn every_line_of_a_run_is_an_object() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(3);
    world.fake.fault(Fault::reply(403).on(Route::Delete).for_id(ids[1].as_str()));
    let args = ["--hard", "--log-format", "json", "-v", "--job", "x.job"].map(str::to_owned);
    let run = world.delete([&args[..], &ids].concat());
    assert_eq!(run.code, Some(3), "{run:?}");
    let lines = log(&run);
    assert_eq!(lines[0]["run"], run.lines()[0]["run"]);
    let requests: Vec<_> = lines.iter().filter(|line| line["level"] == "debug").collect();
    let deletes = requests.iter().filter(|line| line["method"] == "DELETE");
    assert!(deletes.clone().count() == 3 && requests.len() > 3, "{run:?}");
    for request in deletes {
        assert_eq!((&request["vendor"], &request["operation"]), (&"tavus".into(), &"delete".into()), "{request}");
        assert!(request["status"].is_u64() && request["duration_ms"].is_u64(), "{request}");
    }
    let failure = lines.iter().find(|line| line["level"] == "warn").unwrap();
    assert_eq!(failure["vendor"], "tavus", "{failure}");
    let place = lines.last().unwrap();
    assert!(place["level"] == "info" && place["message"].as_str().unwrap().contains("the results are in"), "{place}");
}

#[test]
fn errors_before_the_run_are_objects_too() {
    for args in [&["--log-format", "json", "nonesuch"][..], &["delete", "tavus", "c1", "--log-format=json"]] {
        let mut command = program();
        let run = run(command.args(args), "");
        assert_eq!(run.code, Some(2), "{run:?}");
        let lines = log(&run);
        assert!(lines.len() == 1 && lines[0]["level"] == "error", "{run:?}");
        assert!(!lines[0]["message"].as_str().unwrap().starts_with("error"), "{run:?}");
    }
    let mut command = program();
    let run = run(command.arg("nonesuch").env("CONVERSATION_DELETE_LOG_FORMAT", "json"), "");
    assert_eq!((run.code, log(&run).len()), (Some(2), 1), "{run:?}");
}

#[test]
fn quiet_leaves_errors_and_warnings_and_all_of_stdout() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(3);
    let (loud, quiet) = (world.delete(["--hard", "--job", "a.job", &ids[0]]), {
        world.delete(["--hard", "--job", "b.job", "--quiet", &ids[1]])
    });
    assert!(loud.stderr.contains("the results are in"), "{loud:?}");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""), "{quiet:?}");
    quiet.has_summary(&[("deleted", 1)]);
    world.fake.revoke(Role::Full);
    let refused = world.delete(["-q", "--hard", &ids[2]]);
    assert!(refused.code == Some(6) && refused.stderr.contains("error: "), "{refused:?}");
}
