//! Signed notes and their keys, as <https://c2sp.org/signed-note> describes them, with Ed25519.

mod key;
mod signature;

pub(crate) use key::UNSIGNED;
pub use key::{KeyError, SignerKey, VerifierKey};
pub(crate) use signature::{MOST_BYTES, SignedBy, SignedNote};
