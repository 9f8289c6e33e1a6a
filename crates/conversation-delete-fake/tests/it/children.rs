//! What belongs to an interaction at Corti: section 4 of the notes, its table of children.

use conversation_delete_fake::RecordState::{Deleted, Present};
use conversation_delete_fake::{
    CANARY_NAME, CANARY_TEXT, ChildKind, ChildView, Fake, Fault, Role, Route, Seed, Vendor,
};
use serde_json::{Value, json};

use crate::walk::{get_as, send_as};

const UNKNOWN: &str = "0b8626b0-4cc8-4a3d-8fc2-f18ad1a4a1a8";

fn with_children() -> (Fake, String) {
    let fake = Fake::in_process(Vendor::Corti);
    let seed = Seed::count(1).recordings(2).transcripts(1).documents(2).guided_documents(1);
    let id = fake.seed_with(seed).remove(0);
    (fake, id)
}

fn get(fake: &Fake, path: &str) -> (u16, Value) {
    get_as(fake, Role::Full, &format!("/v2{path}"))
}

fn delete(fake: &Fake, path: &str) -> (u16, Value) {
    send_as(fake, Role::Full, "DELETE", &format!("/v2{path}"))
}

fn code(body: &Value) -> &str {
    body["type"].as_str().unwrap().rsplit('#').next().unwrap()
}

fn of(fake: &Fake, id: &str, kind: ChildKind) -> Vec<ChildView> {
    fake.children(id).into_iter().filter(|child| child.kind == kind).collect()
}

#[test]
fn children_are_listed_in_the_documented_shapes() {
    let (fake, id) = with_children();
    let recordings: Vec<String> = of(&fake, &id, ChildKind::Recording).into_iter().map(|child| child.id).collect();
    assert_eq!(get(&fake, &format!("/interactions/{id}/recordings/")), (200, json!({ "recordings": recordings })));

    let transcript = of(&fake, &id, ChildKind::Transcript).remove(0).id;
    let expected = json!({ "transcripts": [{ "id": transcript, "transcriptSample": CANARY_TEXT }] });
    assert_eq!(get(&fake, &format!("/interactions/{}/transcripts/", id.to_uppercase())), (200, expected));
    let status = get(&fake, &format!("/interactions/{id}/transcripts/{transcript}/status"));
    assert_eq!(status, (200, json!({ "status": "completed" })));

    let body = get(&fake, &format!("/interactions/{id}/documents/")).1;
    assert_eq!(body["data"].as_array().unwrap().len(), 2);
    assert!(body.to_string().contains(CANARY_NAME) && body.to_string().contains(CANARY_TEXT));

    let guided = format!("/documents/?interactionId={id}");
    let (status, body) = get(&fake, &guided);
    assert_eq!((status, body.as_array().unwrap().len()), (200, 1));
    assert_eq!(body[0]["id"], of(&fake, &id, ChildKind::GuidedDocument)[0].id);
    assert_eq!(body[0]["interactionId"], id);
}

#[test]
fn guided_documents_come_in_every_form_that_a_server_may_use() {
    let (fake, id) = with_children();
    let other = fake.seed_with(Seed::count(1).guided_documents(2)).remove(0);
    fake.seed_with(Seed::count(1).guided_documents(1).foreign());
    let guided = format!("/documents/?interactionId={id}");
    for key in ["data", "documents"] {
        fake.set_option("guided_list", key).unwrap();
        assert_eq!(get(&fake, &guided).1[key].as_array().unwrap().len(), 1);
    }
    fake.set_option("guided_list", "array").unwrap();
    fake.set_option("guided_interaction_id", "null").unwrap();
    assert_eq!(get(&fake, &guided).1[0]["interactionId"], Value::Null);
    fake.set_option("guided_interaction_id", "set").unwrap();
    fake.set_option("guided_filter", "ignored").unwrap();
    for query in [guided.as_str(), "/documents/", "/documents/?interactionId=x"] {
        let named: Vec<Value> =
            get(&fake, query).1.as_array().unwrap().iter().map(|item| item["interactionId"].clone()).collect();
        assert_eq!(named, [json!(id), json!(other), json!(other)], "{query}");
    }
    let document = &of(&fake, &id, ChildKind::GuidedDocument)[0].id;
    for status in [400, 403, 404] {
        fake.set_option("guided_status", &status.to_string()).unwrap();
        assert_eq!(get(&fake, &guided).0, status);
        assert_eq!(delete(&fake, &format!("/documents/{document}")).0, status);
        assert_eq!(get(&fake, &format!("/interactions/{id}/documents/")).0, 200);
    }
    assert_eq!(of(&fake, &id, ChildKind::GuidedDocument)[0].state, Present);
}

