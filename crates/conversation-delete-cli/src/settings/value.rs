//! The text of a value, as a file or a command gives it.

use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::report::visible;

/// The most bytes that a value may have.
const MAX_BYTES: usize = 64 * 1024;

/// A path, for people.
pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

/// At most one byte more than a value may have.
pub(super) fn read_bytes(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // A buffer that grew would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 2));
    from.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn as_text<'a>(bytes: &'a [u8], named: &str) -> Result<&'a str, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("{named} is larger than 64 KiB"));
    }
    std::str::from_utf8(bytes).map_err(|_| format!("{named} is not UTF-8"))
}

/// Refuses what cannot be a setting, without showing it.
pub(super) fn check(value: &str, named: &str) -> Result<Zeroizing<String>, String> {
    match value {
        "" => Err(format!("{named} is empty")),
        _ if value.contains(['\n', '\r']) => Err(format!("{named} holds more than one line")),
        _ if value.contains('\0') => Err(format!("{named} holds a NUL")),
        _ => Ok(Zeroizing::new(value.to_owned())),
    }
}
