//! The requests, and what each documented response means.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use fini_delete::http;
use fini_delete::testing::{TestClock, response};
use fini_delete::{
    ApiKey, Client, DeleteAllOptions, Deleter, DeleterExt, Delivery, Error, ErrorKind, Outcome, RecordId, RetryPolicy,
    Uuid,
};
use futures_util::stream::{self, StreamExt};
use mockito::{Matcher, Mock, Server, ServerGuard};

const SUCCESS: &str = r#"{"success":true}"#;
const INACCESSIBLE: &str =
    r#"{"statusCode":406,"message":"One or more interactions not accessible to the user","error":"Not Acceptable"}"#;

fn client(base_url: &str) -> Client {
    let key = ApiKey::new("fini_key").unwrap();
    let builder = Client::builder(key).base_url(base_url).clock(TestClock::new());
    builder.retry(RetryPolicy::default().with_max_attempts(2)).build().unwrap()
}

fn ids(count: u128) -> Vec<Uuid> {
    (1..=count).map(Uuid::from_u128).collect()
}

fn body(ids: &[Uuid]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    format!("{{\"ids\":[{}]}}", quoted.join(","))
}

async fn mock_bulk(server: &mut ServerGuard, ids: &[Uuid], status: usize, response: &str) -> Mock {
    server
        .mock("DELETE", "/v2/hc-interactions/public")
        .match_query(Matcher::Missing)
        .match_header("authorization", "Bearer fini_key")
        .match_header("content-type", "application/json")
        .match_header("content-length", body(ids).len().to_string().as_str())
        .match_body(body(ids).as_str())
        .with_status(status)
        .with_body(response)
        .expect(1)
        .create_async()
        .await
}

async fn mock_single(server: &mut ServerGuard, status: usize, response: &str) -> Mock {
    server
        .mock("DELETE", "/v2/hc-interactions/00000000-0000-0000-0000-000000000001/public")
        .match_query(Matcher::Missing)
        .match_header("authorization", "Bearer fini_key")
        .match_header("content-type", Matcher::Missing)
        .match_body("")
        .with_status(status)
        .with_body(response)
        .expect(1)
        .create_async()
        .await
}

/// The outcomes of a bulk call that gets this response.
async fn bulk_outcomes(count: u128, status: usize, response: &str) -> Result<Vec<Outcome>, Error> {
    let mut server = Server::new_async().await;
    let ids = ids(count);
    let mock = mock_bulk(&mut server, &ids, status, response).await;
    let result = client(&server.url()).delete_conversations(&ids).await;
    mock.assert_async().await;
    let deletions = result?;
    assert!(deletions.deletions().iter().zip(&ids).all(|(deletion, id)| deletion.id().as_uuid() == Some(*id)));
    Ok(deletions.deletions().iter().map(|deletion| deletion.outcome()).collect())
}

async fn single_outcome(status: usize, response: &str) -> Result<Outcome, Error> {
    let mut server = Server::new_async().await;
    let mock = mock_single(&mut server, status, response).await;
    let result = client(&server.url()).delete_conversation(Uuid::from_u128(1)).await;
    mock.assert_async().await;
    result.map(|deletion| deletion.outcome())
}

