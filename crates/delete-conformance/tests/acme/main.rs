//! A made-up vendor crate, whose parts `docs/adding-a-vendor.md` shows, and which passes the suite.

// The parts are as they would be in a crate of their own, with public items that nobody outside uses.
#![allow(dead_code, missing_docs, unreachable_pub)]

mod builder;
mod client;
mod reader;
mod wire;

use builder::ClientBuilder;
use client::Client;
use delete_conformance::{Setup, VendorUnderTest};
use delete_core::{ApiKey, Error, Outcome};

struct Acme;

impl VendorUnderTest for Acme {
    type Builder = ClientBuilder;
    type Client = Client;
    type Reader = Client;

    const KEY: &'static str = "acme-s3cret-0123456789";
    const ID: &'static str = "c123456";
    const FOREIGN_ID: &'static str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    const REQUEST: &'static str = "DELETE /v1/conversations/c123456 HTTP/1.1\r\n\
                                   accept: application/json\r\n\
                                   user-agent: acme-delete/0.1.0\r\n\
                                   accept-encoding: identity\r\n\
                                   x-api-key: acme-s3cret-0123456789\r\n\r\n";
    const SUCCESS: (&'static str, Outcome) = ("HTTP/1.1 204 No Content\r\n\r\n", Outcome::Deleted);
    const NOT_FOUND: &'static str = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\
                                     content-length: 31\r\n\r\n{\"code\":\"no_such_conversation\"}";
    const PRESENT: &'static str = r#"{"conversation_id":"c123456","status":"shown","title":"Canary Quillfeather","created_at":"2026-04-29T12:00:00Z"}"#;
    const ABSENT: (u16, &'static str) = (404, r#"{"code":"no_such_conversation"}"#);

    fn reader(client: &Client) -> Client {
        client.clone()
    }

    fn builder(key: &str, setup: &Setup) -> Result<ClientBuilder, Error> {
        let builder = Client::builder(ApiKey::new(key)?).base_url(&setup.base_url).clock(setup.clock.clone());
        Ok(builder.attempt_timeout(setup.attempt_timeout).retry(setup.retry.clone()))
    }

    fn build(builder: ClientBuilder) -> Result<Client, Error> {
        builder.build()
    }
}

delete_conformance::suite!(Acme);
