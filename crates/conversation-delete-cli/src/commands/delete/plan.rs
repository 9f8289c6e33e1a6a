//! Writes down what a `delete` is to do, after a check of the credential.

use std::path::Path;

use conversation_delete_job::save;
use delete_core::RecordReader;
use tokio::sync::mpsc::UnboundedReceiver;

use super::place::{Place, lock_of};
use super::prepared::{Prepared, describe};
use crate::engine::credential::check_credential;
use crate::error::CommandError;
use crate::job_file::warn_of_network;
use crate::notice::notice;
use crate::plan::draft::{Draft, check_out};
use crate::state_dir::{self, NoFolder};

/// What follows an error of a run that sent nothing.
pub(super) const UNSENT: &str = "; nothing was sent, and no file is left (--job says where it goes)";

/// Checks the name of the job and the credential, which decides about the options of the target, and finishes the plan,
/// whatever the result is.
pub(super) fn check_and_finish(
    prepared: &Prepared<'_>,
    mut draft: Draft,
    reader: &dyn RecordReader,
    signals: &mut UnboundedReceiver<()>,
) -> Result<Result<(), CommandError>, CommandError> {
    let named = prepared.args.job.as_deref().map_or(Ok(()), check_out).map_err(unsent);
    let checked = named.and_then(|()| prepared.runtime.block_on(check(prepared, reader, signals)));
    if let Ok(false) = checked {
        draft.set_options(&describe(prepared.args, &prepared.settings, prepared.target, prepared.runtime, false)?)?;
    }
    draft.finish()?;
    Ok(checked.map(drop))
}

fn unsent(error: CommandError) -> CommandError {
    CommandError { advice: UNSENT, ..error }
}

/// Writes the plan to its place.
///
/// # Errors
/// Nothing was deleted then, and no file stays.
pub(super) fn place(prepared: &Prepared<'_>) -> Result<Place, CommandError> {
    match &prepared.args.job {
        Some(path) => place_at(prepared, &std::path::absolute(path).unwrap_or_else(|_| path.clone())).map_err(unsent),
        None => place_privately(prepared).map_err(unsent),
    }
}

/// Makes sure that the credential works and is for the right target. A proof needs one that may read; to delete ids that
/// somebody named, one that may delete is enough. Returns whether it is known to read.
async fn check(
    prepared: &Prepared<'_>,
    reader: &dyn RecordReader,
    signals: &mut UnboundedReceiver<()>,
) -> Result<bool, CommandError> {
    if !prepared.checks_credential() {
        return Ok(false);
    }
    match check_credential(&prepared.settings, reader, signals, "nothing was deleted").await {
        Err(error) if prepared.args.verify.is_none() && error.is_read_denied => {
            notice(&format!("warning: not checked before: {error}"));
            Ok(false)
        }
        Err(error) if error.is_read_denied => {
            let message =
                format!("{error} (--verify needs a credential that may read; without --verify nothing is proved)");
            Err(CommandError { message, ..error })
        }
        checked => checked.map(|_| true),
    }
}

/// Under the first free name in the state directory, or in memory if no file can be written there.
fn place_privately(prepared: &Prepared<'_>) -> Result<Place, CommandError> {
    let names = match state_dir::make() {
        Ok(folder) => state_dir::job_names(&folder, prepared.target.vendor().as_str()),
        Err(NoFolder::Unwritable(error)) => return Ok(place_in_memory(prepared, &error.to_string())),
        Err(NoFolder::Unsafe(message)) => return Err(CommandError::usage(message)),
    };
    for path in names {
        match place_at(prepared, &path) {
            Err(error) if error.is_taken() => {}
            Err(error) if error.job.is_some() => return Ok(place_in_memory(prepared, &error.message)),
            placed => return placed,
        }
    }
    Ok(place_in_memory(prepared, "no name is free"))
}

fn place_in_memory(prepared: &Prepared<'_>, reason: &str) -> Place {
    let variable = state_dir::VARIABLE;
    notice(&format!(
        "warning: no job file can be written ({reason}): if this run is interrupted, it cannot be resumed; {variable} names \
         another folder"
    ));
    Place::in_memory(prepared.location.clone())
}

fn place_at(prepared: &Prepared<'_>, path: &Path) -> Result<Place, CommandError> {
    let had_lock = lock_of(path).symlink_metadata().is_ok();
    save(&prepared.location, path)?;
    warn_of_network(path);
    Ok(Place::planned(path, had_lock))
}
