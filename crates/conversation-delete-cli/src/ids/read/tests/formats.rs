//! The formats of an input: which is read, and which is named as what it is.

use super::*;

fn read_with(id_column: &str, input: &str) -> Result<Vec<String>, String> {
    let options = ReadOptions { id_column: Some(id_column), ..OPTIONS };
    try_read(IdForm::Opaque, &options, input.as_bytes()).map(|list| ids(&list)).map_err(|error| error.to_string())
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn the_id_column_by_each_of_its_usual_names() {
    for name in ["id", "ID", "conversation_id", "conversationId", "ConversationID", "interaction_id", "interactionId"] {
        assert_eq!(ids(&read_opaque(format!("{name}\nc1\nc2\n"))), ["c1", "c2"], "{name}");
        assert_eq!(ids(&read_opaque(format!("{{\"{name}\":\"c1\",\"uuid\":\"x\"}}\n"))), ["c1"], "{name}");
        for delimiter in [",", ";", "\t", "|", ", "] {
            let text = format!("\u{feff}name,{name},\"at\"\r\nJane,c1,1\r\n\"Doe#J\",\"c2\",2\r\n");
            let text = text.replace(',', delimiter).replace('#', ", ");
            assert_eq!(ids(&read_opaque(&text)), ["c1", "c2"], "{text}");
        }
    }
}

#[test]
fn two_columns_that_may_be_that_of_the_ids_are_refused_until_one_is_named() {
    for (input, names) in [
        ("id,conversation_id,matter\n1,c1,Doe\n", "`id` and `conversation_id`"),
        ("Conversation ID;x;ID\nc1;x;1\n", "`Conversation ID` and `ID`"),
        ("{\"id\":\"1\",\"conversation_id\":\"c1\"}\n", "`id` and `conversation_id`"),
        ("{\"id\":\"1\"}\n{\"interactionId\":\"c1\",\"id\":\"2\"}\n", "`interactionId` and `id`"),
        ("[{\"id\":1,\n\"conversation_id\":\"c1\"}]", "`id` and `conversation_id`"),
    ] {
        let error = error(input);
        assert!(error.contains(names) && error.contains("--id-column NAME"), "{input}: {error}");
    }
    let table = "id,conversation_id,matter\n1,c1,Doe\n2,c2,Roe\n";
    assert_eq!(read_with("conversation_id", table).unwrap(), ["c1", "c2"]);
    assert_eq!(read_with("CONVERSATION_ID", table).unwrap(), ["c1", "c2"]);
    assert_eq!(read_with("2", table).unwrap(), ["c1", "c2"]);
    assert_eq!(read_with("matter", table).unwrap(), ["Doe", "Roe"], "any column");
    assert_eq!(read_with("conversation_id", "{\"id\":\"1\",\"conversation_id\":\"c1\"}\n").unwrap(), ["c1"]);
    assert_eq!(read_with("call", "[{\"id\":\"1\",\"call\":\"c1\"},{\"call\":\"c2\"}]").unwrap(), ["c1", "c2"]);
}

#[test]
fn a_named_column_that_a_table_lacks_is_an_error() {
    for (name, input) in [
        ("call", "id,name\nc1,x\n"),
        ("call", "id\nc1\n"),
        ("9", "c1;x\nc2;y\n"),
        ("0", "c1;x\n"),
        ("calls", "a b,call\n"),
        ("call_id", "callid\nc1\n"),
        ("call", "c1\nc2\n"),
    ] {
        let error = read_with(name, input).unwrap_err();
        assert!(error.contains(&format!("none of them is the `{name}` of --id-column")), "{input}: {error}");
    }
    assert_eq!(read_with("2", "Jane;c1\nJoe;c2\n").unwrap(), ["c1", "c2"], "a table without a header");
    assert_eq!(read_with("2", "x,Jane,c1\n2,c2,c3\n").unwrap(), ["Jane", "c2"], "every row of it");
}

#[test]
fn quoted_ids_and_those_that_a_spreadsheet_would_calculate() {
    assert_eq!(ids(&read_opaque("\"c1\"\n\"c2\"\n'-1e10\n\"'-2\"\n")), ["c1", "c2", "-1e10", "-2"]);
    assert_eq!(ids(&read_opaque("id;x\n'-1e10;=1\n\"'--\";1\n-3;1\n")), ["-1e10", "--", "-3"]);
    assert_eq!(ids(&read_opaque("{\"id\":\"'-4\"}\n")), ["-4"]);
    let list = read_opaque("c1\n''-1\n'=1\n'c2\n");
    assert_eq!((list.len(), list.refused_len()), (1, 3), "one is taken away, and only there");
}

#[test]
fn json_in_any_layout() {
    for input in [
        "[\"c1\",\"c2\"]",
        "[{\"id\":\"c1\"},{\"id\":\"c2\",\"messages\":[{\"id\":\"m\"}]}]",
        "[\n  {\n    \"id\": \"c1\"\n  },\n  {\n    \"id\": \"c2\"\n  }\n]\n",
        "{\"data\":[{\"id\":\"c1\"},{\"id\":\"c2\"}],\"total\":2}",
        "{\n  \"data\": [\n    \"c1\",\n    \"c2\"\n  ]\n}\n",
        "{\n  \"id\": \"c1\"\n}\n{\n  \"id\": \"c2\",\n  \"tags\": [\"x\"]\n}\n",
        "\u{feff}  [\"c1\"]\n[\"c2\"]",
    ] {
        assert_eq!(ids(&read_opaque(input)), ["c1", "c2"], "{input}");
    }
    let objects: Vec<String> = (0..5_000).map(|number| format!("{{\"id\":\"c{number}\",\"text\":\"…\"}}")).collect();
    assert_eq!(read_opaque(format!("[{}]", objects.join(","))).len(), 5_000, "on one line of 130 KB");
    let list = read_opaque("[\n\"c1\",\n7,\n{\"id\":null},\n{\"name\":\"Jane\"},\n[\"c2\"],\n\"a/b\"]");
    assert_eq!((list.len(), list.refused_len()), (1, 5));
    assert!(refusals(&list)[0].starts_with("line 3: "), "{:?}", refusals(&list));
    assert!(refusals(&list)[4].starts_with("line 7: "), "{:?}", refusals(&list));
}

#[test]
fn json_that_does_not_show_which_ids_are_meant_is_an_error() {
    for (input, expected) in [
        ("[{\"id\":\"c1\"},\n{\"id\":\"c2\"", "line 2 is not, or the file breaks off"),
        ("[{\"id\":\"c1\"},\nc2]", "line 2 is not"),
        ("{\"a\":[\"c1\"],\"b\":[\"c2\"]}", "more than one array"),
        ("{\n\"id\":\"export\",\"data\":[{\"id\":\"c1\"}]}", "an id of its own and an array"),
        ("{\n\"data\":[{\"id\":\"c1\"}],\"id\":\"export\"}", "an id of its own and an array"),
    ] {
        assert!(error(input).contains(expected), "{input}: {}", error(input));
    }
}

#[test]
fn utf_16_is_read() {
    for text in ["c1\r\nc2\r\n", "name\tconversation_id\r\nMüller 😀\tc1\r\n\tc2\r\n"] {
        for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            assert_eq!(ids(&read_opaque(utf16(&format!("\u{feff}{text}"), unit))), ["c1", "c2"]);
            assert_eq!(ids(&read_opaque(utf16(text, unit))), ["c1", "c2"], "without a byte order mark");
        }
    }
}

