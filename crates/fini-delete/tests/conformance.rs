//! The suite that every vendor crate passes. As a `Deleter`, Fini's client uses the bulk route.

use delete_conformance::{Setup, VendorUnderTest};
use fini_delete::{ApiKey, Client, ClientBuilder, Error, Outcome};

struct Fini;

impl VendorUnderTest for Fini {
    type Builder = ClientBuilder;
    type Client = Client;
    type Reader = Client;

    const KEY: &'static str = "fini_s3cret0123456789";
    const ID: &'static str = "0b8626b0-4cc8-4a3d-8fc2-f18ad1a4a1a8";
    const FOREIGN_ID: &'static str = "c123456";
    const REQUEST: &'static str = concat!(
        "DELETE /v2/hc-interactions/public HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "user-agent: fini-delete/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "accept-encoding: identity\r\n",
        "authorization: Bearer fini_s3cret0123456789\r\n",
        "content-type: application/json\r\n",
        "content-length: 48\r\n",
        "\r\n",
        "{\"ids\":[\"0b8626b0-4cc8-4a3d-8fc2-f18ad1a4a1a8\"]}",
    );
    const SUCCESS: (&'static str, Outcome) = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{\"success\":true}",
        Outcome::Deleted,
    );
    const NOT_FOUND: &'static str = "HTTP/1.1 406 Not Acceptable\r\ncontent-type: application/json\r\n\
        content-length: 107\r\n\r\n{\"statusCode\":406,\"message\":\"One or more interactions not accessible to the \
        user\",\"error\":\"Not Acceptable\"}";

    const PRESENT: &'static str = r#"{"interactions":[{"id":"0b8626b0-4cc8-4a3d-8fc2-f18ad1a4a1a8","createdAt":1767000000000,
        "status":"shown","subjectPreview":"Canary Quillfeather","userAttributes":{"name":"Canary Quillfeather"},
        "events":[{"createdAt":1767000000500,"message":"Canary Quillfeather"}]}],"hasMore":false,"nextCursor":null}"#;
    const ABSENT: (u16, &'static str) =
        (200, r#"{"interactions":[],"hasMore":false,"nextCursor":null,"prevCursor":null}"#);

    fn reader(client: &Self::Client) -> Client {
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

delete_conformance::suite!(Fini);
