//! The forms in which `export` writes a job.

use std::fs;

use conversation_delete_fake::Vendor;
use serde_json::Value;

use crate::job::Stage;

/// A finished job of two records, and of an id that a spreadsheet would calculate.
fn finished() -> (Stage, Vec<String>) {
    let stage = Stage::new(&[Vendor::Tavus]);
    let mut ids = stage.world().fake.seed(2);
    ids.push("-1e10".to_owned());
    let list = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &list, "--allow-active"]).code, Some(0));
    assert_eq!(stage.run(3, &[]).code, Some(3));
    (stage, ids)
}

fn exported(stage: &Stage, out: &str, args: &[&str]) -> String {
    let run = stage.go(&[&["export", "job", "--out", out], args].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
    fs::read_to_string(stage.path(out)).unwrap()
}

#[test]
fn the_name_of_the_file_decides_the_form_unless_it_is_said() {
    let (stage, _) = finished();
    assert!(exported(&stage, "a.csv", &[]).starts_with("vendor,id,"));
    for name in ["a.json", "a.ndjson", "a.JSONL"] {
        let text = exported(&stage, name, &[]);
        assert_eq!(text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 4, "{text}");
    }
    assert!(exported(&stage, "b.csv", &["--output", "json"]).starts_with('{'));
    for args in [&["export", "job"][..], &["export", "job", "--out", "c.txt"]] {
        let run = stage.go(args);
        assert!(run.code == Some(2) && run.stderr.contains("--output json or --output csv"), "{run:?}");
        assert!(!stage.path("c.txt").exists());
    }
}

#[test]
fn times_are_in_the_zone_that_was_asked_for() {
    let (stage, _) = finished();
    let column = |text: &str, delimiter: char| {
        let cells: Vec<String> =
            text.lines().map(|line| line.split(delimiter).nth(12).unwrap_or_default().to_owned()).collect();
        cells[1].clone()
    };
    let utc = column(&exported(&stage, "utc.csv", &[]), ',');
    assert!(utc.ends_with('Z'), "{utc}");
    let kolkata = column(&exported(&stage, "kolkata.csv", &["--timezone", "Asia/Kolkata"]), ',');
    assert!(kolkata.ends_with("+05:30"), "{kolkata}");
    let parse = |text: &str| delete_core::timestamp::parse(text).unwrap();
    let millis = |text: &str| delete_core::timestamp::unix_millis(parse(text));
    assert_eq!(millis(&utc), millis(&kolkata), "the same moment");

    let mut command = stage.command_as(conversation_delete_fake::Role::Full, &["export", "job", "--output", "csv"]);
    command.args(["--timezone", "local"]).env("TZ", "America/Caracas");
    let local = stage.world().run(&mut command, "");
    assert!(column(&local.stdout, ',').ends_with("-04:00"), "{local:?}");

    let run = stage.go(&["export", "job", "--output", "csv", "--timezone", "Mars/Base"]);
    assert!(run.code == Some(2) && run.stderr.contains("Europe/Berlin"), "{run:?}");
}

#[test]
fn excel_gets_what_it_reads_with_a_double_click() {
    let (stage, ids) = finished();
    let args = ["--excel", "--delimiter", "semicolon", "--timezone", "Europe/Berlin"];
    let text = exported(&stage, "excel.csv", &args);
    assert!(text.starts_with("\u{feff}vendor;id;outcome;"), "{text}");
    assert!(text.contains(";settled_at (Europe/Berlin);looked_at (Europe/Berlin);"), "{text}");
    let cell = text.lines().nth(1).unwrap().split(';').nth(12).unwrap().to_owned();
    assert!(cell.len() == 19 && cell.as_bytes()[10] == b' ', "{cell}");
    assert!(text.contains("tavus;'-1e10;not_found;"), "{text}");
    assert!(exported(&stage, "raw.csv", &["--allow-formulas"]).contains("tavus,-1e10,not_found,"));

    // It is an input as any other export is.
    let file = stage.path("excel.csv");
    let verify =
        stage.go(&["verify", "tavus", "--ids-from", file.to_str().unwrap(), "--wait", "0", "--output", "json"]);
    assert_eq!(verify.each("id"), ids.iter().map(|id| Value::from(id.as_str())).collect::<Vec<_>>(), "{verify:?}");
}

#[test]
fn what_is_for_tables_is_refused_for_json() {
    let (stage, _) = finished();
    for args in [&["--timezone", "UTC"][..], &["--delimiter", "tab"], &["--excel"], &["--allow-formulas"]] {
        let run = stage.go(&[&["export", "job", "--output", "json"], args].concat());
        run.has_only_errors(2);
    }
}
