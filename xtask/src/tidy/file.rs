//! The files that the rules read.

use xshell::{Shell, cmd};

use crate::Result;

/// A file of text, with its path from the root.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// All files of text that git knows or would take.
    pub(super) fn all(shell: &Shell) -> Result<Vec<Self>> {
        let paths = cmd!(shell, "git ls-files -z --cached --others --exclude-standard").quiet().read()?;
        let file = |path: &str| Some(Self { path: path.to_owned(), text: shell.read_file(path).ok()? });
        Ok(paths.split_terminator('\0').filter_map(file).collect())
    }
}
