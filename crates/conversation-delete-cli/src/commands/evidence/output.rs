//! What the commands on evidence read and print.

use std::fs::File;
use std::io;
use std::path::Path;

use conversation_delete_evidence::VerifyError;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::shown;
use crate::report::{EvidenceLine, Format, visible, write_json_line};
use crate::stream;

pub(super) fn open(path: &Path) -> Result<File, CommandError> {
    File::open(path).map_err(|error| CommandError::usage(format!("{}: it cannot be read: {error}", shown(path))))
}

pub(super) fn invalid(path: &Path, error: &VerifyError) -> CommandError {
    let exit = match error {
        VerifyError::Read(_) => Exit::Usage,
        _ => Exit::EvidenceInvalid,
    };
    CommandError::new(exit, format!("{}: {}", shown(path), visible(&error.to_string())))
}

pub(super) fn print(format: Format, text: &str, line: &EvidenceLine<'_>) -> Result<Exit, CommandError> {
    match format {
        Format::Text => print_text(&format!("{text}\n")),
        Format::Json => {
            let mut bytes = Vec::new();
            let written = write_json_line(&mut bytes, line).and_then(|()| stream::write_stdout(&bytes));
            printed(written)
        }
    }
}

pub(super) fn print_text(text: &str) -> Result<Exit, CommandError> {
    printed(stream::write_stdout(text.as_bytes()))
}

fn printed(written: io::Result<()>) -> Result<Exit, CommandError> {
    let unwritable = |error| CommandError::new(Exit::Stopped, format!("stdout cannot be written to: {error}"));
    written.map(|()| Exit::Success).map_err(unwritable)
}
