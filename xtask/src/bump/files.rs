//! Changes of files that happen all or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use similar::TextDiff;
use tempfile::NamedTempFile;

use crate::Result;

/// A file of the workspace, as it is and as it will be.
#[derive(Debug)]
pub(super) struct Change {
    /// From the workspace's root.
    pub(super) path: PathBuf,
    pub(super) old: String,
    pub(super) new: String,
}

impl Change {
    /// The unified diff, as git prints and applies it.
    pub(super) fn diff(&self) -> String {
        let path = self.path.display().to_string().replace('\\', "/");
        let diff = TextDiff::from_lines(&self.old, &self.new);
        diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()
    }
}

/// Writes all files; where one cannot be written, all are as they were.
pub(super) fn write(root: &Path, changes: &[Change]) -> Result<()> {
    let staged: Result<Vec<_>> = changes.iter().map(|change| stage(&root.join(&change.path), &change.new)).collect();
    for (done, (file, change)) in staged?.into_iter().zip(changes).enumerate() {
        if let Err(error) = file.persist(root.join(&change.path)) {
            undo(root, &changes[..done])?;
            return Err(cannot_write(&change.path, &error.error).into());
        }
    }
    Ok(())
}

/// The new text in a file beside the old one, with its permissions, to be renamed.
fn stage(path: &Path, text: &str) -> Result<NamedTempFile> {
    let folder = path.parent().ok_or("a file without a folder")?;
    let written = NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(fs::metadata(path)?.permissions())?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    written.map_err(|error| cannot_write(path, &error).into())
}

fn undo(root: &Path, changes: &[Change]) -> Result<()> {
    for change in changes {
        fs::write(root.join(&change.path), &change.old).map_err(|error| {
            format!("{}; it holds the new version, put it back", cannot_write(&change.path, &error))
        })?;
    }
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str) -> Change {
        Change { path: path.into(), old: "old\n".to_owned(), new: "new\n".to_owned() }
    }

    #[test]
    fn all_files_are_written_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old\n").unwrap();
        write(folder.path(), &[change("a")]).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "new\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn where_one_file_cannot_be_written_none_is() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old\n").unwrap();
        // A folder takes no file's text, and only the renaming finds out.
        fs::create_dir_all(folder.path().join("b/c")).unwrap();
        let error = write(folder.path(), &[change("a"), change("b")]).unwrap_err();
        assert!(error.to_string().starts_with("cannot write b: "));
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "old\n");
        assert!(write(folder.path(), &[change("a"), change("none/c")]).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "old\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn the_diff_is_one_that_git_knows() {
        assert_eq!(change("x/a").diff(), "--- a/x/a\n+++ b/x/a\n@@ -1 +1 @@\n-old\n+new\n");
    }
}
