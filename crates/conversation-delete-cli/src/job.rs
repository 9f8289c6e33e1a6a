//! The commands on jobs: what is to be deleted is written to a file first, and what became of it too.

mod accept;
pub(crate) mod delete;
mod ending;
pub(crate) mod export;
mod lanes;
pub(crate) mod plan;
mod question;
pub(crate) mod run;
pub(crate) mod status;
mod target;
pub(crate) mod verify;
mod watch;

use std::fmt;
use std::path::Path;

use delete_core::{Error, ErrorKind};
use delete_job::{Job, JobError, JobErrorKind, Status};

use crate::cli::VendorName;
use crate::clock;
use crate::exit::Exit;
use crate::holds::{HoldArgs, HoldError, Matching, Unmatched};
use crate::progress::notice;
use crate::report::visible;

/// Who made or runs a job, for the record in its file.
const PROGRAM: &str = concat!("conversation-delete ", env!("CARGO_PKG_VERSION"));

/// Why a command on a job goes no further.
#[derive(Debug)]
struct Trouble {
    exit: Exit,
    message: String,
    /// What is to be done about it.
    advice: &'static str,
    /// The vendor does not show itself to this credential, which may delete all the same.
    is_about_seeing: bool,
    /// The vendor gave no sound answer, and may later.
    may_pass: Option<Error>,
}

impl Trouble {
    fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), advice: "", is_about_seeing: false, may_pass: None }
    }

    fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What a vendor, or the environment for it, has against it.
    fn at(vendor: VendorName, error: &Error) -> Self {
        let message = format!("{error}; {}", clock::advice(error, vendor));
        let may_pass = error.is_retryable().then(|| error.clone());
        Self { is_about_seeing: is_about_seeing(error), may_pass, ..Self::new(Exit::after(error), message) }
    }

    /// The same, where no file stays that could be run.
    fn without_file(self) -> Self {
        let advice = if self.advice.is_empty() { "" } else { "; nothing was planned" };
        Self { advice, ..self }
    }

    fn tell(self) -> Exit {
        notice(&format!("error: {self}"));
        self.exit
    }
}

/// Whether a look may be refused where a delete is not: the credential may do nothing else, or something on the way lets
/// nothing else pass.
fn is_about_seeing(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::MissingScope | ErrorKind::Forbidden | ErrorKind::NotFound => true,
        ErrorKind::Rejected | ErrorKind::UnexpectedResponse => true,
        // Not implemented.
        _ => error.status() == Some(501),
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message, self.advice)
    }
}

impl From<JobError> for Trouble {
    fn from(error: JobError) -> Self {
        let (exit, advice) = match error.kind() {
            JobErrorKind::Changed => (Exit::Unsafe, ": nothing was sent; make a new plan"),
            JobErrorKind::WrongTarget => (Exit::Unsafe, ": nothing was sent"),
            JobErrorKind::Storage => (Exit::Stopped, "; what is in the file is true: mend this, and run it again"),
            JobErrorKind::Exists => (Exit::Usage, "; nothing is written over a file"),
            _ => (Exit::Usage, ""),
        };
        Self { advice, ..Self::new(exit, visible(&error.to_string())) }
    }
}

impl From<HoldError> for Trouble {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::Input(message) => Self::usage(message),
            HoldError::Job(error) => error.into(),
        }
    }
}

/// Refuses holds that match nothing, unless the user allowed them.
fn check_holds(args: &HoldArgs, unmatched: &Unmatched, matching: Matching) -> Result<(), Trouble> {
    match unmatched.explain(matching) {
        None => Ok(()),
        Some(reason) if args.allow_unmatched_holds => {
            notice(&format!("warning: {reason}"));
            Ok(())
        }
        Some(reason) => {
            let message = format!("{reason}; if that is right, add --allow-unmatched-holds");
            Err(Trouble { advice: "; nothing was sent", ..Trouble::new(Exit::Unsafe, message) })
        }
    }
}

fn told(result: Result<Exit, Trouble>) -> Exit {
    result.unwrap_or_else(Trouble::tell)
}

/// Opens a job that is to be run.
fn open(path: &Path) -> Result<Job, Trouble> {
    check_is_file(path)?;
    Job::open(path).map_err(before_sending)
}

/// An error of a job file before anything was sent. A location that cannot be written to is a matter of configuration,
/// which the same command would meet again.
fn before_sending(error: JobError) -> Trouble {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let is_unusable = cause
        .is_some_and(|cause| matches!(cause.kind(), PermissionDenied | ReadOnlyFilesystem | NotFound | NotADirectory));
    if is_unusable {
        return Trouble {
            advice: "; nothing was sent: choose a location that can be written to",
            ..Trouble::usage(visible(&error.to_string()))
        };
    }
    error.into()
}

/// How far a job is. A plan that was never finished is none.
fn read(path: &Path) -> Result<Status, Trouble> {
    check_is_file(path)?;
    let status = Status::read(path)?;
    match status.plan_hash {
        Some(_) => Ok(status),
        None => Err(Trouble::usage(format!("the plan in {} was never finished: make a new one", shown(path)))),
    }
}

fn check_is_file(path: &Path) -> Result<(), Trouble> {
    if path.is_file() { Ok(()) } else { Err(Trouble::usage(format!("there is no file {}", shown(path)))) }
}

/// A path as a shell takes it; one that no shell could is shown as well as it can be.
fn quoted(path: &Path) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%=".contains(c);
    match path.to_str() {
        Some(text) if text.chars().all(is_plain) => text.to_owned(),
        Some(text) if visible(text) == text => format!("'{}'", text.replace('\'', r"'\''")),
        _ => shown(path),
    }
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
