//! The summary of several jobs.

use std::io::{self, Write};

use conversation_delete_job::Status;

use super::Conclusion;
use super::counts::Counts;
use super::ended::{Ended, worst};
use crate::report::{Format, write_json_line, write_text_counts};
use crate::{observe, stream};

impl Conclusion<'_> {
    /// Writes the summary of several jobs, whose status is together what that of one job would be.
    pub(crate) fn write_total(&self, status: &Status, ended: &[Ended]) -> io::Result<()> {
        let (mut lines, total) = (Vec::new(), Counts::of_all(status));
        let line = self.summary_line(&total, worst(ended).as_str());
        observe::summarized(status, &line);
        match self.format {
            Format::Json => write_json_line(&mut lines, &line)?,
            Format::Text => {
                writeln!(lines, "\nin all")?;
                write_text_counts(&mut lines, None, &self.members(&total), self.has_looks(&total))?;
            }
        }
        stream::write_stdout(&lines)
    }
}
