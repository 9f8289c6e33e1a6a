//! What the claims of a token decide: whether it is sent, and what a check reports.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use corti_delete::http::Method;
use corti_delete::testing::response;
use corti_delete::{AccessToken, ClientCredentials, Credentials, Deleter, ErrorKind, Filter, RecordReader};
use delete_conformance::Script;
use delete_conformance::script::{self, list_results};
use serde_json::json;

use crate::record;
use crate::support::{builder, uuid};

/// A token with these claims.
fn issued(issuer: &str, scope: &str) -> String {
    let claims = json!({ "iss": issuer, "scope": scope }).to_string();
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
}

/// A vendor whose token endpoint gives this token.
fn issuing(token: String) -> Script {
    Script::new(move |request, _| match request.uri().path().contains("/protocol/openid-connect/token") {
        true => script::json(json!({ "access_token": token, "expires_in": 300, "token_type": "Bearer" })),
        false if request.method() == Method::DELETE => response(204, ""),
        false => script::json(json!({ "interactions": [{ "id": uuid(1).to_string() }] })),
    })
}

const TOKEN_LINE: &str = "POST /realms/base/protocol/openid-connect/token";

#[tokio::test]
async fn a_token_of_another_target_is_never_sent() {
    for issuer in ["https://auth.eu.corti.app/realms/other", "https://auth.us.corti.app/realms/base"] {
        let script = issuing(issued(issuer, "openid"));
        let fetching = builder(ClientCredentials::new("id", "secret"));
        let fixed = builder(AccessToken::new(issued(issuer, "openid")).unwrap());
        for (builder, lines) in [(fetching, vec![TOKEN_LINE]), (fixed, vec![])] {
            let script = script.clone();
            let before = script.requests().len();
            let client = builder.transport(script.transport()).build().unwrap();
            assert_eq!(client.check_credential().await.unwrap_err().kind(), ErrorKind::WrongTarget);
            assert_eq!(script.requests()[before..], lines);
            let error = client.delete(&record(1)).await.unwrap_err();
            assert_eq!((error.kind(), error.is_fatal_for_client()), (ErrorKind::WrongTarget, true));
            assert!(list_results(client.list(&Filter::new())).await == [Err(ErrorKind::WrongTarget)]);
            assert!(script.requests().iter().all(|line| line == TOKEN_LINE), "{script:?}");
        }
    }
}

#[tokio::test]
async fn a_check_reports_what_the_token_confirmed() {
    let here = "https://auth.eu.corti.app/realms/base";
    for (token, confirmed, may_delete) in [
        (issued(here, "openid interactions:delete"), vec!["tenant base", "environment eu"], Some(true)),
        (issued(here, "openid streams"), vec!["tenant base", "environment eu"], Some(false)),
        (issued(here, "openid"), vec!["tenant base", "environment eu"], None),
        (issued("https://sso.example/realms/base", "openid"), vec!["tenant base"], None),
        ("opaque".to_owned(), vec![], None),
    ] {
        let script = issuing(token.clone());
        for credentials in
            [ClientCredentials::new("id", "secret").into(), Credentials::from(AccessToken::new(token).unwrap())]
        {
            let client = builder(credentials).transport(script.transport()).build().unwrap();
            let checked = client.check_credential().await.unwrap();
            assert_eq!(checked.confirmed, confirmed);
            assert_eq!(checked.may_delete, may_delete);
            assert_eq!(
                (checked.target.as_str(), checked.sees_records),
                ("https://api.eu.corti.app/v2/interactions", Some(true))
            );
        }
    }
}
