//! What a sweep reports of all its vendors together.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use conversation_delete_job::Status;
use tokio::runtime::Runtime;

use crate::args::{AbsentArgs, SweepArgs};
use crate::commands::run::Ran;
use crate::engine::conclusion::{Conclusion, Ended};
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::hardening;
use crate::notice::notice;
use crate::report::write_error_line;

/// What is known of all vendors together.
pub(super) struct Report<'a> {
    args: &'a SweepArgs,
    findings: Findings,
    /// All jobs that were run, as if they were one.
    status: Option<Status>,
    ended: Vec<Ended>,
    /// The job files that stay.
    kept: Vec<PathBuf>,
    /// How many records more may be deleted.
    left: u64,
}

/// The same for several threads. Whoever reports a job has it alone, so that no two reports are mixed.
pub(super) struct Shared<'a>(Mutex<Report<'a>>);

impl<'a> Report<'a> {
    pub(super) fn new(args: &'a SweepArgs) -> Self {
        Self { args, findings: Findings::default(), status: None, ended: Vec::new(), kept: Vec::new(), left: 0 }
    }

    pub(super) fn shared(self, left: u64) -> Shared<'a> {
        Shared(Mutex::new(Self { left, ..self }))
    }

    /// Reports an error that keeps only its vendor from being swept. Any other one is returned: then nothing is sent.
    pub(super) fn independent<T>(&mut self, result: Result<T, CommandError>) -> Result<Option<T>, CommandError> {
        match result {
            Err(error) if matches!(error.exit, Exit::Stopped | Exit::CredentialRefused) => {
                self.findings = self.findings.with(error.print());
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    fn add_status(&mut self, status: &Status) {
        match &mut self.status {
            None => self.status = Some(status.clone()),
            Some(all) => {
                all.targets.extend(status.targets.iter().cloned());
                all.refused += status.refused;
            }
        }
    }

    pub(super) fn exit(&self) -> Exit {
        self.findings.exit()
    }
}

impl<'a> Shared<'a> {
    fn lock(&self) -> MutexGuard<'_, Report<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes so many records from what `--max` has left.
    pub(super) fn claim(&self, records: u64) -> Result<(), CommandError> {
        let mut report = self.lock();
        report.left = report.left.checked_sub(records).ok_or_else(|| {
            let (left, max) = (report.left, report.args.max);
            let message = format!("{} more to delete, and {left} of --max {max} are left: no more was sent", records);
            CommandError::new(Exit::Unsafe, message)
        })?;
        Ok(())
    }

    /// Reports a job that was run, and removes it if it is done.
    pub(super) fn add(&self, ran: &Ran<'_>, runtime: &Runtime) -> Result<(), CommandError> {
        let mut report = self.lock();
        report.add_status(&ran.status);
        report.ended.extend(ran.ended.iter().cloned());
        let exit = ran.conclude(runtime)?;
        report.findings = report.findings.with(exit);
        if ran.args.job.symlink_metadata().is_ok() {
            report.kept.push(ran.args.job.clone());
        }
        Ok(())
    }

    /// Reports why a vendor is not swept, or no further. What a run knew that lost its file counts.
    pub(super) fn fail(&self, error: CommandError) {
        let mut report = self.lock();
        if let Some((status, _)) = error.loss() {
            report.add_status(status);
        }
        report.findings = report.findings.with(error.print());
    }

    /// Takes note of a thread that ended.
    pub(super) fn join(&self, ended: thread::Result<()>) {
        if ended.is_err() {
            write_error_line(Exit::Fault, hardening::INTERNAL_ERROR, hardening::AFTER_ERROR);
            let mut report = self.lock();
            report.findings = report.findings.with(Exit::Fault);
        }
    }

    /// Writes the summary of all vendors.
    pub(super) fn conclude(self) -> Exit {
        let report = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let args = report.args;
        let kept = match &*report.kept {
            [job] => Some(job.as_path()),
            _ => None,
        };
        let bundle = args.evidence.to_file(None);
        let conclusion = Conclusion {
            path: kept,
            is_private: false,
            is_part: false,
            format: args.output,
            looks: args.verify.is_some(),
            verify: args.verify,
            absent: AbsentArgs::default(),
            holds: None,
            bundle: &bundle,
        };
        let written = report.status.map_or(Ok(()), |status| conclusion.write_total(&status, &report.ended));
        if let Err(error) = &written {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        report.findings.with_if(written.is_err(), Exit::Stopped).exit()
    }
}
