//! The plainest walks through the lists of the vendors.

use conversation_delete_fake::{Fake, FakeRequest, Role, Vendor};
use serde_json::Value;

/// A page that takes as much as the vendor lets it.
pub(crate) fn list_path(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Corti => "/v2/interactions/",
        Vendor::Fini => "/v2/hc-interactions/public",
        Vendor::ElevenLabs => "/v1/convai/conversations",
        _ => "/v2/conversations",
    }
}

/// A list request with the credential of a role; the body is null if it is not JSON.
pub(crate) fn list_as(fake: &Fake, role: Role, query: &str) -> (u16, Value) {
    get_as(fake, role, &format!("{}{query}", list_path(fake.vendor())))
}

pub(crate) fn get_as(fake: &Fake, role: Role, target: &str) -> (u16, Value) {
    send_as(fake, role, "GET", target)
}

pub(crate) fn send_as(fake: &Fake, role: Role, method: &str, target: &str) -> (u16, Value) {
    let (request, key) = (FakeRequest::new(method, target), fake.key(role));
    let reply = fake.handle(match fake.vendor() {
        Vendor::Corti => {
            request.with_header("authorization", &format!("Bearer {key}")).with_header("tenant-name", "base")
        }
        Vendor::Fini => request.with_header("authorization", &format!("Bearer {key}")),
        Vendor::ElevenLabs => request.with_header("xi-api-key", &key),
        _ => request.with_header("x-api-key", &key),
    });
    (reply.status(), serde_json::from_slice(reply.body()).unwrap_or_default())
}

pub(crate) fn list(fake: &Fake, query: &str) -> (u16, Value) {
    list_as(fake, Role::Full, query)
}

fn ids(items: &Value, name: &str) -> Vec<String> {
    items.as_array().unwrap().iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn corti_ids(body: &Value) -> Vec<String> {
    ids(&body["interactions"], "id")
}

pub(crate) fn fini_ids(body: &Value) -> Vec<String> {
    ids(body.get("interactions").unwrap_or(&body["conversations"]), "id")
}

pub(crate) fn elevenlabs_ids(body: &Value) -> Vec<String> {
    ids(&body["conversations"], "conversation_id")
}

pub(crate) fn tavus_ids(body: &Value) -> Vec<String> {
    ids(&body["data"], "conversation_id")
}

pub(crate) fn ids_of(vendor: Vendor, body: &Value) -> Vec<String> {
    match vendor {
        Vendor::Corti => corti_ids(body),
        Vendor::Fini => fini_ids(body),
        Vendor::ElevenLabs => elevenlabs_ids(body),
        _ => tavus_ids(body),
    }
}

/// All ids that a walk in pages of 100 sees, in its order. It believes every response.
pub(crate) fn walk(fake: &Fake) -> Vec<String> {
    let (mut seen, mut query) = (Vec::new(), first_query(fake.vendor()));
    for number in 2.. {
        let (status, body) = list(fake, &query);
        assert_eq!(status, 200, "{query}");
        let ids = ids_of(fake.vendor(), &body);
        let is_empty = ids.is_empty();
        seen.extend(ids);
        let next = match fake.vendor() {
            Vendor::Corti | Vendor::Tavus if is_empty => None,
            Vendor::Corti => Some(format!("?pageSize=100&index={number}")),
            Vendor::Fini => body["nextCursor"].as_str().map(|cursor| format!("?limit=100&cursor={cursor}")),
            Vendor::ElevenLabs => body["next_cursor"].as_str().map(|cursor| format!("?page_size=100&cursor={cursor}")),
            _ => Some(format!("?limit=100&page={number}")),
        };
        match next {
            Some(next) => query = next,
            None => break,
        }
    }
    seen
}

fn first_query(vendor: Vendor) -> String {
    match vendor {
        Vendor::Corti => "?pageSize=100",
        Vendor::ElevenLabs => "?page_size=100",
        _ => "?limit=100",
    }
    .to_owned()
}
