//! The arguments about ids and holds, and the files that they come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::VendorName;
use crate::report::visible;

/// Which records, by their ids.
#[derive(Args, Debug)]
pub(crate) struct IdArgs {
    /// Whose records
    pub(crate) vendor: VendorName,
    /// The ids; put `--` before one that begins with `-`
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<OsString>,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// Which file holds ids, and where in it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Records")]
pub(crate) struct FileArgs {
    /// Read ids from this file; `-` is stdin
    ///
    /// One id a line, a table (CSV) or JSON; it may be compressed with gzip.
    #[arg(long, value_hint = ValueHint::FilePath, value_name = "FILE")]
    pub(crate) ids_from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) column: ColumnArgs,
}

impl FileArgs {
    /// The name of the file for people.
    pub(crate) fn name(&self) -> String {
        self.ids_from.as_deref().map_or_else(String::new, file_name)
    }

    pub(crate) fn is_stdin(&self) -> bool {
        is_stdin(self.ids_from.as_deref())
    }
}

/// Which column of a file holds the ids.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Records")]
pub(crate) struct ColumnArgs {
    /// Column of the ids in a file: its name or number
    ///
    /// Of files of ids and of holds. The name of a column of a table or of a member of JSON objects, or the number of a
    /// column, counted from 1. Required if no column has one of the usual names (id, conversation_id, conversationId, interaction_id,
    /// interactionId), or if two have.
    #[arg(long, value_name = "NAME")]
    pub(crate) id_column: Option<String>,
}

/// Which ids must not be deleted.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Safety")]
pub(crate) struct HoldArgs {
    /// Never delete the ids in this file
    ///
    /// Formats as of --ids-from; `-` is stdin. May be given several times. These ids are reported as held.
    #[arg(value_hint = ValueHint::FilePath, long = "hold", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Go on although holds match no id
    ///
    /// For holds of other vendors, or of records that a filter leaves out.
    #[arg(long, hide_short_help = true, requires = "files")]
    pub(crate) allow_unmatched_holds: bool,
}

impl HoldArgs {
    /// How many of the files are stdin, which can be read once.
    pub(crate) fn stdin_count(&self) -> usize {
        self.files.iter().filter(|path| is_stdin(Some(path))).count()
    }

    /// The name of a file for people.
    pub(crate) fn file_name(&self, number: u32) -> String {
        let path = usize::try_from(number).ok().and_then(|number| self.files.get(number));
        path.map_or_else(String::new, |path| file_name(path))
    }
}

/// Whether the ids come from stdin.
pub(crate) fn is_stdin(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

/// The name of an input for people.
pub(crate) fn file_name(path: &Path) -> String {
    if is_stdin(Some(path)) { "stdin".to_owned() } else { visible(&path.to_string_lossy()) }
}
