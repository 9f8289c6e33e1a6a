//! The suite that every vendor crate passes.

use delete_conformance::{Setup, VendorUnderTest};
use tavus_delete::{ApiKey, BoundClient, Client, ClientBuilder, ErasureMode, Error, Outcome};

struct Tavus;

impl VendorUnderTest for Tavus {
    type Builder = ClientBuilder;
    type Client = BoundClient;
    type Reader = Client;

    const KEY: &'static str = "tavus-s3cret-0123456789";
    const ID: &'static str = "c123456";
    const FOREIGN_ID: &'static str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    const REQUEST: &'static str = concat!(
        "DELETE /v2/conversations/c123456?hard=true HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "user-agent: tavus-delete/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "accept-encoding: identity\r\n",
        "x-api-key: tavus-s3cret-0123456789\r\n",
        "\r\n",
    );
    const SUCCESS: (&'static str, Outcome) = ("HTTP/1.1 204 No Content\r\n\r\n", Outcome::Deleted);
    const NOT_FOUND: &'static str = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\
                                     content-length: 35\r\n\r\n{\"error\":\"Invalid conversation_id\"}";

    const PRESENT: &'static str = r#"{"conversation_id":"c123456","conversation_name":"Canary Quillfeather","status":"shown",
        "conversation_url":"https://example.com/Canary","callback_url":"Canary Quillfeather","created_at":"","updated_at":null}"#;
    const ABSENT: (u16, &'static str) = (400, r#"{"error":"Invalid conversation_id"}"#);

    fn reader(client: &Self::Client) -> Client {
        client.client().clone()
    }

    fn builder(key: &str, setup: &Setup) -> Result<ClientBuilder, Error> {
        let builder = Client::builder(ApiKey::new(key)?).base_url(&setup.base_url).clock(setup.clock.clone());
        Ok(builder.attempt_timeout(setup.attempt_timeout).retry(setup.retry.clone()))
    }

    fn build(builder: ClientBuilder) -> Result<BoundClient, Error> {
        Ok(builder.build()?.with_erasure_mode(ErasureMode::Hard))
    }
}

delete_conformance::suite!(Tavus);
