//! The seam to the network, on the types of the crate `http`.
//!
//! A [`Transport`] sends one [`Request`] and returns a [`Response`], or a [`TransportError`] that says whether the request
//! may have reached the vendor. Retries, time-outs, limits and the meaning of a response are decided above it, so a
//! transport can be wrapped, recorded, or replaced in a test without changing any of them.
//!
//! [`HttpTransport`] is the one of production. A clone shares its connections, so one can serve several clients: pass a
//! clone to the `transport` option of each builder.

mod body;
mod client;
mod error;
mod options;
mod transport;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
pub use body::Body;
pub use bytes::Bytes;
pub use client::HttpTransport;
pub use error::{TransportError, TransportErrorKind};
pub use options::{HttpOptions, Proxy};
pub use transport::{Transport, from_fn};
