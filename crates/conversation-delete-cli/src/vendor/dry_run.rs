//! The clients of a dry run: a made-up credential, and a transport that keeps requests instead of sending them.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use delete_core::http::{self, Method, Response, Transport, TransportError, TransportErrorKind};
use delete_core::vendor_kit::{ErrorExt, optional_var};
use delete_core::{AccessToken, ApiKey, Deleter, Error, Filter, RecordId, RetryPolicy};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use super::children::cascade_options;
use super::{Clients, Target};
use crate::args::ChildrenChoice;

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
    /// What is wrong with the addresses in the environment.
    pub(crate) fn new(target: Target) -> Result<Self, Error> {
        Self::with_children(target, None)
    }

    /// The same; with `children`, those of a record are listed before its delete.
    ///
    /// # Errors
    /// What is wrong with the addresses in the environment.
    pub(crate) fn with_children(target: Target, children: Option<ChildrenChoice>) -> Result<Self, Error> {
        let kept = Kept::default();
        Ok(Self { clients: connect_dry_run(target, children, keeping(&kept, children.is_some()))?, kept })
    }

    /// Corti's client with the credential of the environment, which may fetch a token first.
    ///
    /// # Errors
    /// What is missing or wrong in the environment.
    pub(crate) fn with_corti_credential() -> Result<Self, Error> {
        let kept = Kept::default();
        Ok(Self { clients: corti_over(keeping(&kept, false))?, kept })
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

    /// The requests for a token that come before all others; none without the credential in the environment, and at
    /// vendors that take a key.
    pub(crate) async fn token_requests(target: Target) -> Vec<Planned> {
        if target != Target::Corti {
            return Vec::new();
        }
        // A dry run needs no credential.
        let Ok(dry_clients) = Self::with_corti_credential() else { return Vec::new() };
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
/// What is wrong with the addresses in the environment.
fn connect_dry_run(
    target: Target,
    children: Option<ChildrenChoice>,
    transport: impl Transport,
) -> Result<Clients, Error> {
    connect_with(target, children, transport).map_err(|error| error.for_vendor(target.vendor()))
}

/// Corti's client with the credential of the environment, and `transport` instead of the network.
///
/// # Errors
/// What is missing or wrong in the environment.
fn corti_over(transport: impl Transport) -> Result<Clients, Error> {
    let builder = corti_delete::ClientBuilder::from_env()?.transport(transport).retry(RetryPolicy::none());
    let client = builder.build()?;
    Ok(Clients::of(client))
}

macro_rules! at {
    ($builder:expr, $variable:literal) => {
        match optional_var($variable)? {
            Some(url) => $builder.base_url(url),
            None => $builder,
        }
    };
}

fn connect_with(target: Target, children: Option<ChildrenChoice>, transport: impl Transport) -> Result<Clients, Error> {
    let key = || ApiKey::new("dry-run");
    Ok(match target {
        Target::Corti => {
            let builder = corti_delete::Client::builder(corti_environment()?, "dry-run", AccessToken::new("dry-run")?);
            let client = at!(builder, "CORTI_BASE_URL").transport(transport).build()?;
            match children {
                Some(choice) => Clients::with_children(client, cascade_options(choice, None)),
                None => Clients::of(client),
            }
        }
        Target::Fini(route) => {
            let builder = fini_delete::Client::builder(key()?);
            let client = at!(builder, "FINI_BASE_URL").transport(transport).no_rate_limit().build()?;
            Clients::over(client, route)
        }
        Target::ElevenLabs => {
            let residency = match optional_var("ELEVENLABS_RESIDENCY")? {
                Some(name) => name.parse().map_err(|error: Error| error.context("ELEVENLABS_RESIDENCY"))?,
                None => elevenlabs_delete::Residency::default(),
            };
            let builder = elevenlabs_delete::Client::builder(key()?).residency(residency);
            let client = at!(builder, "ELEVENLABS_BASE_URL").transport(transport).build()?;
            Clients::of(client)
        }
        Target::Tavus(erasure) => {
            let builder = tavus_delete::Client::builder(key()?);
            let client = at!(builder, "TAVUS_BASE_URL").transport(transport).build()?;
            Clients::of(client.with_erasure_mode(erasure))
        }
    })
}

fn corti_environment() -> Result<corti_delete::Environment, Error> {
    match (optional_var("CORTI_ENVIRONMENT")?, optional_var("CORTI_BASE_URL")?) {
        (Some(name), _) => name.parse().map_err(|error: Error| error.context("CORTI_ENVIRONMENT")),
        // A dry run sends to the base URL instead, and fetches no token.
        (None, Some(_)) => Ok(corti_delete::Environment::Eu),
        (None, None) => Err(Error::configuration("the variable CORTI_ENVIRONMENT is not set (eu or us)")),
    }
}
