//! A file that has its name when it is complete.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::own_file::{FileId, create_private, remove_own};
use crate::signals::DraftGuard;

/// Why nothing was written under the name of a file, for people.
pub(crate) fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            "a file of this name exists and was left as it is; nothing was written: choose another name".to_owned()
        }
        _ => format!("it cannot be written: {error}"),
    }
}

/// A file that gets its name when it is complete and on the disk. Dropped before, it leaves nothing.
#[derive(Debug)]
pub(crate) struct Unfinished {
    target: PathBuf,
    path: PathBuf,
    id: FileId,
    file: File,
    /// A signal that ends the process removes it too.
    _guard: DraftGuard,
}

impl Unfinished {
    /// Begins a file beside `target`.
    ///
    /// # Errors
    /// When `target` exists, or no file can be made beside it.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let Some(name) = target.file_name().filter(|_| target.symlink_metadata().is_err()) else {
            return Err(io::ErrorKind::AlreadyExists.into());
        };
        for number in 0_u32.. {
            let mut partial = std::ffi::OsString::from(".");
            partial.push(name);
            partial.push(format!(".{}-{number}.partial", std::process::id()));
            let path = target.with_file_name(partial);
            match DraftGuard::around(&path, || create_private(&path)) {
                Ok((file, guard)) => {
                    let id = FileId::of(&file.metadata()?);
                    return Ok(Self { target: target.to_owned(), path, id, file, _guard: guard });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Where its content goes.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// When it cannot be brought to the disk, or another file took the name meanwhile. Then nothing is left of it.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        match fs::hard_link(&self.path, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) => self.rename()?,
        }
        sync_folder(&self.target).inspect_err(|_| remove_own(&self.target, self.id))
    }

    /// For file systems that know no links: takes the name with an empty file first, so that no other is replaced.
    fn rename(&self) -> io::Result<()> {
        let placeholder = FileId::of(&create_private(&self.target)?.metadata()?);
        let renamed = fs::rename(&self.path, &self.target);
        renamed.inspect_err(|_| remove_own(&self.target, placeholder))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        remove_own(&self.path, self.id);
    }
}

/// Brings the name of a file to the disk.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = std::path::absolute(path)?.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names.into_iter().map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_has_its_name_when_it_is_finished_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.csv");
        let unfinished = Unfinished::create(&target).unwrap();
        unfinished.file().write_all(b"text").unwrap();
        assert!(names(folder.path()).iter().all(|name| name.starts_with(".out.csv.")));
        unfinished.finish().unwrap();
        assert_eq!((names(folder.path()), fs::read(&target).unwrap()), (vec!["out.csv".to_owned()], b"text".to_vec()));
        drop(Unfinished::create(&folder.path().join("other")).unwrap());
        assert_eq!(names(folder.path()), ["out.csv"], "dropped, it leaves nothing");
    }

    #[test]
    fn no_file_is_replaced_by_one_that_is_finished_later() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("out"), folder.path().join("link"));
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert_eq!(Unfinished::create(&link).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let unfinished = Unfinished::create(&target).unwrap();
        fs::write(&target, "of another").unwrap();
        assert_eq!(unfinished.finish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let renamed = Unfinished::create(&folder.path().join("new")).unwrap();
        fs::write(&renamed.target, "of another").unwrap();
        assert!(renamed.rename().is_err(), "nor without links");
        drop(renamed);
        assert_eq!(names(folder.path()), ["link", "new", "out"]);
        assert!(["new", "out"].iter().all(|name| fs::read(folder.path().join(name)).unwrap() == b"of another"));
    }

    #[test]
    fn a_file_system_without_links_is_served_by_a_rename() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        let unfinished = Unfinished::create(&target).unwrap();
        unfinished.file().write_all(b"text").unwrap();
        unfinished.rename().unwrap();
        drop(unfinished);
        assert_eq!((names(folder.path()), fs::read(&target).unwrap()), (vec!["out".to_owned()], b"text".to_vec()));
    }
}
