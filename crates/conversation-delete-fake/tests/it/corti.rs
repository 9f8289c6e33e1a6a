//! Section 8 of the notes on Corti, row by row.

use conversation_delete_fake::RecordState::{Deleted, Present};
use conversation_delete_fake::{CANARY_NAME, Fake, Fault, RetryAfter, Role, Route, Seed, Vendor};
use std::time::Duration;

use crate::client::{Answer, ask, call, is, record_path, start};

const TOKEN_PATH: &str = "/realms/base/protocol/openid-connect/token";

fn token_request(fake: &Fake, form: &str) -> Answer {
    ask("POST", TOKEN_PATH).body("application/x-www-form-urlencoded", form).send(fake)
}

fn good_form(fake: &Fake) -> String {
    let env = fake.env();
    let value = |name: &str| env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap();
    let (id, secret) = (value("CORTI_CLIENT_ID"), value("CORTI_CLIENT_SECRET"));
    format!("client_id={id}&client_secret={secret}&grant_type=client_credentials&scope=openid")
}

fn token(fake: &Fake) -> String {
    token_request(fake, &good_form(fake)).json()["access_token"].as_str().unwrap().to_owned()
}

fn get_with(fake: &Fake, token: &str, id: &str) -> Answer {
    let path = record_path(fake, id);
    ask("GET", &path).header("authorization", format!("Bearer {token}")).header("tenant-name", "base").send(fake)
}

#[test]
fn delete_is_204_without_a_body_and_then_404() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    assert!(call(&fake, "GET", &path).body.contains(CANARY_NAME));

    let answer = call(&fake, "DELETE", &path);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("content-length"), None);
    assert!(is(&fake, id, Deleted));

    for method in ["DELETE", "GET"] {
        let answer = call(&fake, method, &path);
        let error = answer.json();
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(error["type"].as_str().unwrap().ends_with("A0007"));
        assert!(error["requestid"].is_string() && error["detail"].is_string());
        assert_eq!(error["status"], 404);
    }
}

#[test]
fn upper_case_ids_are_the_same_and_other_forms_are_400() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    for bad in ["invalid-uuid", &id.replace('-', ""), &format!("%7B{id}%7D"), "a%2Fb"] {
        let answer = call(&fake, "DELETE", &record_path(&fake, bad));
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.json()["validationErrors"][0]["id"], "must be a valid UUID");
    }
    assert!(is(&fake, id, Present));
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, &id.to_uppercase())).status, 204);
    assert!(is(&fake, id, Deleted));
}

