//! Pseudonyms of ids: keyed hashes, by which whoever has the key finds an id, and nobody else does.

use std::fmt;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hex::hex;
use crate::key_file::write_key_file;
use crate::manifest::TargetHead;
use crate::note::KeyError;

const PREFIX: &str = "PSEUDONYM+KEY+";

/// The key of pseudonyms. Whoever has it can tell whether a given id is in a bundle. `Debug` does not show it.
#[derive(Clone)]
pub struct PseudonymKey(Zeroizing<[u8; 32]>);

impl PseudonymKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).map_err(|_| KeyError::Random)?;
        Ok(Self(key))
    }

    /// Reads `PSEUDONYM+KEY+` and the key, with white space around it.
    ///
    /// # Errors
    /// [`KeyError::Text`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let key = text.trim().strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok()).map(Zeroizing::new);
        let key = key.and_then(|key| Some(Zeroizing::new(key.as_slice().try_into().ok()?)));
        key.map(Self).ok_or(KeyError::Text("a key of pseudonyms: it has the form PSEUDONYM+KEY+KEY"))
    }

    /// Writes its text to a new file that only its owner may read (mode 0600), and makes sure that it is on the disk.
    ///
    /// # Errors
    /// As of [`std::fs`]; `AlreadyExists` if there is a file: nothing is written over another one.
    pub fn write_file(&self, path: &Path) -> io::Result<()> {
        write_key_file(path, &self.to_text())
    }

    /// Returns the text that [`parse`](Self::parse) reads.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", *Zeroizing::new(STANDARD.encode(*self.0))))
    }

    /// Returns the pseudonym of an id: the HMAC-SHA-256 of `kind`, vendor, base URL, tenant or region, and id, each after its
    /// length in eight bytes. So an id has another pseudonym at each target, and as another kind of thing.
    pub(crate) fn pseudonym(&self, target: &TargetHead, kind: &str, id: &str) -> String {
        let place = target.place.as_deref().unwrap_or_default();
        hex(&keyed_hash(&self.0, &[kind, &target.vendor, &target.base_url, place, id]))
    }

    /// Returns what stands for the hash of a plan. That hash itself would show a guessed id to be right.
    pub(crate) fn of_plan(&self, plan_hash: &str) -> String {
        hex(&keyed_hash(&self.0, &["plan_hash", plan_hash]))
    }
}

/// The HMAC-SHA-256 of the parts, each after its length in eight bytes.
pub(crate) fn keyed_hash(key: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    // A key that is shorter than a block is filled up with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PseudonymKey").finish_non_exhaustive()
    }
}
