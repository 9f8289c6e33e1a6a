//! The suite that every vendor crate passes.

use delete_conformance::{Setup, VendorUnderTest};
use elevenlabs_delete::{ApiKey, Client, ClientBuilder, Error, Outcome};

struct ElevenLabs;

impl VendorUnderTest for ElevenLabs {
    type Builder = ClientBuilder;
    type Client = Client;
    type Reader = Client;

    const KEY: &'static str = "sk_s3cret0123456789";
    const ID: &'static str = "conv_7401k3ttaq12ewp8b7qv5rfyszkz";
    const FOREIGN_ID: &'static str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    const REQUEST: &'static str = concat!(
        "DELETE /v1/convai/conversations/conv_7401k3ttaq12ewp8b7qv5rfyszkz HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "user-agent: elevenlabs-delete/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "accept-encoding: identity\r\n",
        "xi-api-key: sk_s3cret0123456789\r\n",
        "\r\n",
    );
    const SUCCESS: (&'static str, Outcome) =
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnull", Outcome::Deleted);
    const NOT_FOUND: &'static str = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\
        content-length: 139\r\n\r\n{\"detail\":{\"type\":\"not_found\",\"code\":\"conversation_not_found\",\
        \"status\":\"conversation_not_found\",\"message\":\"...\",\"request_id\":\"0123456789\"}}";

    const PRESENT: &'static str = r#"{"agent_id":"agent_1","conversation_id":"conv_7401k3ttaq12ewp8b7qv5rfyszkz","status":"shown","has_audio":true,
        "transcript":[{"role":"user","message":"Canary Quillfeather"}],"metadata":{"start_time_unix_secs":1784000000},
        "analysis":{"transcript_summary":"Canary Quillfeather"}}"#;
    const ABSENT: (u16, &'static str) = (404, r#"{"detail":{"status":"conversation_not_found","message":"no"}}"#);

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

delete_conformance::suite!(ElevenLabs);
