//! The command `check`: is this the right target, and may this credential delete?

use std::io::{self, Write};

use delete_core::{CredentialCheck, Error};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::args::{CheckArgs, TravelArgs, VendorName};
use crate::engine::credential::warn_if_empty;
use crate::error::exit_of;
use crate::exit::{self, Exit, Findings};
use crate::notice::notice;
use crate::plan::bounds;
use crate::report::{Format, visible, write_error_line, write_json_check};
use crate::settings::Settings;
use crate::signals::{self, unless_interrupted};
use crate::stream;
use crate::vendor;

/// Carries out the command.
pub(crate) fn execute(args: &CheckArgs, runtime: &Runtime) -> Exit {
    let vendors: Vec<VendorName> = args.vendor.into_iter().collect();
    match args.profile.choice().all(&vendors) {
        Ok(settings) => check_each(&settings, args.output, args.travel, runtime),
        Err(error) => exit_of(Err(error)),
    }
}

/// Checks the credentials one after the other.
pub(super) fn check_each(settings: &[Settings], format: Format, travel: TravelArgs, runtime: &Runtime) -> Exit {
    let (mut signals, mut found) = (signals::listen(), Findings::default());
    for settings in settings {
        let Some(checked) = runtime.block_on(check(settings, travel, &mut signals)) else {
            notice("interrupted: nothing is known");
            return found.with(Exit::Stopped).exit();
        };
        let printed = report(settings, format, &checked);
        found = found.with(judge(&checked)).with_if(printed.is_err(), Exit::Stopped);
    }
    found.exit()
}

/// `None` where somebody interrupted it.
async fn check(
    settings: &Settings,
    travel: TravelArgs,
    signals: &mut UnboundedReceiver<()>,
) -> Option<Result<CredentialCheck, Error>> {
    let reader = match vendor::connect_reader(settings, travel, None) {
        Ok(reader) => reader,
        Err(error) => return Some(Err(error)),
    };
    unless_interrupted(reader.check_credential(), signals).await
}

fn report(settings: &Settings, format: Format, checked: &Result<CredentialCheck, Error>) -> io::Result<()> {
    print_problems(settings, checked);
    let found = judge(checked);
    let printed = tell(settings, format, found, checked);
    if let Some((message, advice)) = problem(settings, checked) {
        write_error_line(found, &message, &advice);
    }
    if let Err(error) = &printed {
        notice(&format!("error: stdout cannot be written to: {error}"));
    }
    printed
}

fn judge(checked: &Result<CredentialCheck, Error>) -> Exit {
    match checked {
        Ok(checked) if checked.may_delete == Some(false) => Exit::CredentialRefused,
        Ok(_) => Exit::Success,
        Err(error) => exit::of_error(error),
    }
}

/// Why the credential cannot be used, and what to do.
fn problem(settings: &Settings, checked: &Result<CredentialCheck, Error>) -> Option<(String, String)> {
    match checked {
        Err(error) => Some((error.to_string(), bounds::advice(error, settings))),
        Ok(checked) if checked.may_delete == Some(false) => {
            let message = "the credential may read and not delete".to_owned();
            Some((message, format!("; check {}", settings.to_check())))
        }
        Ok(_) => None,
    }
}

fn print_problems(settings: &Settings, checked: &Result<CredentialCheck, Error>) {
    if let Some((message, advice)) = problem(settings, checked) {
        notice(&format!("error: {message}{advice}"));
    }
    if let Ok(checked) = checked {
        warn_if_empty(settings, checked);
    }
}

fn tell(settings: &Settings, format: Format, exit: Exit, checked: &Result<CredentialCheck, Error>) -> io::Result<()> {
    let mut lines = Vec::new();
    match (format, checked) {
        (Format::Json, checked) => {
            let of = (settings.vendor.vendor(), settings.profile());
            write_json_check(&mut lines, of, exit == Exit::Success, checked.as_ref())?;
        }
        (Format::Text, Ok(checked)) => write_text(&mut lines, settings, checked)?,
        (Format::Text, Err(_)) => return Ok(()),
    }
    stream::write_stdout(&lines)
}

fn write_text(out: &mut impl Write, settings: &Settings, checked: &CredentialCheck) -> io::Result<()> {
    writeln!(out, "{}: the credential works and may read", settings.name())?;
    writeln!(out, "  {:<14} {}", "target", visible(&checked.target))?;
    for what in &checked.confirmed {
        writeln!(out, "  {:<14} {}", "confirmed", visible(what))?;
    }
    let may_delete = match checked.may_delete {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not known without deleting",
    };
    writeln!(out, "  {:<14} {may_delete}", "may delete")?;
    let sees_records = match checked.sees_records {
        Some(true) => "yes",
        Some(false) => "no",
        None => "none of the latest 90 days",
    };
    writeln!(out, "  {:<14} {sees_records}", "sees records")
}
