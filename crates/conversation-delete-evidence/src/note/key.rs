//! The keys of notes.

use std::fmt;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use delete_core::text::is_unsafe_to_print;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::key_file::write_key_file;

/// Ed25519, in key ids and in the text of keys.
const ED25519: u8 = 1;

const PRIVATE: &str = "PRIVATE+KEY+";

/// Begins the origin of a checkpoint that nobody signed.
pub(crate) const UNSIGNED: &str = "unsigned";

const LONGEST_NAME: usize = 256;

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The name of a key is empty, too long, `unsigned`, or holds white space, `+`, `/`, a backtick, or a character that is not
    /// safe to print: control characters, format characters, and those that change the direction of text.
    #[error(
        "`{0}` cannot be the name of a key: use up to {LONGEST_NAME} bytes without white space, `+`, `/`, backticks \
         and characters that are not printed, such as \
         `example.com-erasure`, and not `unsigned`"
    )]
    Name(String),
    /// The text is not a key of this kind.
    #[error("this is not {0}")]
    Text(&'static str),
    /// The system has no random numbers.
    #[error("the system gave no random numbers")]
    Random,
}

/// The key that signs bundles. Its text is a secret; `Debug` does not show it.
#[derive(Clone)]
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

impl SignerKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Random`].
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|_| KeyError::Random)?;
        Ok(Self { name: check_name(name)?.to_owned(), key: SigningKey::from_bytes(&seed) })
    }

    /// Reads `PRIVATE+KEY+NAME+HASH+KEY`, with white space around it.
    ///
    /// # Errors
    /// [`KeyError::Text`], [`KeyError::Name`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let refused = || KeyError::Text("a signer key: it has the form PRIVATE+KEY+NAME+HASH+KEY");
        let rest = text.trim().strip_prefix(PRIVATE).ok_or_else(refused)?;
        let (name, hash, seed) = parts(rest).ok_or_else(refused)?;
        let key = SigningKey::from_bytes(&seed);
        let signer = Self { name: check_name(name)?.to_owned(), key };
        if signer.verifier().hash() == hash { Ok(signer) } else { Err(refused()) }
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
        let seed = Zeroizing::new([&[ED25519], &self.key.as_bytes()[..]].concat());
        let seed = Zeroizing::new(STANDARD.encode(&*seed));
        let verifier = self.verifier();
        Zeroizing::new(format!("{PRIVATE}{}+{}+{}", self.name, verifier.hash(), *seed))
    }

    /// Returns the key by which others verify.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; 64] {
        self.key.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The key by which signatures are verified. Its text, `NAME+HASH+KEY`, can be public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Reads `NAME+HASH+KEY`, with white space around it.
    ///
    /// # Errors
    /// [`KeyError::Text`], [`KeyError::Name`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let refused = || KeyError::Text("a verifier key: it has the form NAME+HASH+KEY");
        let (name, hash, key) = parts(text.trim()).ok_or_else(refused)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| refused())?;
        // The key of one bundle has the hash of its manifest behind the name.
        name.splitn(2, '/').try_for_each(|part| check_name(part).map(drop))?;
        let verifier = Self { name: name.to_owned(), key };
        if verifier.hash() == hash { Ok(verifier) } else { Err(refused()) }
    }

    /// Returns the name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the key by the name that it has for one bundle: `NAME/` and the SHA-256 of its `manifest.json`.
    pub fn for_bundle(&self, manifest_sha256: &str) -> Self {
        Self { name: format!("{}/{manifest_sha256}", self.name), key: self.key }
    }

    /// The first four bytes of the SHA-256 of name, line feed, algorithm and key.
    pub(crate) fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    pub(crate) fn is_signature(&self, text: &str, signature: &[u8; 64]) -> bool {
        self.key.verify_strict(text.as_bytes(), &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }

    fn hash(&self) -> String {
        crate::hex::hex(&self.id())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{}+{key}", self.name, self.hash())
    }
}

/// Name, hash and 32 bytes of key. Base64 may contain a plus; names and hashes do not.
fn parts(text: &str) -> Option<(&str, &str, Zeroizing<[u8; 32]>)> {
    let (name, rest) = text.split_once('+')?;
    let (hash, key) = rest.split_once('+')?;
    let key = Zeroizing::new(STANDARD.decode(key).ok()?);
    let bytes = key.strip_prefix(&[ED25519])?;
    Some((name, hash, Zeroizing::new(bytes.try_into().ok()?)))
}

/// The rules of notes, and no `/`: that separates the name of a key from a bundle.
fn check_name(name: &str) -> Result<&str, KeyError> {
    let is_allowed = |c: char| !c.is_whitespace() && !is_unsafe_to_print(c) && !matches!(c, '+' | '/' | '`');
    let is_name = !name.is_empty() && name.len() <= LONGEST_NAME && name != UNSIGNED && name.chars().all(is_allowed);
    if is_name { Ok(name) } else { Err(KeyError::Name(name.to_owned())) }
}

#[cfg(test)]
mod tests;
