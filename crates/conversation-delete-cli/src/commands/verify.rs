//! The command `verify`: looks up whether records are gone. It changes nothing, and asks nothing.

mod ids;
mod job;

use std::io;

use tokio::runtime::Runtime;

use crate::args::{Subject, VerifyArgs};
use crate::engine::conclusion::{Ended, report_endings};
use crate::error::exit_of;
use crate::exit::{self, Exit, RunResult};
use crate::notice::notice;
use crate::report::{LookupOutcome, LookupTally};

/// Carries out the command.
pub(crate) fn execute(args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    exit_of(match &args.subject {
        Subject::Vendor(vendor) => ids::verify(*vendor, args, is_verbose, runtime),
        Subject::Job(path) => job::verify(path, args, is_verbose, runtime),
    })
}

/// What was found out.
struct Findings<'a> {
    ended: &'a [Ended],
    lookups: LookupTally,
    /// Records that are present although they should be gone.
    still_present: u64,
    /// Whether stdout took all of the report.
    written: &'a io::Result<()>,
}

impl Findings<'_> {
    /// Says why lookups are missing, and maps what was found out.
    fn conclude(&self) -> Exit {
        if let Err(error) = self.written {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        exit::of_run(&RunResult {
            endings: &report_endings(self.ended),
            open: self.lookups.count(LookupOutcome::NotAttempted),
            failed: self.lookups.count(LookupOutcome::Refused),
            unverified: self.lookups.count(LookupOutcome::Unknown),
            still_present: self.still_present,
            is_report_lost: self.written.is_err(),
            ..RunResult::default()
        })
    }
}
