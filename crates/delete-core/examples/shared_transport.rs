//! Shares one `HttpTransport`, and so its connections, between the clients of two vendors.
//!
//! Run it with `cargo run -p delete-core --example shared_transport`. It uses a server on loopback.

use std::error::Error;

use delete_conformance::raw_http::{FaultAction, RawRequest, RawServer};
use delete_core::http::{HttpOptions, HttpTransport};
use delete_core::{ApiKey, ConversationId};
use fini_delete::Uuid;
use tavus_delete::ErasureMode;

/// Responds as Tavus or Fini does to the delete of one conversation.
fn respond(request: RawRequest) -> FaultAction {
    match request.line().starts_with("DELETE /v2/conversations/") {
        true => FaultAction::status(204, &[], ""),
        false => FaultAction::status(200, &[], r#"{"success":true}"#),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = RawServer::start(respond);
    let transport = HttpTransport::new(&HttpOptions::default().with_system_roots(false))?;

    let key = ApiKey::new("made-up")?;
    let tavus =
        tavus_delete::Client::builder(key.clone()).base_url(server.url()).transport(transport.clone()).build()?;
    let fini = fini_delete::Client::builder(key).base_url(server.url()).transport(transport).build()?;

    let deleted = tavus.delete_conversation(&ConversationId::new("c123456")?, ErasureMode::Hard).await?;
    println!("tavus: {}", deleted.outcome());
    let deleted = fini.delete_conversation(Uuid::from_u128(1)).await?;
    println!("fini: {}", deleted.outcome());

    assert_eq!(server.connections(), 1, "the clients share the connection");
    println!("connections: {}", server.connections());
    Ok(())
}

#[test]
fn the_clients_share_a_connection() {
    main().unwrap();
}
