//! The file of the metrics.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::text::LAST_SUCCESS;

/// How each file of metrics begins.
const BEGIN: &[u8] = b"# HELP conversation_delete_";

/// Replaces the file as a whole, for everybody to read.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Err(io::Error::other("it is not the name of a file")) };
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    // What a killed process of the same number left would be in the way.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.write_all(text.as_bytes())
}

/// When a run last succeeded, by what an earlier run wrote.
///
/// # Errors
/// If the file holds something else: a job, a list of ids or a key must not be replaced.
pub(super) fn last_success(path: &Path) -> io::Result<Option<String>> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let text = if found.is_file() { fs::read(path)? } else { Vec::new() };
    if !found.is_file() || !(text.is_empty() || text.starts_with(BEGIN)) {
        return Err(io::Error::other("it exists, and is not a metrics file of this program"));
    }
    let text = String::from_utf8_lossy(&text);
    let value = text.lines().find_map(|line| line.strip_prefix(LAST_SUCCESS)?.strip_prefix(' '));
    let is_time = |value: &&str| value.parse::<f64>().is_ok_and(f64::is_finite);
    Ok(value.filter(is_time).map(str::to_owned))
}
