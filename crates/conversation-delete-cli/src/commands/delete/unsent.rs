//! The report if nothing is sent.

use super::prepared::Prepared;
use crate::exit::Exit;
use crate::ids::Entry;
use crate::notice::notice;
use crate::report::{Format, Item, Printer, Record, Tally, report_error, write_error_line};

impl Prepared<'_> {
    /// Reports why nothing is sent, and with JSON every id.
    pub(crate) fn refuse(&self, exit: Exit, message: &str) -> Exit {
        match exit {
            Exit::Success => notice(message),
            _ => report_error(exit, message, ""),
        }
        if self.args.output == Format::Json {
            self.report_unsent();
        }
        exit
    }

    /// Reports why nothing is sent, and every id, in text too.
    pub(crate) fn refuse_each(&self, exit: Exit, message: &str) -> Exit {
        write_error_line(exit, message, "");
        self.report_unsent();
        notice(&format!("error: {message}"));
        exit
    }

    pub(super) fn report_all_held(&self) -> Exit {
        notice("there is nothing to delete: all ids are held; nothing was sent");
        self.report_unsent();
        if self.ids.refused_len() > 0 { Exit::Incomplete } else { Exit::Success }
    }

    /// Reports every id without sending any.
    pub(super) fn report_unsent(&self) {
        let (output, printer) = Printer::start(self.context());
        let tally = self.runtime.block_on(async {
            let mut tally = Tally::default();
            for entry in self.ids.entries() {
                let record = match entry {
                    Entry::Id(number) => Record::unsent(&self.ids, number),
                    Entry::Refused(refused) => Record::refused(&self.ids, refused),
                };
                tally.add(record.outcome);
                output.send(Item::Record(Box::new(record))).await;
                if output.is_broken() {
                    return None;
                }
            }
            Some(tally)
        });
        // The exit code is settled; who closed stdout does not want the rest.
        if let Some(tally) = tally {
            self.runtime.block_on(output.send(Item::Summary(tally.into())));
        }
        drop(output);
        let _ = printer.finish();
    }
}
