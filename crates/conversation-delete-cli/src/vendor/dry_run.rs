//! The clients of a dry run: a made-up credential, and a transport that keeps requests instead of sending them.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use delete_core::http::{self, Method, Response, Transport, TransportError, TransportErrorKind};
use delete_core::vendor_kit::ErrorExt;
use delete_core::{AccessToken, Deleter, Error, Filter, RecordId, RetryPolicy};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use super::children::cascade_options;
use super::{Clients, Target, corti_builder};
use crate::args::ChildrenChoice;
use crate::settings::{ACCESS_TOKEN, Settings};

/// Lists of children as if there were none, so that all of them are read.
const NO_CHILDREN: &str = r#"{"data":[]}"#;

/// Clients that cannot send: their transport keeps each request, and sends none of them.
pub(crate) struct DryRunClients {
    pub(crate) clients: Clients,
    kept: Kept,
}

type Kept = Arc<Mutex<Vec<Planned>>>;

/// A transport that keeps requests. With `lists_are_empty`, a read succeeds.
fn keeping(kept: &Kept, lists_are_empty: bool) -> impl Transport {
    let kept = Arc::clone(kept);
    http::from_fn(move |request| {
        let planned = Planned { method: request.method().clone(), url: request.uri().to_string() };
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
        let is_list = lists_are_empty && request.method() == Method::GET;
        async move {
            match is_list {
                true => Ok(Response::new(NO_CHILDREN.into())),
                false => Err(TransportError::new(TransportErrorKind::InvalidRequest, "nothing is sent in a dry run")),
            }
        }
    })
}

/// A request that was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) method: Method,
    pub(crate) url: String,
}

impl DryRunClients {
    /// Clients for `target`.
    ///
    /// # Errors
    /// What is wrong with the addresses in the settings.
    pub(crate) fn new(settings: &Settings, target: Target) -> Result<Self, Error> {
        Self::with_children(settings, target, None)
    }

    /// The same; with `children`, those of a record are listed before its delete.
    ///
    /// # Errors
    /// What is wrong with the addresses in the settings.
    pub(crate) fn with_children(
        settings: &Settings,
        target: Target,
        children: Option<ChildrenChoice>,
    ) -> Result<Self, Error> {
        let kept = Kept::default();
        let clients = connect_with(settings, target, children, keeping(&kept, children.is_some()))
            .map_err(|error| error.for_vendor(target.vendor()))?;
        Ok(Self { clients, kept })
    }

    /// Corti's client with its credential, which may fetch a token first.
    ///
    /// # Errors
    /// What is missing or wrong in the settings.
    pub(crate) fn with_corti_credential(settings: &Settings) -> Result<Self, Error> {
        let kept = Kept::default();
        let builder = corti_builder(settings)?.transport(keeping(&kept, false)).retry(RetryPolicy::none());
        Ok(Self { clients: Clients::of(builder.build()?), kept })
    }

    /// The client, which cannot send.
    pub(crate) fn deleter(&self) -> &dyn Deleter {
        &*self.clients.deleter
    }

    /// The requests of a call, and what it returns. No log is written of what is not sent.
    async fn requests_of<T>(&self, call: impl Future<Output = T>) -> (Vec<Planned>, T) {
        let output = call.with_subscriber(NoSubscriber::default()).await;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut *kept), output)
    }

    /// The requests that would delete these records: the last one is their delete.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn requests_for(&self, ids: &[RecordId]) -> Result<Vec<Planned>, Error> {
        let (requests, results) = self.requests_of(self.deleter().delete_batch(ids)).await;
        match (requests.is_empty(), results.into_iter().find_map(Result::err)) {
            (false, _) => Ok(requests),
            (true, Some(error)) => Err(error),
            (true, None) => Err(Error::invalid_input("no request belongs to these ids")),
        }
    }

    /// The requests for a token that come before all others; none without a credential in the settings, or with a token,
    /// and at vendors that take a key.
    pub(crate) async fn token_requests(settings: &Settings, target: Target) -> Vec<Planned> {
        if target != Target::Corti || settings.has(ACCESS_TOKEN).unwrap_or_default() {
            return Vec::new();
        }
        // A dry run needs no credential.
        let Ok(dry_clients) = Self::with_corti_credential(settings) else { return Vec::new() };
        let mut requests = dry_clients.check().await;
        requests.retain(|request| request.method == Method::POST);
        requests
    }

    /// The request that deletes these records.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn request_for(&self, ids: &[RecordId]) -> Result<Planned, Error> {
        let last = self.requests_for(ids).await?.pop();
        last.ok_or_else(|| Error::invalid_input("no request belongs to these ids"))
    }

    /// The requests that check the credential.
    pub(crate) async fn check(&self) -> Vec<Planned> {
        self.requests_of(self.clients.reader.check_credential()).await.0
    }

    /// The requests that find out whether a record is active.
    pub(crate) async fn activity_checks(&self, id: &RecordId) -> Vec<Planned> {
        self.requests_of(self.clients.reader.active_status(id)).await.0
    }

    /// The requests that read the list of all records: those for its first page.
    pub(crate) async fn list(&self) -> Vec<Planned> {
        let read = async {
            if let Ok(mut listing) = self.clients.reader.list(&Filter::new()) {
                listing.next().await;
            }
        };
        self.requests_of(read).await.0
    }

    /// The requests that look a record up. Where records can only be looked up by reading the whole list, the first of
    /// them.
    pub(crate) async fn lookups(&self, id: &RecordId) -> Vec<Planned> {
        self.requests_of(self.clients.reader.lookup(id)).await.0
    }
}

/// The same clients with a made-up credential, and `transport` instead of the network.
///
/// # Errors
/// What is wrong with the addresses in the settings.
fn connect_with(
    settings: &Settings,
    target: Target,
    children: Option<ChildrenChoice>,
    transport: impl Transport,
) -> Result<Clients, Error> {
    let of_key = |name: &str| match name {
        "FINI_API_KEY" | "ELEVENLABS_API_KEY" | "TAVUS_API_KEY" => Ok(Some("dry-run".to_owned())),
        _ => settings.get(name),
    };
    Ok(match target {
        Target::Corti => {
            let token = AccessToken::new("dry-run")?;
            let builder = corti_delete::ClientBuilder::from_lookup_with(token, |name| match name {
                "CORTI_TENANT_NAME" => Ok(Some("dry-run".to_owned())),
                // Nothing is sent there with a token.
                "CORTI_AUTH_URL" => Ok(None),
                _ => settings.get(name),
            })?;
            let client = builder.transport(transport).build()?;
            match children {
                Some(choice) => Clients::with_children(client, cascade_options(choice, None)),
                None => Clients::of(client),
            }
        }
        Target::Fini(route) => {
            let builder = fini_delete::ClientBuilder::from_lookup(of_key)?;
            Clients::over(builder.transport(transport).no_rate_limit().build()?, route)
        }
        Target::ElevenLabs => {
            Clients::of(elevenlabs_delete::ClientBuilder::from_lookup(of_key)?.transport(transport).build()?)
        }
        Target::Tavus(erasure) => {
            let builder = tavus_delete::ClientBuilder::from_lookup(of_key)?;
            Clients::of(builder.transport(transport).build()?.with_erasure_mode(erasure))
        }
    })
}
