//! The command `verify`: looks whether records are gone. It changes nothing, and asks nothing.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use delete_core::{Presence, RecordReader, SystemClock, VerifyPolicy};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::args::{IdArgs, Subject, VendorName, VerifyArgs};
use crate::commands::verify_job;
use crate::exit::{Exit, Findings};
use crate::ids::input;
use crate::ids::{Entry, IdList};
use crate::look::{self, Looker, Stop};
use crate::notice::{notice, notice_ids};
use crate::report::{Context, Item, Output, Printer, ProgressReporter, Seen, Sight, SightTally, count, report_error};
use crate::signals::{self, unless_interrupted};
use crate::vendor;

/// How many ids that are still there are kept to be named.
const MAX_KEPT: usize = 100;

/// Carries out the command.
pub(crate) fn execute(args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    let vendor = match &args.subject {
        Subject::Vendor(vendor) => *vendor,
        Subject::Job(path) => return verify_job::execute(path, args, is_verbose, runtime),
    };
    let (reader, ids) = match prepare(vendor, args) {
        Ok(prepared) => prepared,
        Err(message) => {
            report_error(Exit::Usage, &message, "");
            return Exit::Usage;
        }
    };
    if ids.len() as u64 > args.max {
        report_error(Exit::Unsafe, &format!("there are more ids than --max {}: nothing was sent", args.max), "");
        return Exit::Unsafe;
    }
    if ids.len() == 0 {
        match ids.refused_len() {
            0 => notice("there is nothing to verify; nothing was sent"),
            _ => report_error(Exit::Usage, "none of the ids is valid; nothing was sent", ""),
        }
    }
    let progress = ProgressReporter::new(BTreeMap::new(), ids.len() as u64, !is_verbose);
    let context = Context::new(vendor.vendor(), None, args.output).for_ids(ids.len());
    runtime.block_on(async {
        let mut signals = signals::listen();
        let (output, printer) = Printer::start(context);
        let looker = Looker::new(&*reader, usize::from(args.pace.concurrency), &SystemClock);
        let mut verification = Verification::new(vendor, &ids, looker, look::looks_for(args.wait));
        verification.run(&progress, &output, &mut signals).await;
        progress.finish();
        let printed = printer.end(output).await;
        signals.close();
        verification.conclude(printed)
    })
}

fn prepare(vendor: VendorName, args: &VerifyArgs) -> Result<(Box<dyn RecordReader>, IdList), String> {
    let reader = vendor::connect_reader(vendor, args.travel, None).map_err(|error| error.to_string())?;
    let input = IdArgs { vendor, ids: args.ids.clone(), ids_from: args.ids_from.clone(), column: args.column.clone() };
    Ok((reader, input::read(&input, args.max)?))
}

struct Verification<'a> {
    vendor: VendorName,
    ids: &'a IdList,
    looks: VerifyPolicy,
    looker: Looker<'a>,
    /// What is known of the ids from the next one to be told on.
    known: VecDeque<Option<Presence>>,
    was_interrupted: bool,
    tally: SightTally,
    present: Vec<String>,
}

impl<'a> Verification<'a> {
    fn new(vendor: VendorName, ids: &'a IdList, looker: Looker<'a>, looks: VerifyPolicy) -> Self {
        Self {
            vendor,
            ids,
            looks,
            looker,
            known: VecDeque::new(),
            was_interrupted: false,
            tally: SightTally::default(),
            present: Vec::new(),
        }
    }

    /// Looks up all ids, and reports each in the order of the input.
    async fn run(&mut self, progress: &ProgressReporter, output: &Output, signals: &mut UnboundedReceiver<()>) {
        for entry in self.ids.entries() {
            let sight = match entry {
                Entry::Refused(refused) => Sight::refused(refused),
                Entry::Id(number) => {
                    if self.known.is_empty() && !self.is_stopped() {
                        self.look_from(number, signals).await;
                    }
                    progress.advance();
                    self.sight(number)
                }
            };
            self.note(&sight);
            output.send(Item::Sight(sight)).await;
            if output.is_broken() {
                return;
            }
        }
        output.send(Item::SightSummary(self.tally)).await;
    }

    fn is_stopped(&self) -> bool {
        self.was_interrupted || self.looker.stop().is_some()
    }

    /// Looks at the ids from `start` on, as many as go together.
    async fn look_from(&mut self, start: usize, signals: &mut UnboundedReceiver<()>) {
        let end = self.ids.len().min(start + self.looker.window(self.ids.len()));
        // Only ids that could be read are kept, so each of them is one.
        let ids: Vec<_> = (start..end).map_while(|number| self.ids.id(number).ok()).collect();
        let mut seen = look::Seen::new();
        if unless_interrupted(self.looker.look(&ids, self.looks, &mut seen), signals).await.is_none() {
            notice("interrupted: not looking at the rest");
            self.was_interrupted = true;
        } else if let Some((_, reason)) = self.looker.stop() {
            notice(&format!("stopping: {reason}"));
        }
        self.known = seen.into();
    }

    fn sight(&mut self, number: usize) -> Sight {
        let presence = self.known.pop_front().flatten();
        match (self.ids.id(number), presence) {
            (Ok(id), Some(presence)) => Sight::of(&id, &presence),
            (Ok(id), None) => Sight::not_attempted(id.to_string()),
            (Err(error), _) => Sight::failed(&error),
        }
    }

    fn note(&mut self, sight: &Sight) {
        self.tally.add(sight.seen);
        if sight.seen == Seen::Present && self.present.len() < MAX_KEPT {
            self.present.push(sight.id.clone());
        }
    }

    fn conclude(&self, printed: io::Result<()>) -> Exit {
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        let present = self.tally.count(Seen::Present);
        if present > 0 {
            notice_ids(&format!("still there: {}", count(present, "record")), &self.present, present);
        }
        let not_attempted = self.tally.count(Seen::NotAttempted);
        if not_attempted > 0 {
            notice(&format!("stopped before the end: {} not attempted", count(not_attempted, "id")));
        }
        let stop = self.looker.stop();
        if matches!(stop, Some((Stop::CredentialRefused | Stop::WrongTarget, _))) {
            notice(&format!("look at {}", self.vendor.variables()));
        }
        let unknown = self.tally.count(Seen::Unknown) + self.tally.count(Seen::Refused);
        let has_valid_ids = self.ids.len() > 0 || self.ids.refused_len() == 0;
        Findings::default()
            .with_if(!has_valid_ids, Exit::Usage)
            .with_any(stop.map(|(stop, _)| stop.exit()))
            .with_if(self.was_interrupted || printed.is_err(), Exit::Stopped)
            .with_if(present > 0, Exit::StillPresent)
            .with_if(unknown > 0, Exit::Incomplete)
            .exit()
    }
}

#[cfg(test)]
mod tests;
