mod ambiguous;
mod bounds;
mod chunks;
mod formats;

use proptest::prelude::*;

use super::*;
use crate::ids::IdForm;
use crate::ids::tests::IdList;

const OPTIONS: ReadOptions<'_> = ReadOptions { id_column: None, max_ids: 1_000_000 };

fn try_read(form: IdForm, options: &ReadOptions<'_>, input: &[u8]) -> Result<IdList, ReadError> {
    let mut list = IdList::new(form);
    read(input, options, &mut list)?;
    Ok(list)
}

fn read_as(form: IdForm, input: &[u8]) -> IdList {
    try_read(form, &OPTIONS, input).unwrap()
}

fn read_opaque(input: impl AsRef<[u8]>) -> IdList {
    read_as(IdForm::Opaque, input.as_ref())
}

fn ids(list: &IdList) -> Vec<String> {
    list.ids()
}

fn refusals(list: &IdList) -> Vec<String> {
    (0..list.refused_len())
        .map(|index| list.refused(index).unwrap().message().split(';').next().unwrap().to_owned())
        .collect()
}

#[test]
fn one_id_a_line() {
    let list = read_opaque("\u{feff}c1\r\n\n  \nc2\nc1\nc3");
    assert_eq!(ids(&list), ["c1", "c2", "c3"]);
    assert_eq!(list.merged(), 1);
    assert!(refusals(&list).is_empty());
}

#[test]
fn a_bad_line_is_named_by_its_number_and_the_rest_goes_on() {
    let list = read_opaque(b"c1\n\nc2 \n../agents/x\n\xff\xfe\n\tc3\nc4,x\n\xef\xbb\xbfc5\nc6");
    assert_eq!(ids(&list), ["c1", "c2", "c6"]);
    assert_eq!(
        refusals(&list),
        [
            "line 4: Test: \"../agents/x\" is not a conversation id: it holds \"/\"",
            "line 5: it is not UTF-8",
            "line 6: there is white space around the id",
            ROW.replace('#', "7").as_str(),
            "line 8: Test: \"\\u{feff}c5\" is not a conversation id: it holds \"\\u{feff}\"",
        ]
    );
}

const ROW: &str = "line #: it looks like a row of a table: that needs a header line with a column `id`, or --id-column";

#[test]
fn nothing_is_shown_of_a_line_that_looks_like_a_row() {
    let rows = ["c1,Jane Doe", "c1;Jane", "c1\tJane", "\"c1\",", "'c1'", " Jane Doe", "c1\u{a0}Jane", "{\"id\": 1}"];
    let list = read_opaque(format!("c0\n{}", rows.join("\n")));
    let expected: Vec<_> = (2..10).map(|line| ROW.replace('#', &line.to_string())).collect();
    assert_eq!(refusals(&list), expected);
    assert!((0..list.refused_len()).all(|index| list.refused(index).unwrap().id.is_empty()));
    let list = read_opaque(b"c0\nM\xfcller,c1\n a/b\n../x\n");
    let shown: Vec<_> = (0..3).map(|index| list.refused(index).unwrap().id.clone()).collect();
    assert_eq!(
        (refusals(&list)[0].as_str(), shown),
        (ROW.replace('#', "2").as_str(), vec![String::new(), " a/b".into(), "../x".into()])
    );
}

#[test]
fn white_space_that_nobody_sees_after_an_id_is_left_out() {
    for end in [" ", "  ", "\t", "\u{a0}", " \u{a0}\t ", "\u{2003}"] {
        for input in
            [format!("c1{end}\nc2\n"), format!("id\nc1{end}\nc2\n"), format!("id;x\nc1{end};y\n\"c2{end}\";\n")]
        {
            let list = read_opaque(&input);
            assert_eq!((ids(&list), list.refused_len()), (vec!["c1".to_owned(), "c2".to_owned()], 0), "{input:?}");
        }
    }
    assert_eq!(ids(&read_opaque(b"c1\xa0\r\n\"c2\" \r\n")), ["c1", "c2"], "Windows-1252");
}

#[test]
fn a_first_line_that_is_not_like_the_others_is_named() {
    for (name, shown) in [
        ("Konversations-ID", "--id-column 'Konversations-ID'"),
        ("\"callId\"", "--id-column 'callId'"),
        ("Gespräch", "--id-column NAME"),
        ("Anruf", "--id-column NAME"),
        ("call", "--id-column NAME"),
    ] {
        let error = error(format!("\n{name}\nc1\nc2\n"));
        assert!(error.contains("line 2 is not like the lines below it") && error.contains(shown), "{name}: {error}");
        assert!(error.contains("--id-column 1"), "{error}");
    }
    for input in ["first\nsecond\nc3\n", "c1\nc2\n", "only\n", "not-a b\nc1\n", "cafe\nc1\n"] {
        assert!(try_read(IdForm::Opaque, &OPTIONS, input.as_bytes()).is_ok(), "{input}");
    }
    let uuid = "00000000-0000-4000-8000-000000000001";
    assert!(try_read(IdForm::Uuid, &OPTIONS, format!("Gespräch\n{uuid}\n").as_bytes()).is_err());
    assert_eq!(read_as(IdForm::Uuid, format!("not-a-uuid\n{uuid}\n").as_bytes()).refused_len(), 1, "a slip");
}

