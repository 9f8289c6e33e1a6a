//! Writes down what a `delete` is to do, after a check of the credential.

use std::path::Path;

use conversation_delete_job::Target;
use delete_core::RecordReader;
use tokio::sync::mpsc::UnboundedReceiver;

use super::place::{Place, lock_of};
use super::prepared::Prepared;
use crate::engine::credential::check_credential;
use crate::error::CommandError;
use crate::notice::notice;
use crate::plan::draft::{Draft, check_out, source};
use crate::plan::target::Choices;
use crate::state_dir;

/// What follows an error of a run that sent nothing.
pub(super) const UNSENT: &str = "; nothing was sent, and no file is left (--job says where it goes)";

/// Checks the credential and plans the job.
///
/// # Errors
/// Nothing was deleted then, and no file stays.
pub(super) fn plan(
    prepared: &Prepared<'_>,
    reader: &dyn RecordReader,
    signals: &mut UnboundedReceiver<()>,
) -> Result<Place, CommandError> {
    let unsent = |error: CommandError| CommandError { advice: UNSENT, ..error };
    let file = prepared.args.job.as_ref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
    file.as_ref().map_or(Ok(()), |path| check_out(path)).map_err(unsent)?;
    let may_read = prepared.runtime.block_on(check(prepared, reader, signals))?;
    let choices = Choices { method: prepared.args.method, delete_only: !may_read };
    let target = choices.describe(prepared.target, prepared.runtime).map_err(unsent)?;
    match file {
        Some(path) => plan_at(prepared, &path, &target).map_err(unsent),
        None => plan_privately(prepared, &target).map_err(unsent),
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
    match check_credential(prepared.target.vendor_name(), reader, signals, "nothing was deleted").await {
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

/// Plans under the first free name in the state directory, or in memory if no file can be written there.
fn plan_privately(prepared: &Prepared<'_>, target: &Target) -> Result<Place, CommandError> {
    let names = match state_dir::make() {
        Ok(folder) => state_dir::job_names(&folder, prepared.target.vendor().as_str()),
        Err(error) => return plan_in_memory(prepared, target, &error.to_string()),
    };
    for path in names {
        match plan_at(prepared, &path, target) {
            Err(error) if error.is_taken() => {}
            Err(error) if error.job.is_some() => return plan_in_memory(prepared, target, &error.message),
            planned => return planned,
        }
    }
    plan_in_memory(prepared, target, "no name is free")
}

fn plan_in_memory(prepared: &Prepared<'_>, target: &Target, reason: &str) -> Result<Place, CommandError> {
    let variable = state_dir::VARIABLE;
    notice(&format!(
        "warning: no job file can be written ({reason}): if this run is interrupted, it cannot be resumed; {variable} names \
         another folder"
    ));
    let draft = Draft::in_memory(prepared.args.max, vec![target.clone()])?;
    let location = draft.location();
    write(prepared, draft)?;
    Ok(Place::in_memory(location))
}

fn plan_at(prepared: &Prepared<'_>, path: &Path, target: &Target) -> Result<Place, CommandError> {
    let had_lock = lock_of(path).symlink_metadata().is_ok();
    write(prepared, Draft::begin(path, prepared.args.max, vec![target.clone()])?)?;
    Ok(Place::planned(path, had_lock))
}

fn write(prepared: &Prepared<'_>, mut draft: Draft) -> Result<(), CommandError> {
    let ids = &prepared.ids;
    for number in (0..ids.len()).filter(|number| ids.is_held(*number)) {
        draft.hold(&ids.id(number).map_err(CommandError::usage)?)?;
    }
    draft.add_ids(ids, &source(prepared.args.input.ids_from.as_deref()))?;
    draft.finish().map(drop)
}
