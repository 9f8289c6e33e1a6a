//! The command `verify`: looks whether records are gone. It changes nothing, and asks nothing.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io;

use conversation_delete_job::JobError;
use delete_core::vendor_kit::ErrorExt;
use delete_core::{Presence, RecordId, RecordReader, SystemClock, VerifyPolicy};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::args::{Subject, VendorName, VerifyArgs};
use crate::commands::verify_job;
use crate::exit::{Exit, Findings};
use crate::ids::{
    Complaint, Place, ReadError, ReadOptions, Sink, TakeError, read_arguments, read_file, without_advice,
};
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
    let context = Context::new(vendor.vendor(), None, args.output).for_ids(ids.len() as u64);
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
    let mut ids = IdList::new(vendor);
    let read = read_arguments(&args.ids, &mut ids).and_then(|()| read_ids_from(args, &mut ids));
    if args.ids.is_empty() && args.file.ids_from.is_none() {
        return Err("no id was given: name ids, or a file with --ids-from (see --help)".to_owned());
    }
    read.map_err(|error| format!("the ids in {} cannot be read: {error}", args.file.name()))?;
    if ids.repeated > 0 {
        let repeated = count(ids.repeated, "id");
        notice(&format!("{repeated} given again and merged: each id is looked up once and reported once"));
    }
    Ok((reader, ids))
}

fn read_ids_from(args: &VerifyArgs, ids: &mut IdList) -> Result<(), ReadError> {
    let Some(path) = args.file.ids_from.as_deref() else { return Ok(()) };
    let max_ids = args.max.saturating_sub(ids.len() as u64);
    match read_file(path, &ReadOptions { id_column: args.file.column.id_column.as_deref(), max_ids }, ids) {
        // Their number is compared with the maximum.
        Err(ReadError::TooManyIds(_)) => Ok(()),
        read => read,
    }
}

/// The distinct ids of the input and what was refused among them, in its order.
struct IdList {
    vendor: VendorName,
    entries: Vec<Entry>,
    known: HashSet<RecordId>,
    repeated: u64,
}

enum Entry {
    Id(RecordId),
    Refused(Box<Complaint>),
}

impl IdList {
    fn new(vendor: VendorName) -> Self {
        Self { vendor, entries: Vec::new(), known: HashSet::new(), repeated: 0 }
    }

    fn len(&self) -> usize {
        self.known.len()
    }

    fn refused_len(&self) -> usize {
        self.entries.len() - self.len()
    }

    fn ids(&self) -> impl Iterator<Item = &RecordId> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Id(id) => Some(id),
            Entry::Refused(_) => None,
        })
    }
}

impl Sink for IdList {
    fn is_id(&self, text: &str) -> bool {
        self.vendor.id_form().parse(text).is_ok()
    }

    fn take(&mut self, _: Place, text: &str) -> Result<bool, TakeError> {
        let not_an_id = |error: delete_core::Error| without_advice(&error.for_vendor(self.vendor.vendor()));
        let id = self.vendor.id_form().parse(text).map_err(|error| TakeError::NotAnId(not_an_id(error)))?;
        let is_new = self.known.insert(id.clone());
        match is_new {
            true => self.entries.push(Entry::Id(id)),
            false => self.repeated += 1,
        }
        Ok(is_new)
    }

    fn refuse(&mut self, complaint: Complaint) -> Result<(), JobError> {
        self.entries.push(Entry::Refused(Box::new(complaint)));
        Ok(())
    }
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
        let mut number = 0;
        for entry in &self.ids.entries {
            let sight = match entry {
                Entry::Refused(refused) => Sight::refused(refused),
                Entry::Id(id) => {
                    if self.known.is_empty() && !self.is_stopped() {
                        self.look_from(number, signals).await;
                    }
                    number += 1;
                    progress.advance();
                    self.sight(id)
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
        let ids: Vec<_> = self.ids.ids().skip(start).take(self.looker.window(self.ids.len())).cloned().collect();
        let mut seen = look::Seen::new();
        if unless_interrupted(self.looker.look(&ids, self.looks, &mut seen), signals).await.is_none() {
            notice("interrupted: not looking at the rest");
            self.was_interrupted = true;
        } else if let Some((_, reason)) = self.looker.stop() {
            notice(&format!("stopping: {reason}"));
        }
        self.known = seen.into();
    }

    fn sight(&mut self, id: &RecordId) -> Sight {
        match self.known.pop_front().flatten() {
            Some(presence) => Sight::of(id, &presence),
            None => Sight::not_attempted(id.to_string()),
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
