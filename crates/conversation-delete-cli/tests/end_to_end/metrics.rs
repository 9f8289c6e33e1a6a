//! The metrics of a run, read as strictly as Prometheus does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_fake::{Fault, RetryAfter, Role, Route, Vendor};

use crate::job::Stage;
use crate::support::{Run, World, spawn};

/// Each sample with its labels, as it is written.
pub(crate) type Samples = BTreeMap<String, f64>;

fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && name.starts_with("conversation_delete_")
}

/// Parses the text format: a family has its help, its type and its samples, once and together.
#[track_caller]
fn parse(text: &str) -> Samples {
    assert!(text.ends_with('\n'), "{text}");
    let mut families = Vec::new();
    let mut samples = Samples::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (family, help) = line.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
        assert!(is_name(family) && !help.is_empty() && !families.contains(&family), "{line}");
        families.push(family);
        let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {family} ")).unwrap();
        assert_eq!(kind == "counter", family.ends_with("_total"), "{family} is a {kind}");
        while let Some(sample) = lines.next_if(|line| !line.starts_with('#')) {
            let (key, value) = sample.rsplit_once(' ').unwrap();
            let labels = key.strip_prefix(family).unwrap();
            assert!(labels.is_empty() || is_labels(labels), "{sample}");
            assert!(samples.insert(key.to_owned(), value.parse().unwrap()).is_none(), "twice: {sample}");
        }
    }
    samples
}

/// `{name="value",…}` with values that need no escape.
fn is_labels(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default();
    inner.split(',').all(|label| {
        let Some((name, value)) = label.split_once('=') else { return false };
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        name.chars().all(|c| c.is_ascii_lowercase()) && value.is_some_and(|value| !value.contains(['"', '\\']))
    })
}

pub(crate) fn read_metrics(path: &Path) -> Samples {
    parse(&fs::read_to_string(path).unwrap())
}

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

fn delete(world: &World, args: &[&str]) -> Run {
    world.delete([&["--hard", "--metrics-file", "run.prom"], args].concat())
}

#[test]
fn the_file_counts_records_and_requests_and_keeps_the_last_success() {
    let world = World::new(Vendor::Tavus);
    let path = world.folder.path().join("run.prom");
    let ids = world.fake.seed(3);
    let before = now();
    assert_eq!(delete(&world, &["--allow-active", &ids[0], &ids[1]]).code, Some(0));
    let first = read_metrics(&path);
    let key = |family: &str, labels: &str| format!("conversation_delete_{family}{labels}");
    assert_eq!(first[&key("records_total", "{vendor=\"tavus\",outcome=\"deleted\"}")], 2.0, "{first:?}");
    let requests = first[&key("requests_total", "{vendor=\"tavus\",method=\"DELETE\",code=\"204\"}")];
    assert_eq!(requests, 2.0, "{first:?}");
    assert_eq!(first[&key("open_records", "{vendor=\"tavus\"}")], 0.0);
    assert_eq!((first[&key("exit_code", "")], first[&key("requests_in_flight", "")]), (0.0, 0.0));
    let [started, ended, succeeded] =
        ["start_time_seconds", "end_time_seconds", "last_success_timestamp_seconds"].map(|name| first[&key(name, "")]);
    assert!(before - 1.0 < started && started <= ended && ended == succeeded && ended < now() + 1.0, "{first:?}");

    world.fake.fault(Fault::reply(403).on(Route::Delete));
    assert_eq!(delete(&world, &["--allow-active", &ids[2]]).code, Some(3));
    let second = read_metrics(&path);
    assert_eq!(second[&key("exit_code", "")], 3.0, "{second:?}");
    assert_eq!(second[&key("last_success_timestamp_seconds", "")], succeeded, "{second:?}");
    assert!(second[&key("start_time_seconds", "")] >= ended);
    let names: Vec<_> = fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["run.prom"], "nothing else is left");
}

#[cfg(unix)]
#[test]
fn the_file_can_be_read_by_everybody_and_is_written_while_the_run_goes_on() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new(Vendor::Tavus);
    let path = world.folder.path().join("run.prom");
    let ids = world.fake.seed(1);
    world.fake.fault(Fault::throttle(Some(RetryAfter::Seconds(2))).on(Route::Delete).once());
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--metrics-file", "run.prom", &ids[0]]);
    let child = spawn(command.env("CONVERSATION_DELETE_TEST_METRICS_EVERY", "20"));
    let begun = Instant::now();
    let throttled = "conversation_delete_wait_seconds_total{vendor=\"tavus\",reason=\"throttled\"}";
    loop {
        assert!(begun.elapsed() < Duration::from_secs(60));
        let samples = if path.exists() { read_metrics(&path) } else { Samples::new() };
        if let Some(seconds) = samples.get(throttled) {
            assert!((1.5..4.0).contains(seconds), "{samples:?}");
            assert!(!samples.contains_key("conversation_delete_exit_code"), "{samples:?}");
            assert_eq!(samples["conversation_delete_open_records{vendor=\"tavus\"}"], 1.0, "{samples:?}");
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(read_metrics(&path)["conversation_delete_exit_code"], 0.0);
}

#[test]
fn a_file_that_cannot_be_written_sends_nothing() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = world.delete(["--hard", "--metrics-file", "missing/run.prom", &ids[0]]);
    run.has_only_errors(2);
    assert!(run.stderr.contains("--metrics-file") && world.fake.requests().is_empty(), "{run:?}");
}

#[test]
fn a_file_that_holds_something_else_is_not_replaced() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let path = world.folder.path().join("other");
    for content in [ids[0].as_str(), "SQLite format 3\0", "# HELP other_total Of another program."] {
        fs::write(&path, content).unwrap();
        let run = world.delete(["--hard", "--metrics-file", "other", &ids[0]]);
        run.has_only_errors(2);
        assert!(run.stderr.contains("is not a metrics file"), "{run:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert!(world.fake.requests().is_empty());
}

#[test]
fn a_job_counts_its_earlier_runs_too_and_a_verification_its_lookups() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(3);
    assert_eq!(stage.plan(&["--all", "--allow-active"]).code, Some(0));
    let path = stage.world().folder.path().join("run.prom");
    let deleted = "conversation_delete_records_total{vendor=\"tavus\",outcome=\"deleted\"}";
    for _ in 0..2 {
        let run = stage.run(3, &["--metrics-file", path.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(read_metrics(&path)[deleted], 3.0);
    }
    let mut command = stage.world().command(Role::Full);
    command.arg("verify").arg(stage.path("job")).args(["--wait", "0", "--metrics-file"]).arg(&path);
    let verified = stage.world().run(&mut command, "");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let samples = read_metrics(&path);
    assert_eq!(samples["conversation_delete_lookups_total{vendor=\"tavus\",moment=\"after\"}"], 3.0, "{samples:?}");
}
