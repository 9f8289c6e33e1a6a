//! The report if nothing is sent.

use super::prepared::Prepared;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::read;
use crate::notice::notice;
use crate::observe;
use crate::report::{
    Format, Item, Output, Printer, Summary, SummaryLine, Tally, records, report_error, write_error_line,
};

impl Prepared<'_> {
    /// Reports why nothing is sent, and with JSON every id.
    pub(super) fn refuse(&self, reason: &CommandError) -> Result<Exit, CommandError> {
        match reason.exit {
            Exit::Success => notice(&reason.message),
            exit => report_error(exit, &reason.message, reason.advice),
        }
        if self.args.output == Format::Json {
            self.report_unsent()?;
        }
        Ok(reason.exit)
    }

    /// Reports why nothing is sent, and every id, in text too.
    pub(super) fn refuse_each(&self, reason: &CommandError) -> Result<Exit, CommandError> {
        write_error_line(reason.exit, &reason.message, reason.advice);
        self.report_unsent()?;
        notice(&format!("error: {reason}"));
        Ok(reason.exit)
    }

    pub(super) fn report_all_held(&self) -> Result<Exit, CommandError> {
        notice("there is nothing to delete: all ids are held; nothing was sent");
        self.report_unsent()?;
        Ok(if self.counts.refused > 0 { Exit::Incomplete } else { Exit::Success })
    }

    /// Reports every id without sending any.
    pub(super) fn report_unsent(&self) -> Result<(), CommandError> {
        let (output, printer) = Printer::start(self.context());
        let reported = self.runtime.block_on(self.send_unsent(&output));
        drop(output);
        // The exit code is settled; who closed stdout does not want the rest.
        let _ = printer.finish();
        reported
    }

    async fn send_unsent(&self, output: &Output) -> Result<(), CommandError> {
        let mut tally = Tally::default();
        for record in records(&self.location)? {
            let record = record?;
            tally.add(record.outcome);
            output.send(Item::Record(Box::new(record))).await;
            if output.is_broken() {
                return Ok(());
            }
        }
        let summary = Summary::from(tally);
        observe::summarized(&read(&self.location)?, &SummaryLine::of(&summary));
        output.send(Item::Summary(summary)).await;
        Ok(())
    }
}
