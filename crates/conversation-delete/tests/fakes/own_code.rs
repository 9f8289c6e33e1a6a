//! How a user tests code of their own: the Rust recipe of `docs/cookbook.md`.

use conversation_delete::{ApiKey, ErasureMode, Error, Outcome, tavus};
use conversation_delete_fake::{Fake, Fault, RecordState, Role, Route, Vendor};

/// The code under test.
async fn erase(client: &tavus::Client, id: &str) -> Result<Outcome, Error> {
    Ok(client.delete_conversation(&id.parse()?, ErasureMode::Hard).await?.outcome())
}

#[tokio::test]
async fn a_lost_response_does_not_lose_the_deletion() {
    let fake = Fake::start(Vendor::Tavus).await.unwrap();
    let id = fake.seed(1).remove(0);
    // The first delete takes effect, and the connection breaks before the response.
    let fault = fake.fault(Fault::close().after_effect().on(Route::Delete).once());

    let key = ApiKey::new(fake.key(Role::Full)).unwrap();
    let client = tavus::Client::builder(key).base_url(fake.base_url()).build().unwrap();

    assert_eq!(erase(&client, &id).await.unwrap(), Outcome::Gone);
    assert_eq!(fake.state_of(&id), Some(RecordState::Deleted));
    assert_eq!(fault.hits(), 1);
}