#[test]
fn ids_of_children_are_compared_byte_for_byte() {
    for (form, length) in [("uuid", 36), ("hex", 32), ("upper", 36)] {
        let fake = Fake::in_process(Vendor::Corti);
        fake.set_option("child_ids", form).unwrap();
        let seed = Seed::count(1).recordings(1).transcripts(1).documents(1).guided_documents(1);
        let id = fake.seed_with(seed).remove(0);
        let listed = &get(&fake, &format!("/interactions/{id}/recordings/")).1["recordings"][0];
        assert_eq!(listed, &fake.children(&id)[0].id);
        for child in fake.children(&id) {
            let path = match child.kind {
                ChildKind::Recording => format!("/interactions/{id}/recordings"),
                ChildKind::Transcript => format!("/interactions/{id}/transcripts"),
                ChildKind::Document => format!("/interactions/{id}/documents"),
                _ => "/documents".to_owned(),
            };
            assert_eq!(child.id.len(), length);
            let is_upper = child.id.bytes().any(|byte| byte.is_ascii_uppercase());
            assert_eq!(is_upper, form == "upper");
            let other_case = if is_upper { child.id.to_lowercase() } else { child.id.to_uppercase() };
            let unknown = if child.kind == ChildKind::Recording { 204 } else { 404 };
            assert_eq!(delete(&fake, &format!("{path}/{other_case}")).0, unknown, "{form} {child:?}");
            assert_eq!(of(&fake, &id, child.kind)[0].state, Present);
            assert_eq!(delete(&fake, &format!("{path}/{}", child.id)).0, 204);
            assert_eq!(of(&fake, &id, child.kind)[0].state, Deleted);
            assert_eq!(delete(&fake, &format!("{path}/{}", child.id)).0, unknown);
            assert_eq!(delete(&fake, &format!("{path}/x{}", child.id)).0, 400);
        }
    }
}

#[test]
fn an_interaction_without_children_has_empty_lists() {
    let fake = Fake::in_process(Vendor::Corti);
    let id = fake.seed(1).remove(0);
    assert_eq!(get(&fake, &format!("/interactions/{id}/recordings/")).1, json!({ "recordings": [] }));
    assert_eq!(get(&fake, &format!("/interactions/{id}/documents/")).1, json!({ "data": [] }));
    assert_eq!(get(&fake, &format!("/documents/?interactionId={id}")).1, json!([]));
    let transcripts = format!("/interactions/{id}/transcripts/");
    assert_eq!(get(&fake, &transcripts).1, json!({ "transcripts": [] }));
    fake.set_option("empty_transcripts", "null").unwrap();
    assert_eq!(get(&fake, &transcripts).1, json!({ "transcripts": null }));
}

#[test]
fn a_transcript_may_still_be_in_the_making() {
    let fake = Fake::in_process(Vendor::Corti);
    let id = fake.seed_with(Seed::count(1).transcript("processing")).remove(0);
    let transcript = &fake.children(&id)[0].id;
    let status = get(&fake, &format!("/interactions/{id}/transcripts/{transcript}/status"));
    assert_eq!(status.1, json!({ "status": "processing" }));
    let (status, body) = get(&fake, &format!("/interactions/{id}/transcripts/{UNKNOWN}/status"));
    assert_eq!((status, code(&body)), (404, "A0012"));
}

#[test]
fn only_the_delete_of_a_recording_is_the_same_the_second_time() {
    let (fake, id) = with_children();
    for (kind, segment, second) in [
        (ChildKind::Recording, format!("interactions/{id}/recordings"), None),
        (ChildKind::Transcript, format!("interactions/{id}/transcripts"), Some("A0012")),
        (ChildKind::Document, format!("interactions/{id}/documents"), Some("A0009")),
        (ChildKind::GuidedDocument, "documents".to_owned(), Some("A0009")),
    ] {
        let child = of(&fake, &id, kind).remove(0).id;
        let path = format!("/{segment}/{child}");
        assert_eq!(delete(&fake, &path), (204, Value::Null), "{kind:?}");
        assert_eq!(of(&fake, &id, kind)[0].state, Deleted);
        for gone in [path, format!("/{segment}/{UNKNOWN}")] {
            let (status, body) = delete(&fake, &gone);
            match second {
                None => assert_eq!(status, 204),
                Some(expected) => assert_eq!((status, code(&body)), (404, expected), "{kind:?}"),
            }
        }
        assert_eq!(delete(&fake, &format!("/{segment}/not-a-uuid")).0, 400);
    }
    assert_eq!(fake.children(&id).iter().filter(|child| child.state == Present).count(), 2);
}

