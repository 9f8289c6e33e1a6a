//! A note and its signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::key::{SignerKey, VerifierKey};

/// Longer notes are not read. The longest signatures that are defined have nearly 5 kB, and 16 are allowed.
pub(crate) const MOST_BYTES: usize = 128 * 1024;

const MOST_SIGNATURES: usize = 64;

/// A note: its text, which ends in a line feed, and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedNote {
    pub(crate) text: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// Whether a note is signed by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedBy {
    Yes,
    /// No signature has the name and the id of the key.
    No,
    /// A signature has its name and id, and is not one of this text.
    Wrong,
}

impl SignedNote {
    /// Signs a text by a key, in the name of `verifier`.
    pub(crate) fn sign(text: String, signer: &SignerKey, verifier: &VerifierKey) -> Self {
        let bytes = signer.sign(&text).to_vec();
        let signature = Signature { name: verifier.name().to_owned(), id: verifier.id(), bytes };
        Self { text, signatures: vec![signature] }
    }

    /// A text that nobody signed.
    pub(crate) fn unsigned(text: String) -> Self {
        Self { text, signatures: Vec::new() }
    }

    pub(crate) fn is_signed(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// Reads a note. One without signatures is its text alone. The error says what is wrong.
    pub(crate) fn parse(note: &[u8]) -> Result<Self, &'static str> {
        let note = std::str::from_utf8(note).map_err(|_| "it is not UTF-8")?;
        if note.len() > MOST_BYTES {
            return Err("it is too long");
        }
        if note.contains(|c: char| c < ' ' && c != '\n') {
            return Err("it holds a control character");
        }
        if !note.ends_with('\n') {
            return Err("its last line has no end");
        }
        let Some(end) = note.rfind("\n\n") else { return Ok(Self::unsigned(note.to_owned())) };
        let (text, signatures) = (&note[..=end], &note[end + 2..]);
        let signatures: Vec<Signature> =
            signatures.lines().map(parse_line).collect::<Option<_>>().ok_or("a signature line is not one")?;
        match signatures.len() {
            0 => Err("it ends with an empty line, and has no signature"),
            1..=MOST_SIGNATURES => Ok(Self { text: text.to_owned(), signatures }),
            _ => Err("it has too many signatures"),
        }
    }

    /// Checks the signatures that have the name and id of a key. Others are ignored.
    pub(crate) fn signed_by(&self, verifier: &VerifierKey) -> SignedBy {
        let of_key = |signature: &&Signature| signature.name == verifier.name() && signature.id == verifier.id();
        let mut result = SignedBy::No;
        for signature in self.signatures.iter().filter(of_key) {
            let bytes: Result<&[u8; 64], _> = signature.bytes.as_slice().try_into();
            if !bytes.is_ok_and(|bytes| verifier.is_signature(&self.text, bytes)) {
                return SignedBy::Wrong;
            }
            result = SignedBy::Yes;
        }
        result
    }
}

impl std::fmt::Display for SignedNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)?;
        for (number, Signature { name, id, bytes }) in self.signatures.iter().enumerate() {
            let start = if number == 0 { "\n" } else { "" };
            writeln!(f, "{start}— {name} {}", STANDARD.encode([&id[..], bytes].concat()))?;
        }
        Ok(())
    }
}

fn parse_line(line: &str) -> Option<Signature> {
    let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    let (id, bytes) = signature.split_first_chunk::<4>()?;
    let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
    (is_name && !bytes.is_empty()).then(|| Signature { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
}

#[cfg(test)]
mod tests;
