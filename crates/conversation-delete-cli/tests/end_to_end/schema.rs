//! The JSON Schema that the program prints, and what it allows.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::{program, run};

/// A validator for each type of line.
fn validators() -> &'static BTreeMap<String, Validator> {
    static VALIDATORS: OnceLock<BTreeMap<String, Validator>> = OnceLock::new();
    VALIDATORS.get_or_init(|| {
        let schema = printed();
        let types = schema["oneOf"].as_array().unwrap().iter().map(|any| any["$ref"].as_str().unwrap());
        let validator = |reference: &str| {
            let schema = json!({ "$schema": schema["$schema"], "$ref": reference, "$defs": schema["$defs"] });
            jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
        };
        types.map(|reference| (reference.rsplit('/').next().unwrap().to_owned(), validator(reference))).collect()
    })
}

pub(crate) fn printed() -> Value {
    let run = run(program().arg("schema"), "");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

/// Why a line is not one that the schema allows.
pub(crate) fn mismatch(line: &str) -> Option<String> {
    let Ok(value) = serde_json::from_str::<Value>(line) else { return Some("it is not JSON".to_owned()) };
    match validators().get(value["type"].as_str().unwrap_or_default()) {
        Some(validator) => validator.validate(&value).err().map(|error| error.to_string()),
        None => Some(format!("no type {}", value["type"])),
    }
}

/// Every line must be one of the schema.
#[track_caller]
pub(crate) fn check_lines(stdout: &str) {
    for line in stdout.lines() {
        let mismatch = mismatch(line);
        assert!(mismatch.is_none(), "{}: {line}", mismatch.unwrap_or_default());
    }
}

#[test]
fn the_schema_is_valid_and_defines_each_type_once() {
    let schema = printed();
    assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
    let types: Vec<&str> = validators().keys().map(String::as_str).collect();
    let expected = [
        "check", "child", "end", "error", "evidence", "found", "job", "plan", "presence", "profile", "record",
        "request", "summary", "target",
    ];
    assert_eq!(types, expected);
    let summary = &schema["$defs"]["summary"];
    for count in ["deleted", "acknowledged", "gone", "unresolved", "not_found", "failed", "refused", "held"]
        .iter()
        .chain(&["not_attempted", "verified", "still_present", "unverified"])
    {
        assert_eq!(summary["properties"][count]["type"], "integer", "{summary:#}");
    }
}

/// The names of the JSON types that a schema allows, without null.
fn types(schema: &Value, root: &Value) -> Vec<String> {
    let name = |value: &Value| value.as_str().unwrap().to_owned();
    let mut names: Vec<String> = match schema {
        _ if schema["$ref"].is_string() => types(root.pointer(&name(&schema["$ref"])[1..]).unwrap(), root),
        _ if schema["anyOf"].is_array() => {
            schema["anyOf"].as_array().unwrap().iter().flat_map(|any| types(any, root)).collect()
        }
        _ if schema["enum"].is_array() || schema["const"].is_string() => vec!["string".to_owned()],
        _ if schema["const"].is_number() => vec!["integer".to_owned()],
        _ if schema["type"].is_array() => schema["type"].as_array().unwrap().iter().map(name).collect(),
        _ => vec![name(&schema["type"])],
    };
    names.retain(|name| name != "null");
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn a_member_has_one_json_type_in_all_lines_and_is_always_present() {
    let schema = printed();
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in validators().keys() {
        let line = &schema["$defs"][name];
        let required = line["required"].as_array().unwrap();
        for (member, definition) in line["properties"].as_object().unwrap() {
            let types = types(definition, &schema);
            assert_eq!(types.len(), 1, "{name}.{member}: {definition}");
            assert_eq!(known.entry(member.clone()).or_insert_with(|| types.clone()), &types, "{name}.{member}");
            assert!(required.contains(&json!(member)), "{name}.{member}");
        }
        for member in ["type", "schema", "time", "run"] {
            assert!(required.contains(&json!(member)), "{name}.{member}");
        }
    }
}

#[test]
fn an_error_is_a_line_on_stdout_too() {
    for command in ["check", "delete", "end", "export", "list", "plan", "run", "status", "sweep", "verify"] {
        run(program().args([command, "--output", "json", "--nonsense"]), "").has_only_errors(2);
        run(program().args([command, "--nonsense", "--output=json"]), "").has_only_errors(2);
    }
    for args in [
        &["delete", "tavus", "--hard", "--yes", "c1"][..],
        &["verify", "tavus", "c1"],
        &["list", "tavus"],
        &["plan", "tavus", "--hard", "--all", "--out", "job"],
        &["run", "/does/not/exist", "--yes", "--expect-count", "1"],
        &["status", "/does/not/exist"],
        &["export", "/does/not/exist"],
    ] {
        let run = run(program().args(args).args(["--output", "json"]), "");
        run.has_only_errors(2);
        let line = &run.lines()[0];
        assert_eq!(line["kind"], "usage", "{run:?}");
        assert!(run.stderr.contains(line["message"].as_str().unwrap()), "{run:?}");
    }
}

#[test]
fn a_line_of_another_shape_is_not_allowed() {
    let line = json!({
        "type": "record", "schema": 1, "time": "2026-11-28T12:00:00Z", "run": "d85a30e8-2b6e-4d6f-9c0a-6f1f3d0f6c11",
        "vendor": "tavus", "id": "c1", "outcome": "deleted", "mode": "hard", "attempts": 2, "status": 204,
        "request_id": null, "error": null, "presence": null, "settled_at": null, "looked_at": null, "source": null,
        "line_number": null,
    });
    assert_eq!(mismatch(&line.to_string()), None);
    for (member, value) in [
        ("type", json!("recrod")),
        ("schema", json!(2)),
        ("time", json!("yesterday")),
        ("run", json!("1")),
        ("outcome", json!("vanished")),
        ("status", json!("204")),
        ("attempts", json!(null)),
        ("presence", json!("absent")),
        ("presence", json!({"before": null})),
        ("another", json!(1)),
    ] {
        let mut other = line.clone();
        other[member] = value;
        assert!(mismatch(&other.to_string()).is_some(), "{other}");
    }
    for member in line.as_object().unwrap().keys() {
        let mut other = line.clone();
        other.as_object_mut().unwrap().remove(member);
        assert!(mismatch(&other.to_string()).is_some(), "without {member}");
    }
}