#[test]
fn the_token_endpoint_answers_as_documented() {
    let fake = start(Vendor::Corti);
    let answer = token_request(&fake, &good_form(&fake));
    let reply = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!((reply["expires_in"].as_u64(), reply["refresh_expires_in"].as_u64()), (Some(300), Some(0)));
    assert_eq!((&reply["token_type"], &reply["scope"]), (&"Bearer".into(), &"openid email profile".into()));
    assert_eq!(reply["not-before-policy"], 0);
    assert!(reply["id_token"].is_string());
    assert_eq!(reply["access_token"].as_str().unwrap().split('.').count(), 3);

    for (form, status, error) in [
        (good_form(&fake).replace("fake-client", "nobody"), 401, "invalid_client"),
        (good_form(&fake).replace("client_secret=", "client_secret=x"), 401, "unauthorized_client"),
        (good_form(&fake).replace("client_credentials", "password"), 400, "bad_request"),
        (good_form(&fake).replace("grant_type=client_credentials&", ""), 400, "bad_request"),
    ] {
        let answer = token_request(&fake, &form);
        assert_eq!((answer.status, &answer.json()["error"]), (status, &error.into()), "{form}");
    }
    assert_eq!(ask("POST", TOKEN_PATH).json("{}").send(&fake).status, 400);
    let realm = ask("POST", "/realms/other/protocol/openid-connect/token").send(&fake);
    assert_eq!((realm.status, realm.body.as_str()), (404, r#"{"error":"Realm does not exist"}"#));
}

#[test]
fn a_token_ends_and_can_be_forgotten_and_its_client_revoked() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    fake.set_option("expires_in", "60").unwrap();
    let first = token(&fake);
    assert_eq!(get_with(&fake, &first, id).status, 200);
    fake.advance(Duration::from_secs(61));
    assert_unauthorized(&get_with(&fake, &first, id));

    let second = token(&fake);
    assert_eq!(get_with(&fake, &second, id).status, 200);
    fake.expire_tokens();
    assert_unauthorized(&get_with(&fake, &second, id));

    let third = token(&fake);
    fake.revoke(Role::Full);
    assert_unauthorized(&get_with(&fake, &third, id));
    assert_unauthorized(&call(&fake, "GET", &record_path(&fake, id)));
    assert_eq!(token_request(&fake, &good_form(&fake)).json()["error"], "invalid_client");
}

fn assert_unauthorized(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
    assert!(answer.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#));
}

#[test]
fn token_and_tenant_are_required() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    let bearer = format!("Bearer {}", fake.key(Role::Full));
    assert_unauthorized(&ask("DELETE", &path).header("tenant-name", "base").send(&fake));
    assert_unauthorized(
        &ask("DELETE", &path).header("authorization", "Bearer x").header("tenant-name", "base").send(&fake),
    );
    let without = ask("DELETE", &path).header("authorization", &*bearer);
    let other = ask("DELETE", &path).header("authorization", &*bearer).header("tenant-name", "other");
    assert_eq!(without.send(&fake).status, 400);
    assert_unauthorized(&other.send(&fake));
    fake.set_option("missing_tenant", "403").unwrap();
    fake.set_option("wrong_tenant", "404").unwrap();
    assert_eq!((without.send(&fake).status, other.send(&fake).status), (403, 404));
    assert!(is(&fake, id, Present));
}

#[test]
fn scopes_and_other_clients_are_told_apart() {
    let fake = start(Vendor::Corti);
    let own = &fake.seed(1)[0];
    let foreign = &fake.seed_with(Seed::count(1).foreign())[0];
    let status =
        |method: &str, role, id: &str| ask(method, &record_path(&fake, id)).auth(&fake, role).send(&fake).status;
    assert_eq!(status("DELETE", Role::ReadOnly, own), 403);
    assert_eq!(status("GET", Role::WriteOnly, own), 403);
    assert_eq!(status("DELETE", Role::Full, foreign), 404);
    assert_eq!(status("DELETE", Role::Foreign, own), 404);
    fake.set_option("foreign", "403").unwrap();
    assert_eq!(status("DELETE", Role::Full, foreign), 403);
    assert_eq!(status("GET", Role::Full, foreign), 403);
    assert_eq!(status("DELETE", Role::Foreign, foreign), 204);
    assert!(is(&fake, own, Present));
}

#[test]
fn codes_shapes_and_statuses_of_errors() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    for (status, code) in [(403, "A0001"), (403, "A0004"), (403, "A0005"), (429, "A0021"), (504, "A0002")] {
        fake.fault(Fault::reply(status).with_code(code).once());
        let answer = call(&fake, "DELETE", &path);
        assert_eq!(answer.status, status);
        assert!(answer.json()["type"].as_str().unwrap().ends_with(code));
    }
    fake.fault(Fault::throttle(Some(RetryAfter::Seconds(7))).on(Route::Delete).once());
    assert_eq!(call(&fake, "DELETE", &path).header("retry-after"), Some("7"));

    fake.set_option("error_shape", "old").unwrap();
    fake.set_option("error_type", "problem").unwrap();
    fake.fault(Fault::reply(504).once());
    let answer = call(&fake, "DELETE", &path);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.json()["details"].is_string() && answer.json().get("detail").is_none());
    assert!(is(&fake, id, Present));
}

#[test]
fn a_504_may_have_deleted() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    fake.fault(Fault::reply(504).on(Route::Delete).times(2));
    fake.fault(Fault::reply(504).on(Route::Delete).nth(3).after_effect());
    assert_eq!(call(&fake, "DELETE", &path).status, 504);
    assert_eq!(call(&fake, "DELETE", &path).status, 504);
    assert_eq!(call(&fake, "GET", &path).status, 200);
    assert_eq!(call(&fake, "DELETE", &path).status, 504);
    assert!(is(&fake, id, Deleted));
    assert_eq!(call(&fake, "DELETE", &path).status, 404);
}

#[test]
fn a_read_may_lag_behind() {
    let fake = start(Vendor::Corti);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    fake.set_option("read_lag", "2").unwrap();
    assert_eq!(call(&fake, "DELETE", &path).status, 204);
    let reads: Vec<u16> = (0..3).map(|_| call(&fake, "GET", &path).status).collect();
    assert_eq!(reads, [200, 200, 404]);
}
