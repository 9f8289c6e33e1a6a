//! The OpenAPI document of the control API says what is served, and its examples work.

use std::collections::BTreeSet;

use conversation_delete_fake::{Fake, FakeReply, FakeRequest, Fault, Role, Route, Vendor};
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../../docs/fakes.md");

fn send(fake: &Fake, method: &str, path: &str, body: &str) -> FakeReply {
    fake.handle(FakeRequest::new(method, format!("/__fake{path}")).with_body(body))
}

fn document() -> Value {
    let reply = send(&Fake::in_process(Vendor::Tavus), "GET", "/openapi.json", "");
    assert_eq!((reply.status(), reply.header("content-type")), (200, Some("application/json")));
    serde_json::from_slice(reply.body()).unwrap()
}

/// `GET /records` and so on.
fn documented() -> BTreeSet<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_call_is_served_documented_and_on_the_page() {
    let documented = documented();
    for call in &documented {
        let (method, path) = call.split_once(' ').unwrap();
        assert!(![404, 405].contains(&send(&Fake::in_process(Vendor::Tavus), method, path, "").status()), "{call}");
        let refused = send(&Fake::in_process(Vendor::Tavus), "PUT", path, "");
        let allowed = refused.header("allow").unwrap().split(", ").map(|method| format!("{method} {path}"));
        assert!(allowed.clone().all(|call| documented.contains(&call)), "{path}");
        assert!(allowed.clone().any(|allowed| allowed == *call), "{call}");
    }
    let on_page: BTreeSet<String> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .filter_map(|(call, _)| {
            Some(call.split('?').next()?.replace("/__fake", "")).filter(|_| call.contains("/__fake/"))
        })
        .collect();
    assert_eq!(on_page, documented);
}

/// Names of earlier versions, which are still read.
const EARLIER: [&str; 3] = ["lie", "neighbour", "shell"];

/// The members that a body takes, as the refusal of another one names them, without those of earlier versions.
fn members(path: &str, body: &Value) -> BTreeSet<String> {
    let reply = send(&Fake::in_process(Vendor::Tavus), "POST", path, &body.to_string());
    let error: Value = serde_json::from_slice(reply.body()).unwrap();
    let error = error["error"].as_str().unwrap().to_owned();
    let (_, known) = error.split_once("expected ").unwrap();
    known.split('`').skip(1).step_by(2).filter(|name| !EARLIER.contains(name)).map(str::to_owned).collect()
}

fn names<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    values.into_iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_member_of_a_seed_and_of_a_fault_is_documented() {
    let document = document();
    let properties = |schema: &str| -> BTreeSet<String> {
        document["components"]["schemas"][schema]["properties"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(members("/records", &json!({ "?": 1 })), properties("Seed"));
    assert_eq!(members("/faults", &json!({ "?": 1 })), properties("Fault"));
    let fault = &document["components"]["schemas"]["Fault"]["properties"];
    for name in ["kind", "route"] {
        let documented = names(fault[name]["enum"].as_array().unwrap());
        assert_eq!(members("/faults", &json!({ name: "?" })), documented, "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let references: Vec<&str> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.len() > 10);
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

/// A schema within the document, so that its references lead somewhere.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The body that a reply of this status has in the document; some are shared by reference.
fn response_schema<'a>(document: &'a Value, operation: &'a Value, status: u16) -> &'a Value {
    let response = &operation["responses"][status.to_string()];
    let response = response["$ref"].as_str().map_or(response, |reference| document.pointer(&reference[1..]).unwrap());
    &response["content"]["application/json"]["schema"]
}

/// The examples of a request's body; a call without a body has one that is empty.
fn examples(operation: &Value) -> Vec<Value> {
    let content = &operation["requestBody"]["content"]["application/json"];
    let named = content["examples"].as_object().into_iter().flat_map(|examples| examples.values());
    let all: Vec<Value> = named.map(|example| &example["value"]).chain(content.get("example")).cloned().collect();
    assert_eq!(all.is_empty(), operation["requestBody"].is_null(), "a body without an example: {operation}");
    if all.is_empty() { vec![Value::Null] } else { all }
}

#[test]
fn every_example_is_valid_and_taken_and_every_response_is_as_documented() {
    let document = document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for example in examples(operation) {
                let fake = Fake::in_process(Vendor::Tavus);
                fake.seed_ids(["c123456"]);
                fake.fault(Fault::reply(504).on(Route::Delete));
                let delete = FakeRequest::new("DELETE", "/v2/conversations/c123456?hard=true");
                fake.handle(delete.with_header("x-api-key", &fake.key(Role::Full)));
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                let body = if example.is_null() { String::new() } else { example.to_string() };
                assert!(example.is_null() || validator(&document, schema).is_valid(&example), "{example}");
                let query = if path == "/children" { "?id=c123456" } else { "" };
                let reply = send(&fake, &method.to_uppercase(), &format!("{path}{query}"), &body);
                assert!(reply.status() < 300, "{method} {path}: {}", String::from_utf8_lossy(reply.body()));
                assert_documented(&document, operation, &reply);
            }
        }
    }
}

#[track_caller]
fn assert_documented(document: &Value, operation: &Value, reply: &FakeReply) {
    let schema = response_schema(document, operation, reply.status());
    assert!(schema.is_object(), "{} is not documented: {operation}", reply.status());
    let body: Value = serde_json::from_slice(reply.body()).unwrap();
    if let Err(error) = validator(document, schema).validate(&body) {
        panic!("{error} in {body}");
    }
}

#[test]
fn a_refusal_is_as_documented() {
    let document = document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(operation) = methods.get("post").filter(|operation| operation["requestBody"].is_object()) else {
            continue;
        };
        let reply = send(&Fake::in_process(Vendor::Tavus), "POST", path, r#"{"?": []}"#);
        assert_eq!(reply.status(), 400, "{path}");
        assert_documented(&document, operation, &reply);
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert!(!validator(&document, schema).is_valid(&json!({ "?": [] })), "{path}");
    }
}
