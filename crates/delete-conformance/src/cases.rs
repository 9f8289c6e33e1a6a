//! The cases, by what they are about.

pub mod ambiguity;
pub mod bare_errors;
pub mod looking;
pub mod meaning;
pub mod other_successes;
pub mod secrecy;
pub mod waiting;

use delete_core::{Deleter, Deletion, Error, Presence, RecordId, RecordReader};

use crate::{Behaviour, FaultServer, Setup, Subject};

fn success<S: Subject>() -> Behaviour {
    Behaviour::Answer(S::SUCCESS.0.into())
}

fn present<S: Subject>() -> Behaviour {
    Behaviour::status(200, &["content-type: application/json"], S::PRESENT)
}

fn absent<S: Subject>() -> Behaviour {
    Behaviour::status(S::ABSENT.0, &["content-type: application/json"], S::ABSENT.1)
}

fn not_found<S: Subject>() -> Behaviour {
    Behaviour::Answer(S::NOT_FOUND.into())
}

/// The subject's client, its record, and the server that it talks to.
struct Stage<S: Subject> {
    server: FaultServer,
    setup: Setup,
    client: S::Client,
    id: RecordId,
}

impl<S: Subject> Stage<S> {
    async fn new(behaviours: impl IntoIterator<Item = Behaviour>) -> Self {
        Self::with(behaviours, |_| {}).await
    }

    async fn with(behaviours: impl IntoIterator<Item = Behaviour>, change: impl FnOnce(&mut Setup)) -> Self {
        let server = FaultServer::start(behaviours).await;
        let mut setup = Setup::at(server.url());
        change(&mut setup);
        let client = S::client(S::KEY, &setup).unwrap();
        let id = client.parse_id(S::ID).unwrap();
        Self { server, setup, client, id }
    }

    async fn delete(&self) -> Result<Deletion, Error> {
        self.client.delete(&self.id).await
    }

    /// Deletes, expecting a failure.
    async fn fail(&self) -> Error {
        match self.delete().await {
            Err(error) => error,
            Ok(deletion) => panic!("reported as {}: {deletion:?}", deletion.outcome()),
        }
    }

    /// Looks once for a record that the credential saw earlier, so that nothing but the response decides.
    async fn look(&self) -> Presence {
        let reader = S::reader(&self.client);
        reader.mark_seen(std::slice::from_ref(&self.id));
        reader.lookup(&self.id).await
    }

    fn sent(&self) -> usize {
        self.server.requests().len()
    }
}
