use conversation_delete::http::{self, TransportError, TransportErrorKind};
use conversation_delete::testing::TestClock;
use conversation_delete::{ApiKey, Error, tavus};
use conversation_delete_fake::{Fake, Fault, RecordState, Role, Route, Vendor};

use crate::one::{Next, erase};

#[tokio::test]
async fn a_lost_response_does_not_lose_the_deletion() -> Result<(), Error> {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    fake.fault(Fault::close().after_effect().on(Route::Delete).once());

    let client = tavus::Client::builder(ApiKey::new(fake.key(Role::Full))?)
        .base_url(fake.base_url())
        .transport(fake.transport()) // no socket
        .clock(TestClock::new()) // waits take no time
        .build()?;

    assert_eq!(erase(&client, &id).await?, Next::Nothing);
    assert_eq!(fake.state_of(&id), Some(RecordState::Deleted));
    Ok(())
}

#[tokio::test]
async fn a_broken_connection_is_not_taken_for_a_deletion() -> Result<(), Error> {
    let transport = http::from_fn(|_| async { Err(TransportError::new(TransportErrorKind::Interrupted, "it broke")) });
    let client = tavus::Client::builder(ApiKey::new("key")?).transport(transport).clock(TestClock::new()).build()?;
    assert_eq!(erase(&client, "c123456").await?, Next::DeleteAgain);
    Ok(())
}
