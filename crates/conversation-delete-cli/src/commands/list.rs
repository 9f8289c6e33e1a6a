//! The command `list`: prints each record as it is found, and holds one page of them.

use std::io::{self, IsTerminal};
use std::time::SystemTime;

use delete_core::{Error, Listing};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::args::{ListArgs, ListFormat};
use crate::error::exit_of;
use crate::exit::{self, Exit, Findings};
use crate::log_line::Level;
use crate::notice::{notice, notice_as};
use crate::plan::bounds;
use crate::report::{Context, Format, Item, Output, Printer, count, report_error, visible};
use crate::settings::Settings;
use crate::signals::{self, unless_interrupted};
use crate::vendor::{Lister, is_documented_status};

/// Carries out the command.
pub(crate) fn execute(args: &ListArgs, runtime: &Runtime) -> Exit {
    let settings = match args.profile.choice().one(args.vendor) {
        Ok(settings) => settings,
        Err(error) => return exit_of(Err(error)),
    };
    let (lister, listing) = match begin(args, &settings) {
        Ok(begun) => begun,
        Err(error) => {
            let exit = exit::of_error(&error);
            report_error(exit, &error.to_string(), "");
            return exit;
        }
    };
    let format = match args.output {
        ListFormat::Ids => Format::Text,
        ListFormat::Json => Format::Json,
    };
    let context = Context::new(args.vendor.vendor(), None, format);
    let (told, printed) = runtime.block_on(async {
        let mut signals = signals::listen();
        let (output, printer) = Printer::start(context);
        let told = tell(listing, &output, &mut signals).await;
        let printed = printer.end(output).await;
        (told, printed)
    });
    bounds::warn_uncompared(&args.filter, args.vendor, lister.reader());
    told.conclude(args, &settings, printed)
}

/// A list that can be read. Nothing is sent yet.
fn begin(args: &ListArgs, settings: &Settings) -> Result<(Lister, Listing), Error> {
    let lister = Lister::connect(settings, args.travel)?;
    let times = bounds::times(&args.filter).at(SystemTime::now());
    let listing = lister.list(&times, &args.filter)?;
    bounds::print_bounds(&args.filter, &times);
    Ok((lister, listing))
}

/// What came of reading a list.
struct Told {
    found: u64,
    /// Records of which it is open whether they belong to it.
    open: u64,
    end: End,
}

enum End {
    Complete,
    /// This was the last that came.
    Failed(Error),
    Interrupted,
    NobodyReads,
}

/// Prints each record until the list ends or stdout is closed.
async fn tell(mut listing: Listing, output: &Output, signals: &mut UnboundedReceiver<()>) -> Told {
    let mut told = Told { found: 0, open: 0, end: End::Interrupted };
    // What it is about shows only afterwards: one record, or the whole list, which goes no further then.
    let mut error: Option<Error> = None;
    while let Some(next) = unless_interrupted(listing.next(), signals).await {
        if let Some(error) = error.take_if(|_| next.is_some() || listing.has_reached_end()) {
            told.open += 1;
            notice(&format!("warning: not listed: {error}"));
        }
        match next {
            None => {
                told.end = error.map_or(End::Complete, End::Failed);
                break;
            }
            Some(Err(problem)) => error = Some(problem),
            Some(Ok(found)) => {
                if unless_interrupted(output.send(Item::Found(found)), signals).await.is_none() {
                    break;
                }
                told.found += 1;
            }
        }
        if output.is_broken() {
            told.end = End::NobodyReads;
            break;
        }
    }
    told
}

impl Told {
    fn conclude(self, args: &ListArgs, settings: &Settings, printed: io::Result<()>) -> Exit {
        let is_printed = printed.is_ok();
        match printed {
            // Whoever closed the pipe has seen enough, and needs no word.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => notice(&format!("error: stdout cannot be written to: {error}; the list is NOT complete")),
            Ok(()) => self.report_end(args, settings),
        }
        let ending = match &self.end {
            End::Failed(error) => Some(exit::of_error(error)),
            End::Interrupted | End::NobodyReads => Some(Exit::Stopped),
            End::Complete => None,
        };
        Findings::default()
            .with_any(ending)
            .with_if(!is_printed, Exit::Stopped)
            .with_if(self.open > 0, Exit::Incomplete)
            .exit()
    }

    fn report_end(&self, args: &ListArgs, settings: &Settings) {
        let records = count(self.found, "record");
        match &self.end {
            End::Failed(error) => {
                let message = format!("the list is NOT complete, {records} until here: {error}");
                report_error(exit::of_error(error), &message, &bounds::advice(error, settings));
            }
            End::Interrupted => {
                notice_as(Level::Warn, &format!("interrupted: the list is NOT complete, {records} until here"))
            }
            End::NobodyReads => {}
            End::Complete if self.open > 0 => {
                let open = count(self.open, "record");
                notice_as(Level::Warn, &format!("{records} listed; not listed, because they cannot be read: {open}"));
            }
            End::Complete => {
                let unknown = args.filter.status.iter().find(|word| !is_documented_status(word));
                if let Some(word) = unknown.filter(|_| self.found == 0) {
                    let word = visible(word);
                    notice(&format!("warning: nothing was found; no vendor is known to have the status `{word}`"));
                } else if io::stderr().is_terminal() {
                    notice(&records);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
