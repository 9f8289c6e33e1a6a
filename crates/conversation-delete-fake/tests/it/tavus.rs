//! Section 8 of the notes on Tavus, row by row.

use conversation_delete_fake::RecordState::{Deleted, Present, SoftDeleted};
use conversation_delete_fake::{CANARY_NAME, Fake, Fault, Role, Seed, Vendor};

use crate::client::{Answer, Running, ask, call, is, record_path, start};

const NOT_FOUND: &str = r#"{"error":"Invalid conversation_id"}"#;

fn delete(fake: &Fake, id: &str, query: &str) -> Answer {
    call(fake, "DELETE", &format!("{}{query}", record_path(fake, id)))
}

fn with_one() -> (Running, String) {
    let fake = start(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    (fake, id)
}

#[test]
fn a_delete_is_204_without_a_body_soft_or_hard() {
    for (query, state) in [("", SoftDeleted), ("?hard=false", SoftDeleted), ("?hard=true", Deleted)] {
        let (fake, id) = with_one();
        let answer = delete(&fake, &id, query);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        assert!(is(&fake, &id, state));
        assert!(fake.requests()[0].path().ends_with(&format!("{id}{query}")));
    }
}

#[test]
fn an_id_that_is_not_there_is_400_or_404() {
    let (fake, id) = with_one();
    assert!(call(&fake, "GET", &record_path(&fake, &id)).body.contains(CANARY_NAME));
    assert_eq!(delete(&fake, &id, "?hard=true").status, 204);
    let foreign = fake.seed_with(Seed::count(1).foreign()).remove(0);
    for expected in [400, 404] {
        fake.set_option("unknown_id", &expected.to_string()).unwrap();
        for gone in [id.as_str(), "c0", "a%20b", foreign.as_str()] {
            let answer = delete(&fake, gone, "?hard=true");
            assert_eq!((answer.status, answer.body.as_str()), (expected, NOT_FOUND));
            assert_eq!(call(&fake, "GET", &record_path(&fake, gone)).status, expected);
        }
    }
    assert!(is(&fake, &foreign, Present));
}

#[test]
fn an_id_that_is_not_there_may_get_the_404_of_a_gateway() {
    let fake = start(Vendor::Tavus);
    for (value, body) in [
        ("404_empty", ""),
        ("404_json", r#"{"message":"Not Found"}"#),
        ("404_kong", r#"{"message":"no Route matched with those values"}"#),
    ] {
        fake.set_option("unknown_id", value).unwrap();
        for (method, path) in [
            ("GET", "/v2/conversations/c0"),
            ("DELETE", "/v2/conversations/c0?hard=true"),
            ("POST", "/v2/conversations/c0/end"),
        ] {
            let response = call(&fake, method, path);
            assert_eq!((response.status, response.body.as_str()), (404, body), "{method}");
        }
    }
}

#[test]
fn a_missing_wrong_or_revoked_key_is_401() {
    let (fake, id) = with_one();
    let path = record_path(&fake, &id);
    let unauthorized = r#"{"message":"Invalid access token"}"#;
    fake.revoke(Role::Foreign);
    for answer in [
        ask("DELETE", &path).send(&fake),
        ask("DELETE", &path).header("x-api-key", "wrong").send(&fake),
        ask("DELETE", &path).auth(&fake, Role::Foreign).send(&fake),
    ] {
        assert_eq!((answer.status, answer.body.as_str()), (401, unauthorized));
    }
    assert_eq!(ask("DELETE", &path).auth(&fake, Role::ReadOnly).send(&fake).status, 403);
    assert_eq!(ask("GET", &path).auth(&fake, Role::WriteOnly).send(&fake).status, 403);
    assert!(is(&fake, &id, Present));
}

#[test]
fn after_a_soft_delete_everything_is_an_option() {
    let (fake, id) = with_one();
    let path = record_path(&fake, &id);
    assert_eq!(delete(&fake, &id, "?hard=false").status, 204);
    assert_eq!(call(&fake, "GET", &path).status, 200);
    fake.set_option("after_soft_get", "hidden").unwrap();
    assert_eq!(call(&fake, "GET", &path).status, 400);
    assert_eq!(delete(&fake, &id, "?hard=false").status, 204);
    fake.set_option("soft_after_soft", "400").unwrap();
    assert_eq!(delete(&fake, &id, "?hard=false").status, 400);
    fake.set_option("hard_after_soft", "400").unwrap();
    assert_eq!(delete(&fake, &id, "?hard=true").status, 400);
    assert!(is(&fake, &id, SoftDeleted));
    fake.set_option("hard_after_soft", "works").unwrap();
    assert_eq!(delete(&fake, &id, "?hard=true").status, 204);
    assert!(is(&fake, &id, Deleted));
}

#[test]
fn an_active_conversation_is_deleted_or_refused() {
    let fake = start(Vendor::Tavus);
    let ids = fake.seed_with(Seed::count(2).status("active"));
    assert_eq!(call(&fake, "GET", &record_path(&fake, &ids[0])).json()["status"], "active");
    assert_eq!(delete(&fake, &ids[0], "?hard=true").status, 204);
    fake.set_option("delete_active", "400").unwrap();
    let answer = delete(&fake, &ids[1], "?hard=true");
    assert_eq!(answer.status, 400);
    assert_ne!(answer.body, NOT_FOUND);
}

#[test]
fn hard_is_a_boolean_in_lower_case() {
    let (fake, id) = with_one();
    for query in ["?hard=True", "?hard=1", "?hard=", "?hard", "?hard=true&hard=false"] {
        assert_eq!(delete(&fake, &id, query).status, 400, "{query}");
    }
    assert!(is(&fake, &id, Present));
    fake.set_option("bool_spelling", "lenient").unwrap();
    assert_eq!(delete(&fake, &id, "?hard=").status, 400);
    assert_eq!(delete(&fake, &id, "?hard=no").status, 204);
    assert!(is(&fake, &id, SoftDeleted));
    assert_eq!(delete(&fake, &id, "?hard=True").status, 204);
    assert!(is(&fake, &id, Deleted));
}

#[test]
fn the_key_of_an_error_does_not_follow_its_status() {
    let (fake, id) = with_one();
    for (status, key) in [(400, "error"), (401, "message"), (402, "message"), (429, "message"), (500, "message")] {
        fake.fault(Fault::reply(status).once());
        assert!(delete(&fake, &id, "").json()[key].is_string(), "{status}");
    }
    assert!(is(&fake, &id, Present));
}

#[test]
fn a_path_mistake_hits_an_adjacent_resource_and_is_seen() {
    let (fake, id) = with_one();
    assert_eq!(fake.adjacent_resources().iter().filter(|known| known.state == Present).count(), 4);
    assert_eq!(delete(&fake, "../pals/p1", "").status, 204);
    assert_eq!(delete(&fake, "a/../../faces/new", "").status, 204);
    let hit: Vec<String> =
        fake.adjacent_resources().into_iter().filter(|known| known.state == Deleted).map(|known| known.id).collect();
    assert_eq!(hit, ["pals/p1", "faces/new"]);
    // An injected query upgrades a soft delete, as it would at the vendor.
    assert_eq!(delete(&fake, &format!("{id}?hard=true"), "").status, 204);
    assert!(is(&fake, &id, Deleted));
}
