//! TLS and HTTP/2 against servers on loopback, with certificates made here.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]
#![cfg(any(feature = "rustls-no-provider", feature = "native-tls"))]

mod handshake;
mod http2;
mod options;
mod support;
