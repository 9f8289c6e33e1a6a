//! Shares one `HttpTransport`, and so its connections, between the clients of two vendors.
//!
//! Run it with `cargo run -p delete-core --example shared_transport`. It uses a server on loopback.

mod loopback;

use std::error::Error;
use std::sync::atomic::Ordering;

use delete_core::http::{HttpOptions, HttpTransport};
use delete_core::{ApiKey, ConversationId};
use fini_delete::Uuid;
use tavus_delete::ErasureMode;

/// Responds as Tavus or Fini does to the delete of one conversation.
fn respond(request_line: &str) -> &'static str {
    match request_line.starts_with("DELETE /v2/conversations/") {
        true => "HTTP/1.1 204 No Content\r\n\r\n",
        false => "HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"success\":true}",
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, connections) = loopback::start(respond).await?;
    let transport = HttpTransport::new(&HttpOptions::default().with_system_roots(false))?;

    let key = ApiKey::new("made-up")?;
    let tavus = tavus_delete::Client::builder(key.clone()).base_url(&url).transport(transport.clone()).build()?;
    let fini = fini_delete::Client::builder(key).base_url(&url).transport(transport).build()?;

    let deleted = tavus.delete_conversation(&ConversationId::new("c123456")?, ErasureMode::Hard).await?;
    println!("tavus: {}", deleted.outcome());
    let deleted = fini.delete_conversation(Uuid::from_u128(1)).await?;
    println!("fini: {}", deleted.outcome());

    let connections = connections.load(Ordering::Relaxed);
    assert_eq!(connections, 1, "the clients share the connection");
    println!("connections: {connections}");
    Ok(())
}

#[test]
fn the_clients_share_a_connection() {
    main().unwrap();
}
