//! The types of lines in `docs/output.md`: their part of the page is made from the schema that the program prints. An example
//! of each, a line that a run printed, stays as it is and is checked against the schema.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::{env, fs};

use serde_json::Value;

use crate::schema::{mismatch, printed};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/output.md");
const BEGIN: &str = "<!-- The types: made from the schema by a test of conversation-delete-cli. -->\n";
const END: &str = "<!-- The end of the types. -->\n";
/// What every line has.
const ENVELOPE: [&str; 4] = ["type", "schema", "time", "run"];
/// What several lines count, described once.
const COUNTS: [&str; 12] = [
    "deleted",
    "acknowledged",
    "gone",
    "unresolved",
    "not_found",
    "failed",
    "refused",
    "held",
    "not_attempted",
    "verified",
    "still_present",
    "unverified",
];

#[test]
fn the_page_is_up_to_date() {
    let page = fs::read_to_string(PAGE).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (types, tail) = rest.split_once(END).unwrap();
    let fresh = format!("{head}{BEGIN}{}{END}{tail}", reference(&printed(), &examples(types)));
    if env::var_os("UPDATE_DOCS").is_some() {
        return fs::write(PAGE, fresh).unwrap();
    }
    assert!(
        page == fresh,
        "docs/output.md is stale: run UPDATE_DOCS=1 cargo test -p conversation-delete-cli page_is_up_to_date"
    );
}

/// The example of each type, which must be valid.
fn examples(page: &str) -> BTreeMap<String, String> {
    let mut examples = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("{\"type\":")) {
        let mismatch = mismatch(line);
        assert!(mismatch.is_none(), "docs/output.md: {}: {line}", mismatch.unwrap_or_default());
        let value: Value = serde_json::from_str(line).unwrap();
        let earlier = examples.insert(value["type"].as_str().unwrap().to_owned(), line.to_owned());
        assert_eq!(earlier, None, "docs/output.md has two examples of a type");
    }
    examples
}

/// A section for each type of line, and for each object within them.
fn reference(schema: &Value, examples: &BTreeMap<String, String>) -> String {
    let references = schema["oneOf"].as_array().unwrap().iter().map(|any| any["$ref"].as_str().unwrap());
    let types: Vec<&str> = references.map(|reference| reference.rsplit('/').next().unwrap()).collect();
    let mut page = String::new();
    for name in &types {
        let Some(example) = examples.get(*name) else {
            panic!("docs/output.md has no example of `{name}`: put a line that a run printed between the markers");
        };
        let definition = &schema["$defs"][name];
        write!(page, "\n### {name}\n\n{}\n\n```json\n{example}\n```\n", description(definition)).unwrap();
        write_own_members(&mut page, schema, definition);
    }
    page.push_str("\n## Counts\n\nMembers of `target`, `job_target` and `summary`.\n");
    write_members(&mut page, &schema["$defs"]["summary"], is_count);
    page.push_str("\n## Objects within lines\n");
    for (name, definition) in schema["$defs"].as_object().unwrap().iter().filter(|(name, _)| !types.contains(&&***name))
    {
        write!(page, "\n### {name}\n\n{}\n", description(definition)).unwrap();
        write_own_members(&mut page, schema, definition);
    }
    page.push('\n');
    page
}

/// The members without those of every line, and without the counts if the object has all of them.
fn write_own_members(page: &mut String, schema: &Value, definition: &Value) {
    let has_counts = COUNTS.iter().all(|name| definition["properties"].get(name).is_some());
    if !has_counts {
        return write_members(page, definition, |name| !ENVELOPE.contains(&name));
    }
    for name in COUNTS {
        assert_eq!(definition["properties"][name], schema["$defs"]["summary"]["properties"][name]);
    }
    write_members(page, definition, |name| !ENVELOPE.contains(&name) && !is_count(name));
    page.push_str("\nAlso the [counts](#counts).\n");
}

fn is_count(name: &str) -> bool {
    COUNTS.contains(&name)
}

/// The chosen members in their order.
fn write_members(page: &mut String, definition: &Value, is_chosen: impl Fn(&str) -> bool) {
    page.push_str("\n| member | type | meaning |\n|---|---|---|\n");
    let required = definition["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    for name in required.filter(|name| is_chosen(name)) {
        let member = &definition["properties"][name];
        let meaning = description(member);
        writeln!(page, "| `{name}` | {} | {} |", json_type(member), meaning.trim_end_matches('.')).unwrap();
    }
}

fn description(definition: &Value) -> String {
    let text = definition["description"].as_str().unwrap_or_else(|| panic!("nothing describes {definition}"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The type of a member, such as `string or null`; the values, if they are listed.
fn json_type(definition: &Value) -> String {
    if let Some(reference) = definition["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return format!("[{name}](#{name})");
    }
    if let Some(any) = definition["anyOf"].as_array() {
        return any.iter().map(json_type).collect::<Vec<_>>().join(" or ");
    }
    if let Some(values) = definition["enum"].as_array() {
        let name = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |value| format!("`{value}`"));
        return values.iter().map(name).collect::<Vec<_>>().join(", ");
    }
    let names: Vec<&str> = match &definition["type"] {
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
        name => vec![name.as_str().unwrap()],
    };
    match *names {
        ["array"] => format!("array of {}", json_type(&definition["items"])),
        _ => names.join(" or "),
    }
}
