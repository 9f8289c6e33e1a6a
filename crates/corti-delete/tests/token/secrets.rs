//! Neither secrets nor tokens are shown, logged or sent elsewhere.

use corti_delete::testing::{TestClock, response};
use corti_delete::{Client, ClientCredentials, Delivery, Environment, ErrorKind};
use delete_conformance::{CapturedLog, FaultAction, FaultServer};

use crate::vendor::{ID, Vendor, fresh};

#[tokio::test]
async fn no_error_and_no_debug_output_shows_a_secret() {
    let echo = r#"{"requestid":"token1","detail":"Bearer token1, token2, s3cret","type":"s3cret"}"#;
    let vendor = Vendor::new(
        |number| fresh(number, 300),
        move |token| response(if token == "Bearer token1" { 401 } else { 422 }, echo),
    );
    let error = vendor.delete().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    let shown = format!("{error} {error:?} {:?}", vendor.client);
    assert!(!["token1", "token2", "s3cret"].iter().any(|secret| shown.contains(secret)), "{shown}");
}

#[tokio::test]
async fn a_redirect_of_the_token_request_is_not_followed() {
    let other = FaultServer::start([FaultAction::status(200, &[], r#"{"access_token":"x"}"#)]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/", other.url());
        let auth = FaultServer::start([FaultAction::status(status, &[&location], "")]);
        let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"))
            .base_url(other.url())
            .auth_url(auth.url())
            .build()
            .unwrap();
        let error = client.delete_interaction(ID).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::NotSent));
        assert_eq!(auth.requests().len(), 1);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn neither_secret_nor_token_is_logged() {
    let log = CapturedLog::start();
    let token = r#"{"access_token":"fetched-t0ken","expires_in":300}"#;
    let auth = FaultServer::start([
        FaultAction::status(503, &[], "client_secret=s3cret%2B%2F"),
        FaultAction::status(400, &[], r#"{"error":"x","error_description":"client_secret=s3cret%2B%2F s3cret+/"}"#),
        FaultAction::status(200, &[], token),
    ]);
    let api = FaultServer::start([FaultAction::status(401, &[], "fetched-t0ken"), FaultAction::status(204, &[], "")]);
    let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret+/"))
        .base_url(api.url())
        .auth_url(auth.url())
        .clock(TestClock::new())
        .build()
        .unwrap();
    let error = client.delete_interaction(ID).await.unwrap_err();
    let deletion = client.delete_interaction(ID).await.unwrap();
    let shown = format!("{error} {error:?} {deletion:?} {client:?} {}", log.text());
    assert!(shown.contains("request ended") && shown.contains("[redacted]"), "{shown}");
    assert!(!["s3cret", "fetched-t0ken"].iter().any(|secret| shown.contains(secret)), "{shown}");
}
