//! Salts of lines. Without one, whoever has the hash of a line could find out what it says by trying.

use std::fmt;
use std::io;

use zeroize::Zeroizing;

use crate::hex::hex;
use crate::pseudonym::keyed_hash;

const BYTES: usize = 16;

/// The secret from which the salts of one export are made. It is not kept, so nobody makes the salt of another line.
#[derive(Clone)]
pub(crate) struct SaltKey(Zeroizing<[u8; 32]>);

impl SaltKey {
    pub(crate) fn generate() -> io::Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).map_err(|_| io::Error::other("the system gave no random numbers"))?;
        Ok(Self(key))
    }

    #[cfg(test)]
    pub(crate) fn fixed() -> Self {
        Self(Zeroizing::new([7; 32]))
    }

    /// The salt of the line of this index: the first 16 bytes of an HMAC-SHA-256, as hexadecimal digits.
    pub(crate) fn salt(&self, index: u64) -> String {
        hex(&keyed_hash(&self.0, &["salt", &index.to_string()])[..BYTES])
    }
}

impl fmt::Debug for SaltKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaltKey").finish_non_exhaustive()
    }
}