#[test]
fn below_an_interaction_that_is_not_there_everything_is_404() {
    for (cascade, state, guided) in [("yes", Deleted, 0), ("no", Present, 1)] {
        let (fake, id) = with_children();
        fake.set_option("cascade", cascade).unwrap();
        let children = fake.children(&id);
        assert_eq!(delete(&fake, &format!("/interactions/{id}")).0, 204);
        for segment in ["recordings", "transcripts", "documents"] {
            let (status, body) = get(&fake, &format!("/interactions/{id}/{segment}/"));
            assert_eq!((status, code(&body)), (404, "A0007"));
            let child = &children[0].id;
            assert_eq!(delete(&fake, &format!("/interactions/{id}/{segment}/{child}")).0, 404);
            assert_eq!(get(&fake, &format!("/interactions/not-a-uuid/{segment}/")).0, 400);
        }
        assert!(fake.children(&id).iter().all(|child| child.state == state), "{cascade}");
        let left = get(&fake, &format!("/documents/?interactionId={id}")).1;
        assert_eq!(left.as_array().unwrap().len(), guided);
        let guided_document = &children.last().unwrap().id;
        let status = delete(&fake, &format!("/documents/{guided_document}")).0;
        assert_eq!(status, if guided == 1 { 204 } else { 404 });
    }
}

#[test]
fn another_party_that_deletes_takes_the_children_too() {
    let (fake, id) = with_children();
    fake.remove(&id);
    assert!(fake.children(&id).iter().all(|child| child.state == Deleted));
    fake.seed_ids([id.clone()]);
    assert_eq!(fake.children(&id), []);
    assert_eq!(fake.children(UNKNOWN), []);
}

#[test]
fn scopes_workspaces_and_faults_hold_for_children() {
    let (fake, id) = with_children();
    let (recordings, child) = (format!("/v2/interactions/{id}/recordings/"), fake.children(&id).remove(0).id);
    let one = format!("{recordings}{child}");
    assert_eq!(get_as(&fake, Role::WriteOnly, &recordings).0, 403);
    assert_eq!(send_as(&fake, Role::ReadOnly, "DELETE", &one).0, 403);
    assert_eq!(get_as(&fake, Role::Foreign, &recordings).0, 404);
    let guided = &of(&fake, &id, ChildKind::GuidedDocument)[0].id;
    assert_eq!(send_as(&fake, Role::Foreign, "DELETE", &format!("/v2/documents/{guided}")).0, 404);
    let list = get_as(&fake, Role::Foreign, &format!("/v2/documents/?interactionId={id}"));
    assert_eq!(list, (200, json!([])));
    fake.set_option("foreign", "403").unwrap();
    assert_eq!(get_as(&fake, Role::Foreign, &recordings).0, 403);

    fake.fault(Fault::reply(500).on(Route::Child).for_id(id.as_str()).times(2));
    assert_eq!(get_as(&fake, Role::Full, &recordings).0, 500);
    assert_eq!(get_as(&fake, Role::Full, &format!("/v2/documents/?interactionId={id}")).0, 500);
    fake.fault(Fault::reply(504).after_effect().on(Route::Child).for_id(child.as_str()).once());
    assert_eq!(get_as(&fake, Role::Full, &recordings).0, 200);
    assert_eq!(send_as(&fake, Role::Full, "DELETE", &one).0, 504);
    assert_eq!(fake.children(&id)[0].state, Deleted);
}

#[test]
fn what_is_not_served_of_children_is_501() {
    let (fake, id) = with_children();
    assert_eq!(get(&fake, "/documents/").0, 400);
    assert_eq!(get(&fake, "/documents/?interactionId=x").0, 400);
    for path in [
        "/documents".to_owned(),
        format!("/interactions/{id}/recordings"),
        format!("/interactions/{id}/facts/"),
        format!("/interactions/{id}/recordings/{UNKNOWN}/status"),
        format!("/interactions/{id}/"),
    ] {
        assert_eq!(get(&fake, &path).0, 501, "{path}");
        assert_eq!(delete(&fake, &format!("{path}//x")).0, 501, "{path}");
    }
}
