use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use http::Version;

use super::build::build;
use super::failure::read_error;
use crate::http::{HttpOptions, TransportError, TransportErrorKind};

/// Connections that can be replaced. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct SharedPool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// `None` if the client was built elsewhere, and cannot be built again.
    options: Option<HttpOptions>,
    current: RwLock<Arc<Pool>>,
}

/// Connections that requests may share.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) client: reqwest::Client,
    generation: u64,
    versions: Versions,
}

/// The HTTP versions of the responses over these connections.
#[derive(Debug, Default)]
struct Versions {
    http_1: AtomicBool,
    http_2: AtomicBool,
}

impl Pool {
    fn new(client: reqwest::Client, generation: u64) -> Arc<Self> {
        Arc::new(Self { client, generation, versions: Versions::default() })
    }

    pub(super) fn note_version(&self, version: Version) {
        let seen = if version == Version::HTTP_2 { &self.versions.http_2 } else { &self.versions.http_1 };
        seen.store(true, Ordering::Relaxed);
    }

    /// Whether several requests may share a connection, as far as is known. HTTP/1 closes the connection of a request
    /// that is given up.
    fn may_share_connections(&self) -> bool {
        self.versions.http_2.load(Ordering::Relaxed) || !self.versions.http_1.load(Ordering::Relaxed)
    }
}

impl SharedPool {
    pub(super) fn new(client: reqwest::Client, options: Option<HttpOptions>) -> Self {
        Self(Arc::new(Shared { options, current: RwLock::new(Pool::new(client, 0)) }))
    }

    pub(super) fn current(&self) -> Arc<Pool> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the client was built elsewhere.
    pub(super) fn is_foreign(&self) -> bool {
        self.0.options.is_none()
    }

    /// Reads an error of the client. One that was built elsewhere may have followed a redirect before it failed,
    /// so nothing is certain then.
    pub(super) fn read_send_error(&self, error: reqwest::Error) -> TransportError {
        let error = read_error(error);
        if !self.is_foreign() || error.kind().may_have_arrived() {
            return error;
        }
        TransportError::new(TransportErrorKind::Interrupted, error.to_string()).with_source(error)
    }

    /// Begins a new pool, unless another request has replaced this one already. Requests in flight keep the old one.
    fn replace(&self, generation: u64) {
        let current = self.current();
        if current.generation != generation || !current.may_share_connections() {
            return;
        }
        // Options that were valid once stay valid. If not, the old connections are better than none.
        let Some(Ok(client)) = self.0.options.as_ref().map(build) else { return };
        let mut pool = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
        if pool.generation == generation {
            *pool = Pool::new(client, generation + 1);
        }
    }
}

/// Replaces the connections if it is dropped while a response is awaited. HTTP/2 sends all requests over one connection,
/// and later ones would follow the first into a dead one.
pub(super) struct GivenUp {
    pool: SharedPool,
    generation: u64,
    is_armed: bool,
}

impl GivenUp {
    /// Starts armed.
    pub(super) fn new(shared: &SharedPool, pool: &Pool) -> Self {
        Self { pool: shared.clone(), generation: pool.generation, is_armed: true }
    }

    pub(super) fn arm(&mut self) {
        self.is_armed = true;
    }

    pub(super) fn disarm(&mut self) {
        self.is_armed = false;
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        if self.is_armed {
            self.pool.replace(self.generation);
        }
    }
}