#[tokio::test]
async fn the_single_route_only_acknowledges() {
    assert_eq!(single_outcome(200, SUCCESS).await.unwrap(), Outcome::Acknowledged);
    for response in [
        "",
        "{}",
        "null",
        r#"{"success":false}"#,
        r#"{"success":"true"}"#,
        r#"{"success":1}"#,
        "[true]",
        "true",
        "<html>",
    ] {
        let error = single_outcome(200, response).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{response}");
    }
    let error = single_outcome(404, r#"{"statusCode":404,"message":"Not Found"}"#).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn a_bulk_success_deletes_each() {
    for count in [1, 2, 50] {
        assert_eq!(bulk_outcomes(count, 200, SUCCESS).await.unwrap(), vec![Outcome::Deleted; count as usize]);
    }
    for response in ["", "{}", r#"{"success":false}"#, r#"{"success":"true"}"#, "<html>"] {
        let error = bulk_outcomes(2, 200, response).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{response}");
    }
}

#[tokio::test]
async fn another_2xx_is_not_a_success_of_either_route() {
    for status in [201, 202, 203, 206, 207, 208, 226] {
        for result in
            [bulk_outcomes(2, status, SUCCESS).await.map(drop), single_outcome(status, SUCCESS).await.map(drop)]
        {
            let error = result.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (ErrorKind::UnexpectedResponse, Delivery::Answered),
                "{status}"
            );
            assert!(error.may_have_taken_effect());
        }
    }
}

