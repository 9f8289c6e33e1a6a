//! The command `delete`, step by step. Whatever can be wrong is found before anything is sent.

mod job;
mod own_files;
mod reporter;
mod unsent;

use std::io::{self, IsTerminal};

use delete_core::{Error, RateLimiter, RecordReader};
use tokio::runtime::Runtime;

use crate::args::{ChildrenChoice, DeleteArgs, is_stdin};
use crate::confirm;
use crate::exit::{Exit, Findings};
use crate::holds::{self, Matching, Unmatched};
use crate::ids::IdList;
use crate::input;
use crate::plan::{DryRun, Rehearsal};
use crate::progress::notice;
use crate::report::{Context, Format, Item, Printer, count, visible};
use crate::vendors::{self, Target};

/// Carries out the command.
pub(crate) fn execute(args: &DeleteArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    match prepare(args, runtime) {
        Ok(prepared) => prepared.carry_out(is_verbose),
        Err(message) => {
            notice(&format!("error: {message}"));
            Exit::Usage
        }
    }
}

/// A job of at most so many ids is interactive: somebody waits for it.
const MAX_INTERACTIVE_IDS: usize = 10;

/// A run that could begin.
pub(crate) struct Prepared<'a> {
    pub(crate) args: &'a DeleteArgs,
    pub(crate) runtime: &'a Runtime,
    pub(crate) target: Target,
    rehearsal: Rehearsal,
    /// The limit that all requests of the run keep together.
    pub(crate) limiter: Option<RateLimiter>,
    /// Checks the credential; `None` in a dry run.
    reader: Option<Box<dyn RecordReader>>,
    pub(crate) ids: IdList,
    /// The holds that match none of the ids.
    unmatched: Unmatched,
}

fn prepare<'a>(args: &'a DeleteArgs, runtime: &'a Runtime) -> Result<Prepared<'a>, String> {
    let target = Target::from_args(args)?;
    check_question(args)?;
    let vendor = target.vendor_name();
    let limiter = vendors::rate_limiter(vendor, args.rate);
    let connect = || vendors::connect_reader(vendor, args.travel, limiter.as_ref()).map_err(|error| error.to_string());
    let reader = if args.dry_run { None } else { Some(connect()?) };
    let rehearsal = Rehearsal::with_children(target, args.method.children).map_err(|error| error.to_string())?;
    let mut ids = input::read(&args.input, most_ids(args))?;
    let marked = holds::mark(&mut ids, &args.hold, &args.input.column, vendor);
    let unmatched = marked.map_err(|error| format!("{error}; nothing was sent"))?;
    Ok(Prepared { args, runtime, target, rehearsal, limiter, reader, ids, unmatched })
}

/// The most ids that are held beside those that `--max` allows to be deleted.
const MAX_HELD: u64 = 1_000_000;

/// How many ids are read. Only those that are not held count for `--max`.
fn most_ids(args: &DeleteArgs) -> u64 {
    if args.hold.files.is_empty() { args.max } else { args.max.saturating_add(MAX_HELD) }
}

/// Makes sure that the question can be answered, if it will be asked.
fn check_question(args: &DeleteArgs) -> Result<(), &'static str> {
    let stdin = args.hold.stdin_count() + usize::from(is_stdin(args.input.ids_from.as_deref()));
    if stdin > 1 {
        return Err("stdin (`-`) can be read once");
    }
    if args.yes || args.dry_run {
        return Ok(());
    }
    if stdin > 0 {
        return Err(
            "the ids or holds come from stdin, so no question can be asked there: add --yes (or --dry-run to look first)",
        );
    }
    if !io::stdin().is_terminal() {
        return Err("stdin is not a terminal, so no question can be asked: add --yes (or --dry-run to look first)");
    }
    Ok(())
}

