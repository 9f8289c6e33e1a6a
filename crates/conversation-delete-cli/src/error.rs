//! Why a command goes no further.

use std::fmt;

use conversation_delete_job::{JobError, JobErrorKind, Status};
use delete_core::{Error, ErrorKind};

use crate::args::variables;
use crate::exit::{self, Exit};
use crate::log_line::Level;
use crate::notice::{notice, notice_as};
use crate::plan::bounds;
use crate::report::{report_error, visible, write_error_line};
use crate::settings::Settings;

/// Why a command goes no further.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What is to be done about it.
    pub(crate) advice: &'static str,
    /// The vendor does not show itself to this credential, which may delete all the same.
    pub(crate) is_read_denied: bool,
    /// The vendor gave no valid response, and may later.
    pub(crate) transient: Option<Error>,
    /// The error of the job file.
    pub(crate) job: Option<Box<JobError>>,
}

impl CommandError {
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), advice: "", is_read_denied: false, transient: None, job: None }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What a vendor has against it, or what is wrong with its settings.
    pub(crate) fn at(settings: &Settings, error: &Error) -> Self {
        let message = format!("{error}{}", bounds::advice(error, settings));
        let transient = error.is_retryable().then(|| error.clone());
        Self { is_read_denied: is_read_denied(error), transient, ..Self::new(exit::of_error(error), message) }
    }

    /// The same, where no file stays that could be run.
    pub(crate) fn without_file(self) -> Self {
        let advice = if self.advice.is_empty() { "" } else { "; nothing was planned" };
        Self { advice, ..self }
    }

    /// What a run knew that lost its file, and the word for its ending.
    pub(crate) fn loss(&self) -> Option<(&Status, &'static str)> {
        let error = self.job.as_ref()?;
        let ending = if error.kind() == JobErrorKind::TakenOver { "taken_over" } else { "file_lost" };
        Some((error.status()?, ending))
    }

    /// Whether a file of the job's name exists.
    pub(crate) fn is_taken(&self) -> bool {
        self.job.as_ref().is_some_and(|error| error.kind() == JobErrorKind::Exists)
    }

    /// Its line on stdout, if a summary follows: a summary is the last line.
    pub(crate) fn write_before_summary(&self) {
        if self.loss().is_some() {
            write_error_line(self.exit, &self.message, self.advice);
        }
    }

    /// Prints it, and returns its exit code.
    pub(crate) fn print(self) -> Exit {
        match self.loss() {
            Some(_) => notice(&format!("error: {self}")),
            None => report_error(self.exit, &self.message, self.advice),
        }
        if self.exit == Exit::Usage {
            name_variables(&self.message);
        }
        self.exit
    }
}

/// Names the variables that give options which a message is about.
pub(crate) fn name_variables(message: &str) {
    for variable in variables::behind(message) {
        notice_as(Level::Warn, &format!("the environment sets {variable}"));
    }
}

/// Whether a look may be refused where a delete is not: the credential may do nothing else, or something on the way lets
/// nothing else pass.
fn is_read_denied(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::MissingScope | ErrorKind::Forbidden | ErrorKind::NotFound => true,
        ErrorKind::Rejected | ErrorKind::UnexpectedResponse => true,
        // Not implemented.
        _ => error.status() == Some(501),
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message, self.advice)
    }
}

impl From<JobError> for CommandError {
    fn from(error: JobError) -> Self {
        let advice = match error.kind() {
            JobErrorKind::Changed => ": nothing was sent; make a new plan",
            JobErrorKind::WrongTarget => ": nothing was sent",
            JobErrorKind::Storage if error.has_begun() => {
                "; no more was sent, and what is in the file is true: mend this, and run it again"
            }
            JobErrorKind::Storage => "; nothing was sent: mend this, and run it again",
            JobErrorKind::Lost | JobErrorKind::TakenOver => {
                "; no more was sent, and what was in flight was awaited: the numbers are what this run knows"
            }
            JobErrorKind::Exists => "; nothing is written over a file",
            // The same command would meet it again.
            JobErrorKind::Inaccessible => "; nothing was sent: choose a location that can be written to",
            _ => "",
        };
        let message = visible(&error.to_string());
        let exit = exit::of_job_error(error.kind());
        Self { advice, job: Some(Box::new(error)), ..Self::new(exit, message) }
    }
}

/// The exit code of a command, whose error is printed.
pub(crate) fn exit_of(result: Result<Exit, CommandError>) -> Exit {
    result.unwrap_or_else(CommandError::print)
}