#[tokio::test]
async fn a_success_with_an_error_is_not_a_success() {
    let contradictory = r#"{"success":true,"error":"Internal Server Error"}"#;
    assert_eq!(bulk_outcomes(2, 200, contradictory).await.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(single_outcome(200, contradictory).await.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    let without_error = r#"{"success":true,"error":null}"#;
    assert_eq!(bulk_outcomes(2, 200, without_error).await.unwrap(), [Outcome::Deleted; 2]);
}

#[tokio::test]
async fn a_406_on_the_first_attempt_is_unresolved_and_not_sent_again() {
    assert_eq!(bulk_outcomes(3, 406, INACCESSIBLE).await.unwrap(), [Outcome::Unresolved; 3]);
    assert_eq!(bulk_outcomes(1, 406, INACCESSIBLE).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_406_from_a_proxy_is_unexpected() {
    for response in [
        "<html>406</html>",
        "",
        "{}",
        r#"{"statusCode":406,"message":"Not Acceptable"}"#,
        r#"{"statusCode":400,"message":"One or more interactions not accessible to the user"}"#,
    ] {
        let error = bulk_outcomes(2, 406, response).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{response}");
        assert!(error.may_have_taken_effect());
    }
}

#[tokio::test]
async fn a_406_after_a_lost_response_is_gone() {
    for count in [1, 3] {
        let mut server = Server::new_async().await;
        let ids = ids(count);
        let lost = mock_bulk(&mut server, &ids, 500, "{}").await;
        let inaccessible = mock_bulk(&mut server, &ids, 406, INACCESSIBLE).await;
        let deletions = client(&server.url()).delete_conversations(&ids).await.unwrap();
        lost.assert_async().await;
        inaccessible.assert_async().await;
        assert!(
            deletions
                .deletions()
                .iter()
                .all(|deletion| deletion.outcome() == Outcome::Gone && deletion.attempts().len() == 2)
        );
    }
}

#[tokio::test]
async fn a_throttled_call_is_not_ambiguous() {
    let mut server = Server::new_async().await;
    let throttled = mock_bulk(&mut server, &ids(2), 429, r#"{"statusCode":429,"message":"ThrottlerException"}"#).await;
    let inaccessible = mock_bulk(&mut server, &ids(2), 406, INACCESSIBLE).await;
    let deletions = client(&server.url()).delete_conversations(&ids(2)).await.unwrap();
    throttled.assert_async().await;
    inaccessible.assert_async().await;
    assert!(deletions.deletions().iter().all(|deletion| deletion.outcome() == Outcome::Unresolved));
}

#[tokio::test]
async fn a_batch_is_checked_before_it_is_sent() {
    let mut server = Server::new_async().await;
    let nothing = server.mock("DELETE", Matcher::Any).expect(0).create_async().await;
    let client = client(&server.url());
    let twice = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(1)];
    for batch in [&[][..], &ids(51), &twice] {
        let error = client.delete_conversations(batch).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    nothing.assert_async().await;
}

#[tokio::test]
async fn errors_are_distinguished() {
    let scope = r#"{"statusCode":403,"message":"API key does not have the required scope for this operation","error":"Forbidden"}"#;
    let key = r#"{"statusCode":401,"message":"Invalid or revoked API key","error":"Unauthorized"}"#;
    let list =
        r#"{"statusCode":400,"message":["each value in ids must be a UUID","no more than 50"],"error":"Bad Request"}"#;
    for (status, response, kind) in [
        (401, key, ErrorKind::Unauthenticated),
        (401, "", ErrorKind::Unauthenticated),
        (403, scope, ErrorKind::MissingScope),
        (403, "<html>", ErrorKind::Forbidden),
        (400, list, ErrorKind::Rejected),
        (404, "{}", ErrorKind::UnexpectedResponse),
    ] {
        assert_eq!(bulk_outcomes(2, status, response).await.unwrap_err().kind(), kind, "{status} {response}");
        assert_eq!(single_outcome(status, response).await.unwrap_err().kind(), kind, "{status} {response}");
    }
    let text = bulk_outcomes(2, 400, list).await.unwrap_err().to_string();
    assert!(text.contains("each value in ids must be a UUID; no more than 50"), "{text}");
    assert!(text.contains("dropped the body"), "{text}");
}

#[tokio::test]
async fn a_truncated_bulk_response_is_retried() {
    use delete_conformance::{FaultAction, FaultServer};
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"suc".into());
    for (then, outcome) in [
        (FaultAction::status(200, &[], SUCCESS), Outcome::Deleted),
        (FaultAction::status(406, &[], INACCESSIBLE), Outcome::Gone),
    ] {
        let server = FaultServer::start([cut.clone(), then]);
        let deletions = client(&server.url()).delete_conversations(&ids(2)).await.unwrap();
        assert!(deletions.deletions().iter().all(|deletion| deletion.outcome() == outcome));
    }
}

#[tokio::test]
async fn the_deleter_uses_the_bulk_route_for_one_too() {
    let mut server = Server::new_async().await;
    let mock = mock_bulk(&mut server, &ids(1), 200, SUCCESS).await;
    let deleter: Box<dyn Deleter> = Box::new(client(&server.url()));
    assert_eq!(deleter.max_batch(), 50);
    let deletion = deleter.delete(&Uuid::from_u128(1).into()).await.unwrap();
    mock.assert_async().await;
    assert_eq!(deletion.outcome(), Outcome::Deleted);
}

#[tokio::test]
async fn the_default_base_url_is_the_vendors() {
    let transport = http::from_fn(|request| async move {
        let bulk = "https://api-prod.usefini.com/v2/hc-interactions/public";
        let single = "https://api-prod.usefini.com/v2/hc-interactions/00000000-0000-0000-0000-000000000001/public";
        assert_eq!(request.uri(), if request.body().is_empty() { single } else { bulk });
        Ok(response(200, SUCCESS))
    });
    let client = Client::builder(ApiKey::new("fini_key").unwrap()).transport(transport).build().unwrap();
    assert_eq!(client.delete_conversation(ids(1)[0]).await.unwrap().outcome(), Outcome::Acknowledged);
    assert_eq!(client.delete_conversations(&ids(1)).await.unwrap().count(Outcome::Deleted), 1);
}

#[tokio::test]
async fn a_repeated_id_of_a_stream_is_sent_once() {
    let mut server = Server::new_async().await;
    let mock = mock_bulk(&mut server, &ids(2), 200, SUCCESS).await;
    let client = client(&server.url());
    let twice = [1, 2, 1].map(|number| RecordId::from(Uuid::from_u128(number)));
    let results: Vec<_> = client.delete_all(stream::iter(twice.clone()), DeleteAllOptions::new()).collect().await;
    mock.assert_async().await;
    assert!(results.iter().map(|(id, _)| id).eq(&twice));
    assert!(results.into_iter().all(|(_, result)| result.unwrap().outcome() == Outcome::Deleted));
}
