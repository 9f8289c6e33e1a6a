//! Files that hold keys.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Writes the text of a key to a new file, as [`SignerKey::write_file`](crate::SignerKey::write_file) says.
pub(crate) fn write_key_file(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    // Half a key is of no use.
    written.inspect_err(|_| drop(std::fs::remove_file(path)))
}
