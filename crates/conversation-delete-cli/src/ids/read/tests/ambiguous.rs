//! Inputs in which ids could be lost, or something else be taken for one.

use super::*;

fn error_with(id_column: &str, input: &str) -> String {
    let options = ReadOptions { id_column: Some(id_column), ..OPTIONS };
    try_read(IdForm::Opaque, &options, input.as_bytes()).err().unwrap().to_string()
}

#[test]
fn an_array_of_ids_beside_an_id_is_never_dropped_in_silence() {
    for object in [
        r#"{"id":"B","conversations":[{"id":"A"}]}"#,
        r#"{"conversations":[{"id":"A"}],"id":"B"}"#,
        r#"{"id":"B","page":{"conversations":[{"id":"A"}]}}"#,
        r#"{"id":"B","pages":[[{"conversation_id":"A"}]]}"#,
        r#"{"id":"B","pages":[{"data":[{"id":"A"}]}]}"#,
        r#"{"id":"B","ids":["A"]}"#,
        r#"{"id":"B","conversation_ids":["A"]}"#,
    ] {
        for input in [
            object.to_owned(),
            object.replacen(',', ",\n", 1),
            format!("{object}\n{{\"id\":\"C\"}}\n"),
            format!("{{\"id\":\"C\"}}\n{object}\n"),
            format!("[{object}]"),
            format!("[\n{{\"id\":\"C\"}},\n{object}\n]"),
            format!("{{\"data\":[{object}]}}"),
        ] {
            let error = error(&input);
            assert!(error.contains("an id of its own and an array"), "{input}: {error}");
        }
    }
    assert!(error_with("call", r#"{"call":"B","calls":[{"call":"A"}]}"#).contains("an id of its own and an array"));
}

#[test]
fn parts_of_a_conversation_are_no_ids() {
    for object in [
        r#"{"id":"B","messages":[{"id":"A"}],"tags":["x"],"agent":{"id":"a"}}"#,
        r#"{"id":"B","transcript":[{"id":"A"}],"numbers":[{"id":1}]}"#,
    ] {
        for input in [object.to_owned(), object.replacen(',', ",\n", 1), format!("[{object}]")] {
            assert_eq!(ids(&read_opaque(&input)), ["B"], "{input}");
        }
    }
}

#[test]
fn several_arrays_are_an_error_whatever_they_hold() {
    for object in [
        r#"{"released":["c1"],"held":[]}"#,
        r#"{"held":[],"released":["c1"]}"#,
        r#"{"data":[],"errors":[]}"#,
        r#"{"data":[{"id":"c1"}],"page":{"more":[{"id":"c2"}]}}"#,
    ] {
        for input in [object.to_owned(), object.replacen(',', ",\n", 1)] {
            assert!(error(&input).contains("more than one array"), "{input}: {}", error(&input));
        }
    }
}

#[test]
fn an_empty_list_of_an_api_is_an_empty_input() {
    for input in
        ["[]", "{\"data\":[]}", "{\"data\":[],\"total_count\":0}\n", "{\n\"conversations\": [\n]\n}\n", "[\n]\n"]
    {
        let list = read_opaque(input);
        assert_eq!((list.len(), list.refused_len()), (0, 0), "{input}");
    }
}

#[test]
fn the_name_of_a_column_below_the_first_line_is_not_an_id() {
    for (input, line) in [
        ("Litigation\nid\nc1\n", 2),
        ("\nLitigation\n\n\"Conversation ID\"\nc1\n", 4),
        ("c1\nconversation_id\nc2\n", 2),
        ("c1\nc2\nINTERACTIONID", 3),
        ("c1\nids\n", 2),
    ] {
        let first = 1 + u64::from(input.starts_with('\n'));
        let error = error(input);
        for part in [format!("line {line} is the name of a column"), format!("line {first} is a title")] {
            assert!(error.contains(&part), "{input:?}: {error}");
        }
    }
    let many = format!("{}id\n", (0..40).map(|number| format!("c{number}\n")).collect::<String>());
    assert!(error(many).contains("line 41 is the name of a column"));
    assert!(error_with("id", "Litigation\nid\nc1\n").contains("line 2 is the name of a column"));
    assert!(error_with("call", "Litigation\ncall\nc1\n").contains("line 2 is the name of a column"));
    for form in [IdForm::Uuid, IdForm::Opaque] {
        assert!(try_read(form, &OPTIONS, b"Litigation\nid\n00000000-0000-4000-8000-000000000001\n").is_err());
    }
}

#[test]
fn a_table_that_is_drawn_is_named_and_its_rule_is_not_an_id() {
    for input in [
        "| id | name |\n|---|---|\n| c1 | Jane |\n",
        "|id|\n|:--:|\n|c1|\n",
        "id|name\n---|---\nc1|Jane\n",
        " id | name\n----+------\n c1 | Jane\n",
        "+----+\n| id |\n+----+\n| c1 |\n",
    ] {
        assert!(error(input).contains("a table in Markdown"), "{input}: {}", error(input));
    }
    for rule in ["---", "-----", "***", "___", "=====", "|---|"] {
        let list = read_opaque(format!("c1\n\n{rule}\nc2\n{{}}\n").replace("{}\n", ""));
        assert_eq!((ids(&list), list.refused_len()), (vec!["c1".to_owned(), "c2".to_owned()], 1), "{rule}");
        assert!(refusals(&list)[0].starts_with("line 3: it is nothing but punctuation"), "{:?}", refusals(&list));
        assert_eq!(read_opaque(format!("id,x\nc1,y\n\"{rule}\",z\n")).refused_len(), 1, "{rule} in a table");
    }
}

#[test]
fn own_lines_without_a_record_are_skipped_and_those_of_others_are_not() {
    let record = r#"{"type":"record","vendor":"tavus","id":"c1","outcome":"deleted","attempts":1,"error":null}"#;
    for line in [
        r#"{"type":"summary","deleted":1,"held":0,"not_attempted":0}"#,
        r#"{"type":"summary","present":1,"absent":0,"unknown":0}"#,
        r#"{"type":"record","vendor":"tavus","id":"a/b","outcome":"refused","attempts":0,"error":{"kind":"invalid_input"}}"#,
        r#"{"type":"child","vendor":"corti","parent":"c1","kind":"document","id":"d1","outcome":"deleted"}"#,
        r#"{"type":"check","vendor":"tavus","ok":true,"error":null}"#,
        r#"{"type":"plan","job":"x","hash":"y","targets":[]}"#,
        r#"{"type":"job","schema":1,"time":"t","run":"r","job":"x","targets":[]}"#,
        r#"{"type":"error","schema":1,"time":"t","run":"r","kind":"usage","message":"m","exit_code":2,"advice":null}"#,
    ] {
        for input in [format!("{record}\n{line}\n"), format!("{line}\n{record}\n"), format!("[{line},{record}]")] {
            let list = read_opaque(&input);
            assert_eq!((ids(&list), list.refused_len()), (vec!["c1".to_owned()], 0), "{input}");
        }
        for input in [line.to_owned(), line.replacen(',', ",\n", 1)] {
            let list = read_opaque(&input);
            assert_eq!((list.len(), list.refused_len()), (0, 0), "{input}");
        }
    }
    for line in [
        r#"{"type":"summary","id":"c2","not_attempted":0}"#,
        r#"{"type":"child","id":"c2"}"#,
        r#"{"type":"record","id":"c2","outcome":"refused"}"#,
        r#"{"type":"call","id":"c2","vendor":"tavus","parent":"x","kind":"y"}"#,
    ] {
        assert_eq!(ids(&read_opaque(format!("{record}\n{line}\n"))), ["c1", "c2"], "{line}");
    }
    for line in [r#"{"type":"summary","name":"x"}"#, r#"{"type":"request","schema":1,"run":"r","ids":["c2"]}"#] {
        assert_eq!(read_opaque(format!("{record}\n{line}\n")).refused_len(), 1, "{line}");
    }
}

#[test]
fn refused_rows_of_an_export_are_skipped_and_those_of_other_tables_are_not() {
    let export = "vendor,id,outcome,mode,attempts\ntavus,c1,deleted,hard,1\ntavus,a/b,refused,,0\ntavus,c2,held,,0\n";
    let list = read_opaque(export);
    assert_eq!((ids(&list), list.refused_len()), (vec!["c1".to_owned(), "c2".to_owned()], 0));
    let other = read_opaque("id,outcome,name\nc1,refused,x\n");
    assert_eq!(ids(&other), ["c1"]);
}
