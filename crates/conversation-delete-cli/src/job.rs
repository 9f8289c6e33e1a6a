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

use conversation_delete_job::{Job, JobError, JobErrorKind, Status};
use delete_core::{Error, ErrorKind};

use crate::args::VendorName;
use crate::clock;
use crate::exit::Exit;
use crate::holds::{HoldArgs, HoldError, Matching, Unmatched};
use crate::progress::notice;
use crate::report::{report_error, visible, write_error_line};

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
    /// The vendor gave no valid response, and may later.
    may_pass: Option<Error>,
    /// The error of the job file.
    job: Option<Box<JobError>>,
}

impl Trouble {
    fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), advice: "", is_about_seeing: false, may_pass: None, job: None }
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

    /// What a run knew that lost its file, and the word for its ending.
    fn loss(&self) -> Option<(&Status, &'static str)> {
        let error = self.job.as_ref()?;
        let ending = if error.kind() == JobErrorKind::TakenOver { "taken_over" } else { "file_lost" };
        Some((error.status()?, ending))
    }

    /// Whether a file of the job's name exists.
    fn is_taken(&self) -> bool {
        self.job.as_ref().is_some_and(|error| error.kind() == JobErrorKind::Exists)
    }

    /// Its line on stdout, if a summary follows: a summary is the last line.
    fn write_before_summary(&self) {
        if self.loss().is_some() {
            write_error_line(self.exit, &self.message, self.advice);
        }
    }

    fn tell(self) -> Exit {
        match self.loss() {
            Some(_) => notice(&format!("error: {self}")),
            None => report_error(self.exit, &self.message, self.advice),
        }
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
            JobErrorKind::Storage if error.has_begun() => {
                (Exit::Stopped, "; no more was sent, and what is in the file is true: mend this, and run it again")
            }
            JobErrorKind::Storage => (Exit::Stopped, "; nothing was sent: mend this, and run it again"),
            JobErrorKind::Lost | JobErrorKind::TakenOver => (
                Exit::Stopped,
                "; no more was sent, and what was in flight was awaited: the numbers are what this run knows",
            ),
            JobErrorKind::Linked => (Exit::Stopped, ""),
            JobErrorKind::Exists => (Exit::Usage, "; nothing is written over a file"),
            // The same command would meet it again.
            JobErrorKind::Inaccessible => (Exit::Usage, "; nothing was sent: choose a location that can be written to"),
            _ => (Exit::Usage, ""),
        };
        let message = visible(&error.to_string());
        Self { advice, job: Some(Box::new(error)), ..Self::new(exit, message) }
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
    let job = Job::open(path)?;
    warn_of(&job, path)?;
    Ok(job)
}

/// Says what to know of a job before it is run.
fn warn_of(job: &Job, path: &Path) -> Result<(), Trouble> {
    warn_of_network(path);
    if job.has_lost_outcomes()? {
        notice(
            "warning: outcomes of earlier runs were lost with the job's log (-wal), which did not lie beside the file: every \
             record without an outcome is in doubt, and may be deleted. Holds that `run --hold` reported to be in the log \
             alone may be lost too: add them again with --hold",
        );
    }
    Ok(())
}

/// SQLite's locks and its log need a local disk.
fn warn_of_network(path: &Path) {
    if let Some(kind) = conversation_delete_job::network_file_system(path) {
        notice(&format!(
            "warning: {} is on a network file system ({kind}), where a job may be damaged or run twice: move it to a local disk",
            shown(path)
        ));
    }
}

/// How far a job is after it was run.
fn read_after_run(path: &Path) -> Result<Status, Trouble> {
    read(path).map_err(|trouble| Trouble { exit: Exit::Stopped, advice: "; the run itself came to its end", ..trouble })
}

/// How far a job is. A plan that was never finished is not a job.
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
