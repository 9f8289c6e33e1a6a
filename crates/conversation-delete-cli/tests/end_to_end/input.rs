//! Where ids come from, and what is not an id.

use std::fs;

use conversation_delete_fake::Vendor;
use serde_json::Value;

use crate::support::World;

#[test]
fn ids_come_from_lines_csv_and_ndjson() {
    let folder = tempfile::tempdir().unwrap();
    for form in ["lines", "csv", "ndjson"] {
        let world = World::new(Vendor::Corti);
        let ids = world.fake.seed(3);
        let rows: Vec<String> = match form {
            "lines" => ids.clone(),
            "csv" => ids.iter().map(|id| format!("\"Doe, Jane\",\"{id}\",x")).collect(),
            _ => ids.iter().map(|id| format!("{{\"name\":\"Doe, Jane\",\"id\":\"{id}\"}}")).collect(),
        };
        let header = if form == "csv" { "name,id,more\r\n" } else { "" };
        let text = format!("\u{feff}{header}{}", rows.join("\r\n"));
        let run = world.delete_with_stdin(&["--ids-from", "-"], &text);
        assert_eq!(run.code, Some(0), "{form}: {run:?}");
        assert_eq!(run.outcomes().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ids);

        let more = world.fake.seed(1);
        let file = folder.path().join(form);
        fs::write(&file, text).unwrap();
        let run = world.delete([&more[0], "--ids-from", file.to_str().unwrap()]);
        assert_eq!(run.outcomes()[0], (more[0].clone(), "deleted".to_owned()), "arguments first: {run:?}");
        run.has_summary(&[("deleted", 1), ("not_found", 3)]);
    }
}

#[test]
fn a_malformed_line_is_named_by_its_number_and_the_rest_goes_on() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(2);
    let input = format!("{}\n\nnot-a-uuid\n {}\n{}\n", ids[0], ids[1], ids[1]);
    let run = world.delete_with_stdin(&["--ids-from", "-"], input);
    assert_eq!(run.code, Some(3), "{run:?}");
    let lines = run.lines();
    assert_eq!(lines[1]["id"], "not-a-uuid");
    assert_eq!((&lines[1]["outcome"], &lines[2]["outcome"]), (&"refused".into(), &"refused".into()));
    let error = &lines[1]["error"];
    assert_eq!((&error["kind"], &error["delivery"]), (&"invalid_input".into(), &"not_sent".into()));
    assert!(error["message"].as_str().unwrap().starts_with("line 3: "), "{error}");
    assert!(lines[2]["error"]["message"].as_str().unwrap().starts_with("line 4: there is white space"));
    assert_eq!((&lines[1]["attempts"], &lines[1]["status"]), (&0.into(), &Value::Null));
    run.has_summary(&[("deleted", 2), ("refused", 2)]);
}

#[test]
fn hostile_ids_reach_nothing() {
    let hostile = [
        "",
        ".",
        "..",
        "...",
        "/",
        "../agents/x",
        "a/b",
        "a\\b",
        "a?b",
        "x?hard=true",
        "a#b",
        "%2e%2e",
        "a%2Fb",
        "a;b",
        "a b",
        " a",
        "a ",
        "x\n",
        "x\r",
        "\tx",
        "é",
        "\u{200b}x",
        "\u{202e}x",
        "*",
        "a,b",
        "{}",
        "null/../x",
    ];
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        world.fake.seed(2);
        let mode = if vendor == Vendor::Tavus { &["--hard"][..] } else { &[] };
        let run = world.delete(mode.iter().copied().chain(["--"]).chain(hostile));
        assert_eq!(run.code, Some(2), "{run:?}");
        run.has_summary(&[("refused", hostile.len() as u64)]);
        assert_eq!(world.fake.stats().requests, 0);
    }
}

#[test]
fn an_id_given_twice_is_deleted_once_and_reported_once() {
    let world = World::new(Vendor::Corti);
    let id = world.fake.seed(1).remove(0);
    let twin = id.to_uppercase();
    let bare = id.replace('-', "");
    let run = world.delete([&id, &twin, &bare, &id]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.outcomes(), [(id.clone(), "deleted".to_owned())]);
    assert_eq!(world.deletes().len(), 1);
    assert!(run.stderr.contains("3 ids given again and merged"), "{}", run.stderr);
}

#[test]
fn words_for_a_missing_id_are_sent_with_a_warning() {
    let world = World::new(Vendor::Tavus);
    let run = world.delete(["--hard", "--all-absent-ok", "null", "None", "interaction_id"]);
    assert_eq!(world.deletes().len(), 3);
    assert!(run.stderr.contains("`interaction_id` may be"), "{}", run.stderr);
    assert!(run.stderr.contains("`null` may be a missing id") && run.stderr.contains("`None`"), "{}", run.stderr);
}

#[test]
fn an_empty_input_is_nothing_to_delete() {
    let world = World::new(Vendor::Corti);
    for input in ["", "\n\n", "id\n", "name,id\n"] {
        let run = world.delete_with_stdin(&["--ids-from", "-"], input);
        assert_eq!(run.code, Some(0), "{input:?}: {run:?}");
        run.has_summary(&[]);
        assert_eq!(world.fake.stats().requests, 0, "{input:?}");
    }
}

#[test]
fn rows_of_a_table_without_a_header_are_not_repeated() {
    let world = World::new(Vendor::Tavus);
    let run = world.delete_with_stdin(&["--hard", "--ids-from", "-"], "c1;Jane\nc2,Jane\nJane Doe\n");
    run.has_only_errors(2);
    assert!(!run.stdout.contains("Jane") && !run.stderr.contains("Jane"), "{run:?}");
    assert!(run.stderr.contains("none of its 3 entries is an id") && run.stderr.contains("--id-column"), "{run:?}");
}

#[test]
fn a_quote_that_would_swallow_rows_sends_nothing() {
    let world = World::new(Vendor::Tavus);
    let run = world.delete_with_stdin(&["--hard", "--ids-from", "-"], "id,name\nc1,\"oops\nc2,b\nc3,c\n");
    run.has_only_errors(2);
    assert!(run.stderr.contains("line 2"), "{run:?}");
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn fini_sends_far_fewer_requests_than_ids() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(1000);
    let run = world.delete_with_stdin(&["--ids-from", "-"], ids.join("\n"));
    run.has_summary(&[("deleted", 1000)]);
    // One id is sent on its own, until it shows that this is the right workspace; then 50 in a request.
    assert_eq!(world.deletes().len(), 21);
}
