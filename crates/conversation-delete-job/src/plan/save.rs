//! From memory into a file.

use std::fs::OpenOptions;
use std::path::Path;

use crate::error::JobError;
use crate::lock::{check_names, private};
use crate::memory::JobLocation;
use crate::open_file::file_id;
use crate::store::{Store, make_durable};

/// Writes a planned job to a new file that only its owner may read, and makes sure that it is on the disk. The job stays
/// where it is, too.
///
/// # Errors
/// [`JobErrorKind::Exists`](crate::JobErrorKind::Exists) when there is a file of this name;
/// [`JobErrorKind::Inaccessible`](crate::JobErrorKind::Inaccessible) or
/// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage) when it cannot be written. Then no file is left.
pub fn save(job: &JobLocation, path: &Path) -> Result<(), JobError> {
    check_names(path)?;
    let store = Store::open_to_read(job)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    drop(options.open(path).map_err(|error| JobError::at(path, error))?);
    let id = file_id(path).ok();
    store.copy_to(path).and_then(|()| make_durable(path)).inspect_err(|_| {
        if file_id(path).ok() == id {
            // What is left is an empty file or half a copy, neither of which is a job.
            let _ = std::fs::remove_file(path);
        }
    })
}
