//! What `verify` found out, and the exit code of that.

use std::io;

use crate::engine::conclusion::{Ended, report_endings};
use crate::exit::{self, Exit, RunResult};
use crate::notice::notice;
use crate::report::{LookupOutcome, LookupTally};

/// What was found out.
pub(super) struct Findings<'a> {
    pub(super) ended: &'a [Ended],
    pub(super) lookups: LookupTally,
    /// Records that are present although they should be gone.
    pub(super) still_present: u64,
    /// Whether stdout took all of the report.
    pub(super) written: &'a io::Result<()>,
}

impl Findings<'_> {
    /// Says why lookups are missing, and maps what was found out.
    pub(super) fn conclude(&self) -> Exit {
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
