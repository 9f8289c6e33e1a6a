//! The conformance suite, with a fixed token.

use corti_delete::{AccessToken, Client, ClientBuilder, Environment, Error, Outcome};
use delete_conformance::{Setup, VendorUnderTest};

struct Corti;

impl VendorUnderTest for Corti {
    type Builder = ClientBuilder;
    type Client = Client;
    type Reader = Client;

    const KEY: &'static str = "eyJhbGciOiJSUzI1NiJ9.s3cret.0123456789";
    const ID: &'static str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    const FOREIGN_ID: &'static str = "c123456";
    const REQUEST: &'static str = concat!(
        "DELETE /v2/interactions/f47ac10b-58cc-4372-a567-0e02b2c3d479 HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "user-agent: corti-delete/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "accept-encoding: identity\r\n",
        "authorization: Bearer eyJhbGciOiJSUzI1NiJ9.s3cret.0123456789\r\n",
        "tenant-name: base\r\n",
        "\r\n",
    );
    const SUCCESS: (&'static str, Outcome) = ("HTTP/1.1 204 No Content\r\n\r\n", Outcome::Deleted);
    const NOT_FOUND: &'static str = "HTTP/1.1 404 Not Found\r\ncontent-type: application/problem+json\r\n\
        content-length: 134\r\n\r\n{\"requestid\":\"0f6c2c1e\",\"status\":404,\"type\":\
        \"https://docs.corti.ai/about/errors#A0007\",\"detail\":\"The interaction could not be found.\"}";

    const PRESENT: &'static str = r#"{"id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","encounter":{"status":"shown",
        "title":"Canary Quillfeather"},"patient":{"name":"Canary Quillfeather"},"createdAt":"2026-04-29T12:00:00Z"}"#;
    const ABSENT: (u16, &'static str) =
        (404, r#"{"requestid":"r1","status":404,"type":"https://docs.corti.ai/about/errors#A0007","detail":"no"}"#);

    fn reader(client: &Self::Client) -> Client {
        client.clone()
    }

    fn builder(key: &str, setup: &Setup) -> Result<ClientBuilder, Error> {
        let builder = Client::builder(Environment::Eu, "base", AccessToken::new(key)?);
        let builder = builder.base_url(format!("{}/v2", setup.base_url)).clock(setup.clock.clone());
        Ok(builder.attempt_timeout(setup.attempt_timeout).retry(setup.retry.clone()))
    }

    fn build(builder: ClientBuilder) -> Result<Client, Error> {
        builder.build()
    }
}

delete_conformance::suite!(Corti);
