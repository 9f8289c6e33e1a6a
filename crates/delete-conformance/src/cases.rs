//! The cases, by subject.

pub mod ambiguity;
pub mod bare_errors;
pub mod lookups;
pub mod responses;
pub mod retries;
pub mod secrets;
pub mod undocumented_success;

use delete_core::{Deleter, Deletion, Error, Presence, RecordId, RecordReader};

use crate::{FaultAction, FaultServer, Setup, VendorUnderTest};

fn success<S: VendorUnderTest>() -> FaultAction {
    FaultAction::Respond(S::SUCCESS.0.into())
}

fn present<S: VendorUnderTest>() -> FaultAction {
    FaultAction::status(200, &["content-type: application/json"], S::PRESENT)
}

fn absent<S: VendorUnderTest>() -> FaultAction {
    FaultAction::status(S::ABSENT.0, &["content-type: application/json"], S::ABSENT.1)
}

fn not_found<S: VendorUnderTest>() -> FaultAction {
    FaultAction::Respond(S::NOT_FOUND.into())
}

/// A client of the vendor, the id of its record, and the server that it sends to.
struct Harness<S: VendorUnderTest> {
    server: FaultServer,
    setup: Setup,
    client: S::Client,
    id: RecordId,
}

impl<S: VendorUnderTest> Harness<S> {
    fn new(actions: impl IntoIterator<Item = FaultAction>) -> Self {
        Self::with(actions, |_| {})
    }

    fn with(actions: impl IntoIterator<Item = FaultAction>, change: impl FnOnce(&mut Setup)) -> Self {
        let server = FaultServer::start(actions);
        let mut setup = Setup::at(server.url());
        change(&mut setup);
        let client = S::client(S::KEY, &setup).unwrap();
        let id = client.parse_id(S::ID).unwrap();
        Self { server, setup, client, id }
    }

    async fn delete(&self) -> Result<Deletion, Error> {
        self.client.delete(&self.id).await
    }

    /// Deletes, and expects a failure.
    async fn fail(&self) -> Error {
        match self.delete().await {
            Err(error) => error,
            Ok(deletion) => panic!("reported as {}: {deletion:?}", deletion.outcome()),
        }
    }

    /// Looks the record up. It counts as seen earlier, so that only the response decides.
    async fn lookup(&self) -> Presence {
        let reader = S::reader(&self.client);
        reader.mark_seen(std::slice::from_ref(&self.id));
        reader.lookup(&self.id).await
    }

    fn request_count(&self) -> usize {
        self.server.requests().len()
    }
}
