//! The checksum of a file, as an index holds it.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The SHA-256 of a `.crate` file in hexadecimal, as an index holds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Checksum(String);

/// Digits are compared without regard to case.
impl From<String> for Checksum {
    fn from(digits: String) -> Self {
        Self(digits.to_ascii_lowercase())
    }
}

impl Checksum {
    /// The checksum of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Display for Checksum {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
