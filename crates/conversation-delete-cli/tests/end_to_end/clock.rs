//! Ages are counted by this computer's clock, which is compared with the vendor's.

use std::time::{Duration, SystemTime};

use conversation_delete_fake::{Fault, Vendor};
use serde_json::Value;

use crate::job::{Stage, deleted, summary};
use crate::support::World;

/// Every response of the vendor has this `Date`.
fn dated(world: &World, date: impl Into<String>) {
    world.fake.fault(Fault::delay(Duration::from_millis(1)).with_header("date", date));
}

/// The `Date` of a vendor whose clock is so many minutes ahead of ours.
fn minutes_ahead(minutes: i64) -> String {
    let by = Duration::from_secs(minutes.unsigned_abs() * 60);
    let now = SystemTime::now();
    httpdate::fmt_http_date(if minutes < 0 { now - by } else { now + by })
}

#[test]
fn an_age_is_refused_if_the_clocks_differ_in_either_direction() {
    for &vendor in Vendor::ALL {
        for date in [-6, 6] {
            let stage = Stage::new(&[vendor]);
            stage.world().fake.seed(2);
            dated(stage.world(), minutes_ahead(date));
            for age in [["--until", "0s"], ["--since", "90d"]] {
                let list = stage.world().go("list", age);
                assert_eq!((list.code, list.stdout.as_str()), (Some(5), ""), "{vendor:?} {date} {age:?}: {list:?}");
                let plan = stage.plan(&age);
                assert_eq!(plan.code, Some(5), "{vendor:?} {date} {age:?}: {plan:?}");
                for stderr in [&list.stderr, &plan.stderr] {
                    assert!(stderr.contains("--trust-clock"), "{stderr}");
                }
                assert!(!stage.path("job").exists(), "no file is left");
            }
        }
    }
}

#[test]
fn a_trusted_clock_and_an_absolute_time_need_no_comparison() {
    // Fini's list waits for the vendor's present in between, which takes a minute; the clock tests of the umbrella cover it.
    for vendor in [Vendor::Corti, Vendor::ElevenLabs, Vendor::Tavus] {
        let stage = Stage::new(&[vendor]);
        stage.world().fake.seed(2);
        dated(stage.world(), minutes_ahead(-6));
        for args in [&["--since", "90d", "--trust-clock"][..], &["--since", "2001-01-01"]] {
            let list = stage.world().go("list", args);
            assert_eq!((list.code, list.stdout.lines().count()), (Some(0), 2), "{vendor:?} {args:?}: {list:?}");
        }
    }
}

#[test]
fn the_time_that_an_age_stands_for_is_printed_and_kept() {
    for &vendor in Vendor::ALL {
        let stage = Stage::new(&[vendor]);
        stage.world().fake.seed(2);
        let list = stage.world().go("list", ["--since", "90d"]);
        assert!(list.code == Some(0) && list.stderr.contains("--since is 20"), "{vendor:?}: {list:?}");
        let plan = stage.plan(&["--since", "90d", "--until", "0s"]);
        assert_eq!(plan.code, Some(0), "{vendor:?}: {plan:?}");
        let status = summary(&stage.go(&["status", "job", "--output", "json"]));
        for bound in ["since", "until"] {
            let time = summary(&plan)[bound].as_str().unwrap().to_owned();
            assert!(plan.stderr.contains(&format!("--{bound} is {time} by")), "{vendor:?}: {plan:?}");
            assert_eq!(status[bound], time, "{status}");
        }
        assert!(status["since"].as_str() < status["until"].as_str(), "{status}");
    }
}

#[test]
fn a_bound_that_is_a_time_is_kept_and_not_printed() {
    let stage = Stage::new(&[Vendor::Corti]);
    stage.world().fake.seed(1);
    let plan = stage.plan(&["--since", "2001-01-01"]);
    assert_eq!(summary(&plan)["since"], "2001-01-01T00:00:00Z", "{plan:?}");
    assert_eq!(summary(&plan)["until"], Value::Null);
    assert!(!plan.stderr.contains("by this computer's clock"), "{plan:?}");
}

#[test]
fn the_difference_of_the_clocks_is_kept_by_a_plan_and_by_a_run() {
    for &vendor in Vendor::ALL {
        let stage = Stage::new(&[vendor]);
        stage.world().fake.seed(2);
        let skew = || summary(&stage.go(&["status", "job", "--output", "json"]))["targets"][0]["clock_skew"].clone();
        dated(stage.world(), minutes_ahead(0));
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        let planned = skew();
        assert!(planned["ahead_ms"].as_i64().unwrap().abs() < 300_000, "{vendor:?}: {planned}");
        stage.world().fake.clear_faults();
        dated(stage.world(), minutes_ahead(-60));
        let run = stage.run(2, &[]);
        assert_eq!(
            (run.code, deleted(stage.world())),
            (Some(0), 2),
            "{vendor:?}: a run does not depend on it: {run:?}"
        );
        let after = skew();
        assert!(after["ahead_ms"].as_i64().unwrap() > 300_000, "{vendor:?}: {after}");
        assert!(after["measured_at"].as_str() > planned["measured_at"].as_str());
        let text = stage.go(&["status", "job"]).stdout;
        assert!(text.contains("ahead of the vendor's"), "{text}");
    }
}

#[test]
fn a_clock_that_cannot_be_compared_is_reported() {
    for &vendor in Vendor::ALL {
        let stage = Stage::new(&[vendor]);
        stage.world().fake.seed(2);
        dated(stage.world(), "yesterday");
        for run in [stage.world().go("list", ["--since", "90d"]), stage.plan(&["--since", "90d"])] {
            assert_eq!(run.code, Some(0), "{vendor:?}: {run:?}");
            assert!(run.stderr.contains("clock was not compared"), "{vendor:?}: {run:?}");
        }
    }
}
