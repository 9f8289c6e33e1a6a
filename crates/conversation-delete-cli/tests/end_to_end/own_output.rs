//! What the program writes, as an input of the program, and the form of what it writes.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;

use conversation_delete_fake::Vendor;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use crate::job::Stage;
use crate::support::{Run, World, program, run};

/// JSON of which no object has a key twice. Other readers keep the last of them in silence.
struct WithoutDoubles;

impl<'de> Deserialize<'de> for WithoutDoubles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WithoutDoubles)
    }
}

impl<'de> Visitor<'de> for WithoutDoubles {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without doubled keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, _)) = map.next_entry::<String, Self>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` occurs twice")));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }
}

/// A job of Tavus with the outcomes deleted, held, not found and refused, which was run.
fn finished() -> (Stage, Vec<String>) {
    let stage = Stage::new(&[Vendor::Tavus]);
    let mut ids = stage.world().fake.seed(6);
    let keep = stage.file("keep.txt", &ids[..1]);
    ids.push("c00nonesuch".to_owned());
    let list = stage.file("ids.txt", &[ids.clone(), vec!["a/b".to_owned()]].concat());
    assert_eq!(stage.plan(&["--ids-from", &list, "--hold", &keep]).code, Some(3));
    stage.run(6, &[]);
    (stage, ids)
}

fn verified(stage: &Stage, file: &str) -> Run {
    stage.go(&["verify", "tavus", "--ids-from", file, "--wait", "0s", "--output", "json"])
}

fn ids_of(run: &Run) -> BTreeSet<String> {
    run.each("id").iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_object_of_any_output_has_a_key_twice() {
    assert!(serde_json::from_str::<WithoutDoubles>(r#"{"held":0,"x":[{"a":1,"a":2}]}"#).is_err());
    let (stage, ids) = finished();
    let list = stage.file("again.txt", &ids[..2]);
    let again = stage.file("other.txt", &ids[2..3]);
    let runs = [
        stage.go(&["export", "job", "--output", "json"]),
        stage.go(&["status", "job", "--output", "json"]),
        stage.go(&["verify", "job", "--output", "json"]),
        stage.run(6, &["--hold", &again, "--verify"]),
        stage.go(&["check", "tavus", "--output", "json"]),
        stage.go(&["list", "tavus", "--output", "json"]),
        verified(&stage, &list),
        stage.world().delete(["--hard", "--dry-run", "--ids-from", &list]),
        stage.world().delete(["--hard", "--verify", "--ids-from", &list]),
        stage.go(&["plan", "tavus", "--hard", "--all", "--out", "new", "--output", "json"]),
    ];
    for run in runs {
        assert!(!run.stdout.is_empty(), "{run:?}");
        for line in run.stdout.lines() {
            let read = serde_json::from_str::<WithoutDoubles>(line);
            assert!(read.is_ok(), "{}: {line}", read.err().unwrap());
        }
    }
}

#[test]
fn a_refused_entry_is_the_same_record_in_a_report_and_in_an_export() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(1);
    let file = stage.file("ids.txt", &[ids[0].clone(), "a/b".to_owned()]);
    let report = stage.world().delete(["--hard", "--dry-run", "--ids-from", &file]);
    assert_eq!(stage.plan(&["--ids-from", &file]).code, Some(3));
    let export = stage.go(&["export", "job", "--output", "json"]);
    let records = [report, export].map(|run| {
        let refused = run.lines().into_iter().find(|line| line["outcome"] == "refused").unwrap();
        ["type", "vendor", "id", "mode", "source", "line_number", "error"].map(|member| refused[member].clone())
    });
    assert_eq!(records[0][5], 2);
    assert_eq!(records[0][3], json!(null), "what was not sent has no mode");
    assert_eq!(records[0], records[1]);
}

#[test]
fn an_export_is_an_input_that_names_each_of_its_ids() {
    let (stage, ids) = finished();
    let expected: BTreeSet<String> = ids.iter().cloned().collect();
    for format in ["json", "csv"] {
        let export = stage.go(&["export", "job", "--output", format]);
        assert!(export.stdout.contains("refused") && export.stdout.contains("held"), "{export:?}");
        let file = stage.file(format, &[export.stdout]);
        let verify = verified(&stage, &file);
        assert_eq!((ids_of(&verify), verify.stderr.contains("refused")), (expected.clone(), false), "{verify:?}");
        let plan = stage.go(&[
            "plan",
            "tavus",
            "--hard",
            "--ids-from",
            &file,
            "--hold",
            &file,
            "--out",
            &format!("{format}.job"),
            "--output",
            "json",
        ]);
        let line = plan.lines().pop().unwrap_or_default();
        assert_eq!((plan.code, &line["held"], &line["refused"]), (Some(0), &json!(7), &json!(0)), "{plan:?}");
    }
}

#[test]
fn the_report_of_a_delete_is_an_input_that_names_each_of_its_ids() {
    for (vendor, options) in [(Vendor::Tavus, &["--hard"][..]), (Vendor::Corti, &["--children"])] {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(3);
        let keep = stage.file("keep.txt", &ids[..1]);
        let mut args = [options, &["--hold", &keep, "a/b"]].concat();
        args.extend(ids.iter().map(String::as_str));
        let delete = stage.world().delete(args);
        let file = stage.file("report.ndjson", &[delete.stdout]);
        let verify = stage.go(&["verify", vendor.as_str(), "--ids-from", &file, "--wait", "0s", "--output", "json"]);
        assert_eq!(ids_of(&verify), ids.into_iter().collect(), "{verify:?}");
    }
}

#[test]
fn times_of_a_table_can_be_read_by_a_spreadsheet() {
    let (stage, _) = finished();
    let csv = stage.go(&["export", "job", "--output", "csv"]).stdout;
    let times: Vec<&str> = csv.split(',').filter(|field| field.starts_with("20") && field.ends_with('Z')).collect();
    assert!(times.len() >= 6, "{csv}");
    assert!(times.iter().all(|time| time.split_once('.').is_none_or(|(_, rest)| rest.len() <= 4)), "{times:?}");
}

#[test]
fn a_file_that_exists_is_named_with_what_to_do() {
    let (stage, _) = finished();
    let taken = stage.file("taken", &["mine".to_owned()]);
    let runs = [
        stage.go(&["export", "job", "--output", "csv", "--out", &taken]),
        run(program().args(["fake", "--env-file", &taken]), ""),
    ];
    for run in runs {
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("exists") && run.stderr.contains("choose another name"), "{run:?}");
        assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
    }
}

#[test]
fn stdin_is_named_as_stdin() {
    let world = World::new(Vendor::Tavus);
    let run = world.delete_with_stdin(&["--hard", "--ids-from", "-"], "jane@example.com\n");
    assert!(run.code == Some(2) && run.stderr.contains("the ids in stdin cannot be read"), "{run:?}");
}

#[test]
fn an_empty_list_of_an_api_deletes_nothing_and_holds_nothing() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let id = stage.world().fake.seed(1).remove(0);
    for text in ["[]", "{\"data\":[],\"total_count\":0}", "{\n\"conversations\": []\n}"] {
        let file = stage.file("list.json", &[text.to_owned()]);
        assert_eq!(stage.world().delete(["--hard", "--ids-from", &file]).code, Some(0), "{text}");
        assert_eq!(verified(&stage, &file).code, Some(0), "{text}");
        let plan = stage.plan(&["--ids-from", &file]);
        assert_eq!(plan.code, Some(0), "{text}: {plan:?}");
        fs::remove_file(stage.path("job")).unwrap();
        let held = stage.world().delete(["--hard", "--hold", &file, &id]);
        assert!(held.code == Some(2) && held.stderr.contains("holds no id"), "{held:?}");
    }
    assert_eq!(stage.world().deletes(), Vec::<String>::new());
}

#[test]
fn a_hold_that_an_input_would_lose_deletes_nothing() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(2);
    for text in [
        format!("{{\"id\":\"{}\",\"conversations\":[{{\"id\":\"{}\"}}]}}", ids[1], ids[0]),
        format!("{{\"held\":[\"{}\"],\"released\":[]}}", ids[0]),
        format!("Litigation\nid\n{}\n", ids[0]),
        format!("| id |\n|---|\n| {} |\n", ids[0]),
    ] {
        let file = stage.file("keep", &[text]);
        let delete =
            stage.world().delete([&["--hard", "--allow-unmatched-holds", "--hold", &file][..], &[&ids[0]]].concat());
        assert_eq!(delete.code, Some(2), "{delete:?}");
    }
    let file = stage.file("table", &[format!("callid\n{}\n", ids[0])]);
    let named = stage.world().delete(["--hard", "--ids-from", &file, "--id-column", "call_id"]);
    assert!(named.code == Some(2) && named.stderr.contains("`call_id`"), "{named:?}");
    assert_eq!(stage.world().deletes(), Vec::<String>::new());
}

#[test]
fn the_help_promises_lines_for_ids_only_where_they_are_written() {
    for (command, has_lines) in
        [("delete", true), ("verify", true), ("run", false), ("plan", false), ("check", false), ("status", false)]
    {
        let help = run(program().args([command, "--help"]), "").stdout;
        let option = help.split("--output <").nth(1).unwrap().split("\n      --").next().unwrap();
        assert_eq!(option.contains("for each id"), has_lines, "{command}: {option}");
    }
}
