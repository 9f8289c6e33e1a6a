//! Errors, credentials, transport and retry.
pub mod transport;
mod vendor;
pub use vendor::Vendor;