#[test]
fn the_name_of_a_column_is_no_id_where_a_header_may_stand() {
    for (input, line) in [("\nids\nc1\n", 2), ("id\nc1\nid\n", 3), ("x,ID\n1,c1\nx,Conversation_Id\n", 3)] {
        for form in [IdForm::Opaque, IdForm::Uuid] {
            let list = read_as(form, input.replace("c1", "00000000-0000-4000-8000-000000000001").as_bytes());
            assert_eq!(list.len(), 1, "{input:?}");
            let expected =
                format!("line {line}: it looks like the name of a column, which belongs in the first line alone");
            assert_eq!(refusals(&list), [expected], "{input:?}");
        }
    }
}

#[test]
fn a_very_long_line_is_refused_and_skipped() {
    for first in ["c1\n", ""] {
        let list = read_opaque(format!("{first}{}\nc2\n", "x".repeat(1_000_000)));
        assert_eq!(ids(&list).last().unwrap(), "c2");
        assert_eq!(refusals(&list), [format!("line {}: it is longer than 64 KiB", 1 + first.len() / 3)]);
    }
}

#[test]
fn csv_with_the_ids_in_any_column() {
    let list = read_opaque(
        "name,\"id\",note\r\nA,c1,x\r\n\r\n\"B, C\",\"c2\",\"two\nlines\"\nD\nE,,x\n\nF,\"c3 \",\nG,c4,\"\"\n ",
    );
    assert_eq!(ids(&list), ["c1", "c2", "c3", "c4"]);
    assert_eq!(
        refusals(&list),
        [
            "line 6: the row has another number of fields than the header",
            "line 7: Test: \"\" is not a conversation id: it is empty",
        ]
    );
}

#[test]
fn csv_of_one_column_and_other_spellings_of_the_header() {
    assert_eq!(ids(&read_opaque("id\nc1\nc2\n")), ["c1", "c2"]);
    assert_eq!(ids(&read_opaque("\u{feff}ID,x\nc1,y\n")), ["c1"]);
    assert_eq!(ids(&read_opaque("id\n")), [""; 0]);
}

#[test]
fn a_row_with_other_fields_than_the_header_is_refused() {
    let list = read_opaque("id,note\nc1,x\nc2\nc3,x,y\nc4,\"x,y\"\n\"c5,x\"\n\n  \nc6,\n");
    assert_eq!(ids(&list), ["c1", "c4", "c6"]);
    let count = |line: u32| format!("line {line}: the row has another number of fields than the header");
    assert_eq!(refusals(&list), [count(3), count(4), count(6)]);
    assert!((0..3).all(|index| list.refused(index).unwrap().id.is_empty()), "nothing of such a row is shown");
}

/// What is wrong with the whole of `input`.
fn error(input: impl AsRef<[u8]>) -> String {
    try_read(IdForm::Opaque, &OPTIONS, input.as_ref()).err().unwrap().to_string()
}

#[test]
fn quotes_that_would_swallow_rows_are_an_error() {
    for (input, line) in [
        ("id,name\nc1,\"oops\nc2,b\nc3,c\n", 2),
        ("id,name\n\nc1,x\nc2,\"a\nb\"\nc3,\"a\"\"\n", 6),
        ("id,\"name\nc1,x\n", 1),
        ("\nname,id\nx,\"", 3),
    ] {
        assert!(error(input).starts_with(&format!("the quote that opens in line {line} is never")), "{input:?}");
    }
    for (input, line) in [
        ("id,name\nc1,\"oops\nc2,\"b\"\nc3,c\n", 2),
        ("id,name\nc1,\"a\" \nc2,x\n", 2),
        ("id,\"na\"me\nc1,x\n", 1),
        ("id,name\nc1,x\n\"c2\"x,y\n", 3),
    ] {
        assert!(error(input).starts_with(&format!("text follows the end of the quotes that open in line {line}")));
    }
    assert_eq!(ids(&read_opaque("id,name\r\nc1,a\"b\"c\r\n\"c2\",\"a\"\"\"\"\"\r\nc3,\"\"")), ["c1", "c2", "c3"]);
}

