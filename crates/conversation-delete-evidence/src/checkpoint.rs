//! `checkpoint`: the size and the root of a bundle's tree, bound to its manifest, as <https://c2sp.org/tlog-checkpoint>
//! describes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::note::{SignedBy, SignedNote, SignerKey, UNSIGNED, VerifierKey};
use crate::tree::Hash;

/// A checkpoint, of which every line is checked except for signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    note: SignedNote,
    origin: String,
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl Checkpoint {
    /// Its origin is `NAME/` and the hash of the manifest, or `unsigned/` and the hash.
    pub(crate) fn new(manifest_sha256: &str, size: u64, root: &Hash, signer: Option<&SignerKey>) -> Self {
        let verifier = signer.map(|signer| signer.verifier().for_bundle(manifest_sha256));
        let origin = verifier.as_ref().map_or(format!("{UNSIGNED}/{manifest_sha256}"), |key| key.name().to_owned());
        let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
        let note = match signer.zip(verifier) {
            Some((signer, verifier)) => SignedNote::sign(text, signer, &verifier),
            None => SignedNote::unsigned(text),
        };
        Self { note, origin, size, root: *root }
    }

    /// The error says what is wrong.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let note = SignedNote::parse(text)?;
        let lines: Vec<&str> = note.text.lines().collect();
        let [origin, size, root] = lines[..] else {
            return Err("it has not the three lines of a checkpoint: origin, size and root");
        };
        let origin = origin.to_owned();
        let size = parse_decimal(size).ok_or("its second line is not the size of a tree")?;
        let root = parse_hash(root).ok_or("its third line is not the root of a tree")?;
        match (note.is_signed(), is_unsigned(&origin)) {
            (true, true) => Err("its origin says that it is not signed, and it has a signature"),
            (false, false) => Err("its origin names a signer, and it has no signature"),
            _ => Ok(Self { note, origin, size, root }),
        }
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.note.is_signed()
    }

    /// The name of the key, and the hash of the manifest.
    pub(crate) fn origin(&self) -> Option<(&str, &str)> {
        self.origin.rsplit_once('/')
    }

    /// Checks the signature of a key. The error says what is wrong.
    pub(crate) fn check_signature(&self, key: &VerifierKey) -> Result<(), String> {
        let Some((name, manifest)) = self.origin().filter(|(name, _)| *name == key.name()) else {
            return Err(match self.is_signed() {
                true => format!("its origin is `{}`, which is not of the key `{}`", self.origin, key.name()),
                false => format!("it is not signed; the key `{}` was to be checked", key.name()),
            });
        };
        match self.note.signed_by(&key.for_bundle(manifest)) {
            SignedBy::Yes => Ok(()),
            SignedBy::No => Err(format!("it has no signature of this key named `{name}`")),
            SignedBy::Wrong => Err(format!("the signature of `{name}` is not one of this text")),
        }
    }
}

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.note.fmt(f)
    }
}

fn is_unsigned(origin: &str) -> bool {
    origin.rsplit_once('/').is_some_and(|(name, _)| name == UNSIGNED)
}

/// A number without leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
