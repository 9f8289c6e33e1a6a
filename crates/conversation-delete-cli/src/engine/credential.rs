//! The check of a credential before anything is deleted.

use std::future::Future;
use std::time::Instant;

use delete_core::{CredentialCheck, RecordReader};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::notice::notice;
use crate::settings::Settings;
use crate::signals::unless_interrupted;

pub(crate) const UNDONE: &str = "nothing was deleted";

pub(crate) async fn before<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Result<T, CommandError> {
    let Some(deadline) = deadline else { return Ok(future.await) };
    let late =
        || CommandError::new(Exit::Stopped, format!("{UNDONE}: --deadline came while the credentials were checked"));
    tokio::time::timeout_at(deadline.into(), future).await.map_err(|_| late())
}

/// The check of one vendor, as the command `check` does it.
pub(crate) async fn check_credential(
    settings: &Settings,
    reader: &dyn RecordReader,
    signals: &mut UnboundedReceiver<()>,
    consequence: &str,
) -> Result<CredentialCheck, CommandError> {
    let checked = unless_interrupted(check(settings, reader, consequence), signals).await;
    checked.unwrap_or_else(|| Err(interrupted(consequence)))
}

pub(crate) fn interrupted(consequence: &str) -> CommandError {
    CommandError::new(Exit::Stopped, format!("interrupted: {consequence}"))
}

pub(crate) async fn check(
    settings: &Settings,
    reader: &dyn RecordReader,
    consequence: &str,
) -> Result<CredentialCheck, CommandError> {
    let checked = reader.check_credential().await.map_err(|error| {
        let error = CommandError::at(settings, &error);
        CommandError { message: format!("{consequence}: {}", error.message), ..error }
    })?;
    if checked.may_delete == Some(false) {
        let (name, to_check) = (settings.name(), settings.to_check());
        let message = format!("{consequence}: {name}: the credential may read and not delete; look at {to_check}");
        return Err(CommandError::new(Exit::CredentialRefused, message));
    }
    Ok(checked)
}

/// Warns of a credential that sees no records: it may belong to another workspace.
pub(crate) fn warn_if_empty(settings: &Settings, checked: &CredentialCheck) {
    let none = match checked.sees_records {
        Some(true) => return,
        Some(false) => "no records",
        None => "no records of the latest 90 days (older ones were not looked for)",
    };
    let (name, to_check) = (settings.name(), settings.to_check());
    notice(&format!(
        "warning: {name}: this credential sees {none}. Is it for the intended workspace? Check {to_check}"
    ));
}
