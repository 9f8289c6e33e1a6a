//! Clients and requests for tests.

use corti_delete::testing::TestClock;
use corti_delete::{AccessToken, Client, ClientBuilder, Credentials, Environment, Uuid};
use delete_conformance::Script;

pub(crate) fn builder(credentials: impl Into<Credentials>) -> ClientBuilder {
    Client::builder(Environment::Eu, "base", credentials).clock(TestClock::new())
}

pub(crate) fn token() -> AccessToken {
    AccessToken::new("t0ken").unwrap()
}

pub(crate) fn client(script: &Script) -> Client {
    builder(token()).transport(script.transport()).build().unwrap()
}

pub(crate) fn at(url: String) -> Client {
    builder(token()).base_url(format!("{url}/v2")).build().unwrap()
}

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The complete request, without the header `host`.
pub(crate) fn request(line: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{line} HTTP/1.1\r\naccept: application/json\r\nuser-agent: corti-delete/{version}\r\naccept-encoding: identity\r\n\
         authorization: Bearer t0ken\r\ntenant-name: base\r\n\r\n"
    )
}
