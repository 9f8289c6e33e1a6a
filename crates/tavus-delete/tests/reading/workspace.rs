//! Clients, and the responses of a server.

use delete_conformance::Script;
use delete_conformance::script::{json as json_response, parameter};
use serde_json::{Value, json};
use tavus_delete::testing::{TestClock, response};
use tavus_delete::{ApiKey, Client, ClientBuilder, ConversationId, ErrorKind, Filter, RecordId};

pub(crate) fn builder() -> ClientBuilder {
    Client::builder(ApiKey::new("tavus-key").unwrap()).clock(TestClock::new())
}

pub(crate) fn client(script: &Script) -> Client {
    builder().transport(script.transport()).build().unwrap()
}

pub(crate) fn at(url: String) -> Client {
    builder().base_url(url).build().unwrap()
}

pub(crate) fn id(text: &str) -> ConversationId {
    text.parse().unwrap()
}

pub(crate) fn record(text: &str) -> RecordId {
    id(text).into()
}

pub(crate) fn item(id: &str, status: &str, created_at: &str) -> Value {
    json!({ "conversation_id": id, "status": status, "created_at": created_at, "conversation_name": "n" })
}

pub(crate) fn ended(id: &str) -> Value {
    item(id, "ended", "2025-06-01T00:00:00Z")
}

pub(crate) fn page(items: &[Value], total_count: Option<usize>) -> String {
    match total_count {
        Some(count) => json!({ "data": items, "total_count": count }).to_string(),
        None => json!({ "data": items }).to_string(),
    }
}

/// The request, byte for byte, without the host.
pub(crate) fn request(line: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{line} HTTP/1.1\r\naccept: application/json\r\nuser-agent: tavus-delete/{version}\r\naccept-encoding: identity\r\n\
         x-api-key: tavus-key\r\n\r\n"
    )
}

/// What a list yields, and whether it is complete.
pub(crate) async fn listed(script: &Script) -> (Vec<Result<String, ErrorKind>>, bool) {
    let mut listing = client(script).list(&Filter::new()).unwrap();
    let mut listed = Vec::new();
    while let Some(found) = listing.next().await {
        listed.push(found.map(|found| found.id().to_string()).map_err(|error| error.kind()));
    }
    (listed, listing.is_complete())
}

/// The vendor's response for an unknown id.
pub(crate) const INVALID: &str = r#"{"error":"Invalid conversation_id"}"#;

/// A list of these pages, numbered from 1, with this total.
pub(crate) fn in_pages(pages: Vec<Vec<Value>>, total_count: Option<usize>) -> Script {
    Script::new(move |request, _| {
        let number = parameter(request.uri(), "page").unwrap().parse::<usize>().unwrap();
        let items = number.checked_sub(1).map(|number| pages.get(number).cloned().unwrap_or_default());
        items.map_or_else(|| response(400, ""), |items| json_response(page(&items, total_count)))
    })
}
