//! The text of a value, as a file or a command gives it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::report::visible;

/// The most bytes that a value may have.
const MAX_BYTES: usize = 64 * 1024;

/// How long a file may take to be read: a pipe can be one whose writer never comes.
const TIME_LIMIT: Duration = Duration::from_secs(10);

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

/// The content of a file, which may be a pipe.
pub(super) fn read_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    read_within(path, TIME_LIMIT)
}

fn read_within(path: &Path, limit: Duration) -> io::Result<Zeroizing<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || drop(sender.send(File::open(path).and_then(read_bytes))));
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no end of it came in {} s", limit.as_secs()));
    receiver.recv_timeout(limit).unwrap_or_else(|_| Err(late()))
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

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn a_pipe_whose_writer_never_comes_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let error = read_within(&path, Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
