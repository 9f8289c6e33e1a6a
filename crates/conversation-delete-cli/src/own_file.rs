//! Files that this process made, so that it removes no other.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Which file a name leads to. A symbolic link is a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] Option<std::time::SystemTime>);

impl FileId {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Self((metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        Self(metadata.created().ok())
    }

    /// The file of this name now.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        path.symlink_metadata().ok().map(|metadata| Self::of(&metadata))
    }
}

/// Removes the file or the folder of this name if it is the one that this process made.
pub(crate) fn remove_own(path: &Path, id: FileId) {
    if FileId::at(path) == Some(id) {
        // If it cannot be removed, it stays: nothing depends on it.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

/// Makes a file that did not exist, also not as a symbolic link, readable by its owner alone.
///
/// # Errors
/// When there is a file of this name, or none can be made.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own");
        drop(create_private(&path).unwrap());
        let id = FileId::at(&path).unwrap();
        fs::rename(&path, folder.path().join("moved")).unwrap();
        fs::write(&path, "of another").unwrap();
        remove_own(&path, id);
        assert_eq!(fs::read(&path).unwrap(), b"of another");
        remove_own(&folder.path().join("moved"), id);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
