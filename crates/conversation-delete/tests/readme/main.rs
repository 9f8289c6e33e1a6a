//! The example of the READMEs does what they say.

#[allow(unreachable_pub)] // Word for word as the READMEs show it.
mod example;

use conversation_delete::http;
use conversation_delete::testing::response;
use conversation_delete::{ApiKey, Error, tavus};

const EXAMPLE: &str = include_str!("example.rs");

#[test]
fn both_readmes_contain_the_example() {
    assert!(include_str!("../../README.md").contains(EXAMPLE));
    assert!(include_str!("../../../../README.md").contains(EXAMPLE));
}

#[tokio::test]
async fn the_example_deletes_and_prints_what_is_unknown() -> Result<(), Error> {
    let transport = http::from_fn(|request| async move {
        Ok(response(if request.uri().to_string().ends_with("/c123456?hard=true") { 204 } else { 501 }, ""))
    });
    let client = tavus::Client::builder(ApiKey::new("key")?).transport(transport).build()?;
    assert!(example::erase(&client, "../pals/p1").await.is_err());
    assert!(example::erase(&client, "c123457").await.is_ok(), "501 is unknown");
    example::erase(&client, "c123456").await
}
