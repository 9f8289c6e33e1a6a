//! Which job files this process has open, and a lock on each of them besides the lock file beside it.
//!
//! On Unix, closing any descriptor of a file drops all locks that the process has on it, also those of SQLite. So a descriptor
//! of a job file is closed only when no connection of this process to that file is left.

use std::io;

/// The length of what [`OpenFile::header`] reads: the header of a database.
pub(crate) const HEADER: usize = 100;

#[cfg(not(unix))]
pub(crate) use other::{FileId, OpenFile, file_id};
#[cfg(unix)]
pub(crate) use unix::{FileId, OpenFile, file_id};

fn read_header(mut file: &std::fs::File) -> io::Result<[u8; HEADER]> {
    use std::io::{Read, Seek};
    let mut header = [0; HEADER];
    file.rewind()?;
    file.read_exact(&mut header)?;
    Ok(header)
}

#[cfg(unix)]
mod unix {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{HEADER, read_header};

    /// A file, whatever it is called: its device and its number there.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) struct FileId(u64, u64);

    /// The file that a path leads to now.
    pub(crate) fn file_id(path: &Path) -> io::Result<FileId> {
        path.metadata().map(|metadata| FileId(metadata.dev(), metadata.ino()))
    }

    /// Only there is the lock independent of those that SQLite takes on the same file.
    const HAS_LOCK: bool = cfg!(any(target_os = "linux", target_os = "android"));

    static OPEN: Mutex<BTreeMap<FileId, Entry>> = Mutex::new(BTreeMap::new());

    #[derive(Debug, Default)]
    struct Entry {
        users: usize,
        file: Option<File>,
        is_locked: bool,
    }

    fn open_files() -> MutexGuard<'static, BTreeMap<FileId, Entry>> {
        OPEN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One use of a job file. It is made before SQLite opens the file, and dropped after SQLite has closed it.
    #[derive(Debug)]
    pub(crate) struct OpenFile {
        id: FileId,
        path: PathBuf,
    }

    impl OpenFile {
        pub(crate) fn register(path: &Path) -> io::Result<Self> {
            let mut open = open_files();
            let id = file_id(path)?;
            open.entry(id).or_default().users += 1;
            Ok(Self { id, path: path.to_owned() })
        }

        /// Whether a path leads to this file.
        pub(crate) fn is_at(&self, path: &Path) -> bool {
            file_id(path).is_ok_and(|id| id == self.id)
        }

        /// The first bytes of the file.
        pub(crate) fn header(&self) -> io::Result<[u8; HEADER]> {
            self.with(|entry| read_header(entry.file(self)?))
        }

        /// Locks the file against other runs, also those that do not see the lock file. False if another one has it.
        pub(crate) fn try_lock(&self) -> io::Result<bool> {
            self.with(|entry| {
                if !HAS_LOCK || crate::network_file_system(&self.path).is_some() {
                    return Ok(true);
                }
                let is_new = !entry.is_locked && crate::lock::try_lock(entry.file(self)?)?;
                entry.is_locked |= is_new;
                Ok(is_new)
            })
        }

        pub(crate) fn unlock(&self) {
            self.with(|entry| {
                if std::mem::take(&mut entry.is_locked) {
                    if let Some(file) = &entry.file {
                        // It is released with the process at the latest.
                        let _ = fs4::FileExt::unlock(file);
                    }
                }
            });
        }

        /// Whether a run has the lock, of this process or another.
        pub(crate) fn is_locked(&self) -> bool {
            self.with(|entry| {
                if entry.is_locked || !HAS_LOCK || crate::network_file_system(&self.path).is_some() {
                    return entry.is_locked;
                }
                let Ok(file) = entry.file(self) else { return false };
                let is_free = crate::lock::is_had(fs4::FileExt::try_lock_shared(file)).unwrap_or(true);
                if is_free {
                    let _ = fs4::FileExt::unlock(file);
                }
                !is_free
            })
        }

        fn with<T>(&self, act: impl FnOnce(&mut Entry) -> T) -> T {
            act(open_files().entry(self.id).or_default())
        }
    }

    impl Entry {
        fn file(&mut self, of: &OpenFile) -> io::Result<&File> {
            let file = match self.file.take() {
                Some(file) => file,
                None => File::open(&of.path)?,
            };
            let metadata = file.metadata()?;
            let file = self.file.insert(file);
            if FileId(metadata.dev(), metadata.ino()) == of.id { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
        }
    }

    impl Drop for OpenFile {
        fn drop(&mut self) {
            let mut open = open_files();
            let Some(entry) = open.get_mut(&self.id) else { return };
            entry.users -= 1;
            if entry.users == 0 {
                // Closes the file while nobody can open it anew.
                open.remove(&self.id);
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::fs::File;
    use std::io;
    use std::path::{Path, PathBuf};

    use super::{HEADER, read_header};

    /// That there is a file. One that is open cannot be removed or replaced here.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct FileId;

    pub(crate) fn file_id(path: &Path) -> io::Result<FileId> {
        path.metadata().map(|_| FileId)
    }

    /// One use of a job file.
    #[derive(Debug)]
    pub(crate) struct OpenFile(PathBuf);

    impl OpenFile {
        pub(crate) fn register(path: &Path) -> io::Result<Self> {
            file_id(path).map(|_| Self(path.to_owned()))
        }

        pub(crate) fn is_at(&self, path: &Path) -> bool {
            file_id(path).is_ok()
        }

        pub(crate) fn header(&self) -> io::Result<[u8; HEADER]> {
            read_header(&File::open(&self.0)?)
        }

        /// A second lock is not needed: the lock file cannot be removed while it is open.
        pub(crate) fn try_lock(&self) -> io::Result<bool> {
            Ok(true)
        }

        pub(crate) fn unlock(&self) {}

        pub(crate) fn is_locked(&self) -> bool {
            false
        }
    }
}