#[test]
fn a_quoted_field_that_is_too_long_costs_its_row_alone() {
    let list = read_opaque(format!("id,note\nc1,\"{}\"\nc2,x\n", "y\n".repeat(100_000)));
    assert_eq!(ids(&list), ["c2"]);
    assert_eq!(refusals(&list), ["line 2: it is longer than 64 KiB"]);
    assert!(error(format!("id,note\nc1,\"open\n{}", "c2,x\n".repeat(100_000))).contains("line 2 is never closed"));
}

#[test]
fn line_ends_of_old_systems_are_an_error() {
    let long = format!("\n{}", "c1\r".repeat(100_000));
    for (input, line) in [("c1\rc2\rc3\r", 1), ("id,name\rc1,x\rc2,y", 1), ("\n{\"id\":\"c1\"}\r{}\n", 2), (&long, 2)] {
        assert!(error(input).starts_with(&format!("line {line} holds a carriage return without")), "{input:?}");
    }
}

#[test]
fn ndjson_with_a_string_field_id() {
    let list = read_opaque(
        b"{\"id\":\"c1\"}\n\n{\"name\":\"A\",\"id\":\"c\\u0032\",\"more\":[1,{}]}\n{\"id\":3}\n{\"name\":\"Jane\"}\nc4\n\
          [\"c5\"]\n{\"id\":\"c6\",\"id\":\"c7\"}\n{\"id\":\"..\"}\n{\"id\":\"\xff\"}\n {\"id\":\"c8\"} ",
    );
    assert_eq!(ids(&list), ["c1", "c2", "c8"]);
    let no_id = |line: u32| format!("line {line}: it is not a JSON object with a string field `id`");
    assert_eq!(
        refusals(&list),
        [
            no_id(4),
            no_id(5),
            no_id(6),
            no_id(7),
            no_id(8),
            "line 9: Test: \"..\" is not a conversation id: it is made of dots alone".to_owned(),
            "line 10: it is not UTF-8".to_owned(),
        ]
    );
    assert_eq!(list.refused(1).unwrap().id, "", "nothing of such a line is shown");
}

#[test]
fn uuids_in_braces_are_no_json() {
    let list = read_as(IdForm::Uuid, b"{f47ac10b-58cc-4372-a567-0e02b2c3d479}\nF47AC10B58CC4372A5670E02B2C3D479\n");
    assert_eq!(ids(&list), ["f47ac10b-58cc-4372-a567-0e02b2c3d479"]);
    assert_eq!(list.merged(), 1);
}

proptest! {
    #[test]
    fn no_input_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
        for start in [&b""[..], b"id\n", b"a, id\n", b"{\"id\":\"x\"}\n", b"[", b"{\n\"a\":[", b"\xff\xfe"] {
            // Some are not CSV; what counts is that it is reported.
            let _ = try_read(IdForm::Opaque, &OPTIONS, &[start, &input].concat());
        }
    }

    /// Every line that is not blank is an id, a double or a refusal, and none is two of them.
    #[test]
    fn every_line_counts_once(
        lines in proptest::collection::vec("[ab1]{0,3}|[ -~]{0,6}|\\PC{0,4}|\\{\"id\":\"[ab]{1,2}\"\\}", 0..60),
        end in "\n|\r\n",
        is_json in any::<bool>(),
    ) {
        let first = if is_json { "{\"id\":\"first\"}" } else { "first1" };
        let mut all = vec![first.to_owned()];
        // The name of a column makes the whole file unclear.
        all.extend(lines.into_iter().filter(|line| is_json || !is_header(without_quotes(line.as_bytes()))));
        let expected = all.iter().filter(|line| !line.trim_ascii().is_empty()).count();
        let list = read_opaque(all.join(&end));
        prop_assert_eq!(list.len() + list.refused_len() + usize::try_from(list.merged()).unwrap(), expected);
    }

    /// The same for the rows of a CSV file without quotes.
    #[test]
    fn every_row_counts_once(rows in proptest::collection::vec("[ab1]{0,2},[ab1. ]{0,3}(,x)?|[ab]{1,2}", 0..60)) {
        let list = read_opaque(format!("x,id\n0,first\n{}", rows.join("\n")));
        prop_assert_eq!(list.len() - 1 + list.refused_len() + usize::try_from(list.merged()).unwrap(), rows.len());
    }

    /// Whatever the other fields hold, each row yields its id once it is written as RFC 4180 wants it.
    #[test]
    fn no_quoted_text_hides_an_id(texts in proptest::collection::vec("[a\",\r\n ]{0,6}", 0..30)) {
        let rows: Vec<String> =
            texts.iter().zip(0..).map(|(text, n)| format!("\"{}\",c{n}\n", text.replace('"', "\"\""))).collect();
        let list = read_opaque(format!("x,id\n{}", rows.concat()));
        prop_assert_eq!(ids(&list), (0..texts.len()).map(|n| format!("c{n}")).collect::<Vec<_>>());
    }
}
