use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use conversation_delete::http::{Body, Bytes, HttpTransport, Request, Response, Transport, TransportError};

/// Counts the requests that another transport sends.
pub struct Counted {
    pub inner: HttpTransport,
    pub requests: Arc<AtomicU64>,
}

#[async_trait]
impl Transport for Counted {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.inner.send(request).await
    }
}