#[test]
fn a_file_of_another_kind_is_named_as_what_it_is() {
    for (input, expected) in [
        (&b"\x1f\x8b\x08\0rest"[..], "gunzip"),
        (b"PK\x03\x04\x14\0rest", "Excel workbook (.xlsx): save the sheet as \"CSV UTF-8\""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook (.xls)"),
        (b"%PDF-1.7\nc1\n", "PDF"),
        (b"{\\rtf1\\ansi c1}", "RTF"),
        (b"\n<!doctype html><p>502</p>", "HTML"),
        (b"SQLite format 3\0c1\n", "SQLite"),
        (b"BZh91AY", "bzip2"),
        (b"\xff\xfe\0\0c\0\0\0", "UTF-32"),
        (b"c1\nc2\0c3\n", "binary"),
    ] {
        assert!(error(input).contains(expected), "{}", error(input));
    }
}

#[test]
fn a_title_above_the_header_is_named() {
    for (input, line) in [
        ("Report of March\nname,id\nJane,c1\n", 2),
        ("Report\nname,id\nJane,c1\n", 2),
        ("Export;;\n\nName; Conversation ID;At\nJane;c1;1\n", 3),
        ("Report\nid,conversation_id\n1,c1\n", 2),
    ] {
        let error = error(input);
        assert!(error.contains(&format!("in line {line}")) && error.contains(&format!("tail -n +{line}")), "{error}");
    }
    assert_eq!(ids(&read_opaque("sep=;\nid;name\nc1;Jane, Doe\n")), ["c1"], "a hint for Excel");
}

#[test]
fn a_file_without_a_single_id_is_one_diagnosis_which_repeats_nothing() {
    let many = format!("conversation,name\n{}", "c1,Jane Doe\n".repeat(2_000));
    for (input, expected) in [
        ("name;mail\nJane;jane@example.com\n", "a table of 2 columns separated by `;`"),
        (many.as_str(), "none of its 2001 entries is an id; it looks like a table of 2 columns separated by `,`"),
        ("Jane\tDoe\n", "its only entry is not an id; it looks like a table of 2 columns separated by tabs"),
        (
            "jane@example.com\njoe@example.com\n",
            "none of its 2 entries is an id; line 1: an e-mail address is not an id",
        ),
        ("id,name\njane@example.com,Jane\n", "an e-mail address is not an id; it is a table of 2 columns"),
        ("{\"name\":\"Jane\"}\n", "not a JSON object with a string field `id`"),
    ] {
        let error = error(input);
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("Jane") && !error.contains("example"), "{error}");
    }
}