impl Prepared<'_> {
    fn carry_out(&self, is_verbose: bool) -> Exit {
        if self.ids.len() == 0 && self.ids.refused_len() == 0 {
            return self.refuse(Exit::Success, "there is nothing to delete: nothing was sent");
        }
        if self.ids.len() == 0 {
            notice("error: none of the ids is valid; nothing was sent");
            self.report_unsent();
            return Exit::Usage;
        }
        if let Some(reason) = self.safety_reason() {
            return self.refuse(Exit::Unsafe, &format!("{reason}: nothing was sent"));
        }
        match &self.reader {
            None => self.print_dry_run(),
            Some(_) if self.ids.unheld_len() == 0 => self.report_all_held(),
            Some(_) if !self.args.yes && !self.is_confirmed() => {
                self.refuse(Exit::Unsafe, "not confirmed: nothing was sent")
            }
            Some(reader) => job::execute(self, &**reader, is_verbose),
        }
    }

    /// Why nothing may be sent, whatever the vendor would say.
    fn safety_reason(&self) -> Option<String> {
        let max = self.args.max;
        if self.ids.unheld_len() as u64 > max || self.ids.len() as u64 > most_ids(self.args) {
            return Some(format!("there are more ids than --max {max}"));
        }
        let reason = self.unmatched.explain(Matching::Ids)?;
        if self.args.hold.allow_unmatched_holds {
            notice(&format!("warning: {reason}"));
            return None;
        }
        Some(format!("{reason}; if that is right, add --allow-unmatched-holds"))
    }

    /// Whether the credential is checked before the first delete. The first request of an interactive job is its check,
    /// unless it is to be known beforehand that the credential may read.
    pub(crate) fn checks_credential(&self) -> bool {
        self.args.verify.is_some() || self.ids.len() > MAX_INTERACTIVE_IDS
    }

    pub(crate) fn context(&self) -> Context {
        Context { vendor: self.target.vendor(), erasure: self.target.erasure_mode(), format: self.args.output }
    }

    fn batch(&self) -> usize {
        if self.args.method.one_by_one { 1 } else { self.rehearsal.deleter().max_batch().max(1) }
    }

    fn is_confirmed(&self) -> bool {
        let heading =
            format!("About to delete {} at {}.", count(self.ids.unheld_len() as u64, "record"), self.target.vendor());
        let rows = self.details();
        confirm::is_confirmed(&heading, rows.into_iter().map(|(name, value)| format!("{name:<21} {value}")))
    }

    /// What the question names.
    fn details(&self) -> Vec<(&'static str, String)> {
        let variable =
            |name: &&'static str| (*name, std::env::var(name).map_or("(not set)".to_owned(), |value| visible(&value)));
        let mut rows: Vec<_> = self.target.vendor_name().workspace_variables().iter().map(variable).collect();
        rows.extend(self.target.erasure_mode().map(|mode| ("mode", mode.as_str().to_owned())));
        rows.extend(self.args.method.children.map(|choice| {
            let text = match choice {
                ChildrenChoice::All => "all of them, first",
                ChildrenChoice::Available => "first; guided documents only if they can be listed",
            };
            ("children", text.to_owned())
        }));
        if self.args.method.allow_active {
            rows.push(("live records", "deleted too".to_owned()));
        }
        let held = self.ids.len() - self.ids.unheld_len();
        if held > 0 {
            rows.push(("held, not deleted", held.to_string()));
        }
        let first = self.ids.unheld().next().and_then(|number| self.ids.id(number).ok());
        if let Some(Ok(request)) = first.map(|id| self.runtime.block_on(self.rehearsal.request_for(&[id]))) {
            rows.push(("first delete", format!("{} {}", request.method, request.url)));
        }
        let refused = self.ids.refused_len();
        if refused > 0 {
            rows.push(("refused, not sent", refused.to_string()));
        }
        rows
    }

    fn print_dry_run(&self) -> Exit {
        notice(&format!("dry run: {}, nothing is sent", count(self.ids.unheld_len() as u64, "id")));
        self.print_omissions();
        let (output, printer) = Printer::start(self.context());
        let planned = self.runtime.block_on(async {
            let tally = self.dry_run().print(&output).await?;
            // A closed stdout shows when the printer ends. What was not sent can be planned again.
            if !output.is_broken() {
                output.send(Item::Summary(tally.into())).await;
            }
            Ok::<(), Error>(())
        });
        drop(output);
        let printed = printer.finish();
        if let Err(error) = &planned {
            notice(&format!("error: {error}"));
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        Findings::default()
            .with_if(planned.is_err(), Exit::Fault)
            .with_if(printed.is_err(), Exit::Stopped)
            .with_if(self.ids.refused_len() > 0, Exit::Incomplete)
            .exit()
    }

    fn dry_run(&self) -> DryRun<'_> {
        DryRun {
            target: self.target,
            rehearsal: &self.rehearsal,
            ids: &self.ids,
            batch: self.batch(),
            checks_credential: self.checks_credential(),
            verifies: self.args.verify.is_some(),
            rejects_active: !self.args.method.allow_active,
            with_records: self.args.output == Format::Json,
        }
    }

    /// Names the requests that depend on the vendor's responses.
    fn print_omissions(&self) {
        if self.batch() > 1 {
            notice("not shown: ids may be sent on their own until the target is confirmed");
        }
        if self.args.method.children.is_some() {
            notice("not shown: the children that these lists name would be deleted before their interaction");
        } else if self.target == Target::Corti && !self.args.method.allow_active {
            notice("not shown: a lookup of each transcript that these lists name");
        }
        if self.target == Target::Corti {
            notice("not shown: further requests for a token, which are sent without a CORTI_ACCESS_TOKEN");
        }
        if self.args.verify.is_some() {
            notice("not shown: further pages of lists, and further lookups of what is still present after its delete");
        }
    }
}
