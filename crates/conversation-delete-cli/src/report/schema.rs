//! The JSON Schema of the lines of `--output json`.

use schemars::generate::SchemaSettings;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use super::json::SCHEMA;
use super::lines;

/// The schema of one line: any of the types, each of which has its own definition.
pub(crate) fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let lines = lines::schemas(&mut generator);
    let any: Vec<Value> = lines.iter().map(|(name, _)| json!({ "$ref": format!("#/$defs/{name}") })).collect();
    let mut definitions: Map<String, Value> = generator.take_definitions(true);
    definitions.values_mut().for_each(close);
    definitions.extend(lines.into_iter().map(|(name, schema)| (name.to_owned(), with_envelope(name, schema))));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of `conversation-delete --output json`",
        "oneOf": any,
        "$defs": definitions,
    })
}

/// The schema of a line with the members of every line.
fn with_envelope(name: &str, schema: Schema) -> Value {
    let envelope: [(&str, Schema); 4] = [
        ("type", json_schema!({ "const": name })),
        ("schema", json_schema!({ "const": SCHEMA })),
        (
            "time",
            json_schema!({ "description": "When the line was written, in RFC 3339 and UTC.", "type": "string", "format": "date-time" }),
        ),
        (
            "run",
            json_schema!({ "description": "The id of the invocation of the program.", "type": "string", "format": "uuid" }),
        ),
    ];
    let mut schema = schema.to_value();
    for (member, definition) in envelope {
        schema["properties"][member] = definition.to_value();
        if let Some(required) = schema["required"].as_array_mut() {
            required.push(member.into());
        }
    }
    close(&mut schema);
    schema
}

/// Allows no other members in an object.
fn close(schema: &mut Value) {
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = false.into();
    }
}
