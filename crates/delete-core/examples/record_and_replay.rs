//! Records the traffic of a client without secrets, and replays it without a network.
//!
//! Run it with `cargo run -p delete-core --example record_and_replay`. It records from a server on loopback.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use delete_conformance::raw_http::{FaultAction, RawRequest, RawServer};
use delete_core::http::{
    Body, Bytes, HttpOptions, HttpTransport, Method, Request, Response, Transport, TransportError, TransportErrorKind,
};
use delete_core::{ApiKey, ConversationId, ErasureMode};
use serde::{Deserialize, Serialize};

/// A request and its response, as far as they may be kept.
///
/// Headers of a request hold the key, and the body of a token request the client secret. The body of a token response
/// holds a token, and that of a read holds personal data. So only the bodies of responses to deletes are kept.
#[derive(Debug, Deserialize, Serialize)]
struct Exchange {
    method: String,
    path: String,
    status: u16,
    body: String,
}

type Tape = Arc<Mutex<VecDeque<Exchange>>>;

/// Sends through another transport, and records the responses. A request without a response is not recorded.
struct Recorder<T> {
    inner: T,
    tape: Tape,
}

#[async_trait]
impl<T: Transport> Transport for Recorder<T> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let (head, mut body) = self.inner.send(request).await?.into_parts();
        let mut read = Vec::new();
        if method == Method::DELETE {
            // An interrupted body fails the request here; the status alone would decide otherwise.
            while let Some(chunk) = body.chunk().await? {
                read.extend_from_slice(&chunk);
            }
            body = Body::from(read.clone());
        }
        let (status, text) = (head.status.as_u16(), String::from_utf8_lossy(&read).into_owned());
        let exchange = Exchange { method: method.to_string(), path, status, body: text };
        self.tape.lock().unwrap_or_else(PoisonError::into_inner).push_back(exchange);
        Ok(Response::from_parts(head, body))
    }
}

/// Responds from a recording, and sends nothing.
struct Replayer(Tape);

#[async_trait]
impl Transport for Replayer {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let matches = |next: &Exchange| next.method == request.method().as_str() && next.path == request.uri().path();
        let Some(exchange) = next.filter(matches) else {
            return Err(invalid("the recording has another request here"));
        };
        Response::builder()
            .status(exchange.status)
            .body(exchange.body.into())
            .map_err(|error| invalid(error.to_string()))
    }
}

fn invalid(message: impl Into<String>) -> TransportError {
    TransportError::new(TransportErrorKind::InvalidRequest, message)
}

/// Responds as Tavus does: there is one conversation.
fn respond(request: RawRequest) -> FaultAction {
    match request.line().contains("/c1?") {
        true => FaultAction::status(204, &[], ""),
        false => FaultAction::status(400, &[], r#"{"error":"Invalid conversation_id"}"#),
    }
}

/// Deletes two conversations, and returns the results.
async fn delete(base_url: &str, transport: impl Transport) -> Result<[String; 2], Box<dyn Error>> {
    let builder = tavus_delete::Client::builder(ApiKey::new("s3cret-key")?).base_url(base_url).transport(transport);
    let client = builder.build()?;
    let mut results = [String::new(), String::new()];
    for (id, result) in ["c1", "c2"].into_iter().zip(&mut results) {
        *result = match client.delete_conversation(&ConversationId::new(id)?, ErasureMode::Hard).await {
            Ok(deletion) => deletion.outcome().to_string(),
            Err(error) => error.to_string(),
        };
    }
    Ok(results)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = RawServer::start(respond);
    let inner = HttpTransport::new(&HttpOptions::default().with_system_roots(false))?;
    let tape = Tape::default();
    let recorded = delete(&server.url(), Recorder { inner, tape: Arc::clone(&tape) }).await?;

    // This text can be kept in a file beside a test.
    let text = serde_json::to_string_pretty(&*tape.lock().unwrap_or_else(PoisonError::into_inner))?;
    println!("{text}");
    assert!(text.contains("/v2/conversations/c2") && !text.contains("s3cret"));

    let tape = Arc::new(Mutex::new(serde_json::from_str(&text)?));
    let replayed = delete("https://tavusapi.com", Replayer(tape)).await?;
    assert_eq!(recorded, replayed);
    println!("{replayed:#?}");
    Ok(())
}

#[test]
fn a_recording_replays_to_the_same_results() {
    main().unwrap();
}
