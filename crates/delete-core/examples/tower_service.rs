//! Puts a tower `Service` underneath a client, here with a concurrency limit and a time-out.
//!
//! Run it with `cargo run -p delete-core --example tower_service`. It uses no network.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use delete_core::http::{Body, Bytes, Request, Response, StatusCode, Transport, TransportError, TransportErrorKind};
use delete_core::{ApiKey, ConversationId, Delivery, ErasureMode, ErrorKind, Outcome, RetryPolicy};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt, service_fn};

/// A transport that sends through a service.
struct ServiceTransport<S>(S);

#[async_trait]
impl<S> Transport for ServiceTransport<S>
where
    S: Service<Request<Bytes>, Response = Response<Body>, Error = BoxError, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        self.0.clone().oneshot(request).await.map_err(into_transport_error)
    }
}

/// Keeps what the inner transport knows. Of any other error, such as a time-out of tower, it is unknown whether the
/// request was sent, and `Interrupted` is the kind that says so.
fn into_transport_error(error: BoxError) -> TransportError {
    match error.downcast::<TransportError>() {
        Ok(error) => *error,
        Err(error) => TransportError::new(TransportErrorKind::Interrupted, error.to_string()),
    }
}

/// Responds with 204 to the delete of `c1`, and never to another one.
async fn vendor(request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
    if !request.uri().path().ends_with("/c1") {
        std::future::pending::<()>().await;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

// Tokio's clock is paused, and jumps to the next time-out when all wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let service =
        ServiceBuilder::new().concurrency_limit(2).timeout(Duration::from_secs(5)).service(service_fn(vendor));
    let builder = tavus_delete::Client::builder(ApiKey::new("made-up")?).transport(ServiceTransport(service));
    let client = builder.retry(RetryPolicy::none()).build()?;

    let deletion = client.delete_conversation(&ConversationId::new("c1")?, ErasureMode::Hard).await?;
    assert_eq!(deletion.outcome(), Outcome::Deleted);
    println!("c1: {}", deletion.outcome());

    let error = client.delete_conversation(&ConversationId::new("c2")?, ErasureMode::Hard).await.err();
    let error = error.ok_or("a request without a response is not a deletion")?;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::MaybeDelivered));
    println!("c2: {error}");
    Ok(())
}

#[test]
fn a_time_out_of_tower_leaves_the_delete_unknown() {
    main().unwrap();
}
