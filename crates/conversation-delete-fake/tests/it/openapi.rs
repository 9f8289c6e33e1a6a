//! The OpenAPI document of the control API says what is served.

use std::collections::BTreeSet;

use conversation_delete_fake::{Fake, FakeReply, FakeRequest, Vendor};
use serde_json::{Value, json};

const README: &str = include_str!("../../README.md");

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
fn every_call_is_served_documented_and_in_the_readme() {
    let documented = documented();
    for call in &documented {
        let (method, path) = call.split_once(' ').unwrap();
        assert!(![404, 405].contains(&send(&Fake::in_process(Vendor::Tavus), method, path, "").status()), "{call}");
        let refused = send(&Fake::in_process(Vendor::Tavus), "PUT", path, "");
        let allowed = refused.header("allow").unwrap().split(", ").map(|method| format!("{method} {path}"));
        assert!(allowed.clone().all(|call| documented.contains(&call)), "{path}");
        assert!(allowed.clone().any(|allowed| allowed == *call), "{call}");
    }
    let in_readme: BTreeSet<String> = README
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .filter_map(|(call, _)| {
            Some(call.split('?').next()?.replace("/__fake", "")).filter(|_| call.contains("/__fake/"))
        })
        .collect();
    assert_eq!(in_readme, documented);
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