/// As a spreadsheet in Germany writes it.
fn german(title: &str, header: &str) -> Vec<Vec<u8>> {
    let text = format!("{title}{header}\r\n\"Müller, Jörg\";\"c1\";\"31.12.2025\"\r\n\"Groß\";\"c2\";\"1.1.2026\"\r\n");
    let old = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    vec![format!("\u{feff}{text}").into(), utf16(&format!("\u{feff}{text}"), u16::to_le_bytes), text.into(), old]
}

#[test]
fn a_table_of_a_german_spreadsheet_is_read_or_says_what_to_type() {
    for input in german("", "Kunde;Conversation-ID;Datum") {
        assert_eq!(ids(&read_opaque(&input)), ["c1", "c2"]);
    }
    for input in german("", "Kunde;Konversations-ID;Datum") {
        let error = error(&input);
        assert!(error.contains("add --id-column 'Konversations-ID'") && !error.contains("ller"), "{error}");
        let options = ReadOptions { id_column: Some("Konversations-ID"), ..OPTIONS };
        assert_eq!(ids(&try_read(IdForm::Opaque, &options, &input).unwrap()), ["c1", "c2"]);
    }
    for input in german("", "Kunde;Gesprächs-ID;Datum") {
        assert!(error(&input).contains("add --id-column 'Gesprächs-ID'"), "{}", error(&input));
        for name in ["Gesprächs-ID", "GESPRÄCHS-ID"] {
            let options = ReadOptions { id_column: Some(name), ..OPTIONS };
            assert_eq!(ids(&try_read(IdForm::Opaque, &options, &input).unwrap()), ["c1", "c2"]);
        }
    }
    for input in german("", "\"Kunden-ID\";\"Konversations-ID\";\"Datum\"") {
        let error = error(&input);
        assert!(error.contains("if one of `Kunden-ID` and `Konversations-ID` holds the ids"), "{error}");
    }
    for input in german("Bericht für Jörg Müller\r\n\r\n", "Kunde;Konversations-ID;Datum") {
        let error = error(&input);
        assert!(error.contains("in line 3, below a title: remove the lines above it, in the spreadsheet"), "{error}");
        assert!(!error.contains("ller"), "{error}");
    }
}
