//! The command `delete`, step by step. Whatever can be wrong is found before anything is sent.

mod ending;
mod question;
mod unsent;

use std::io::{self, IsTerminal};

use delete_core::{Deleter, Error, RejectActive, SystemClock, VerifyPolicy};
use tokio::runtime::Runtime;

use crate::args::DeleteArgs;
use crate::exit::{Exit, Findings};
use crate::holds::{self, Matching, Unmatched};
use crate::ids::IdList;
use crate::input;
use crate::job;
use crate::look;
use crate::plan::{DryRun, Rehearsal};
use crate::progress::{Progress, notice};
use crate::proof::{self, ProofJob};
use crate::report::{Context, Format, Item, Printer, count};
use crate::run::{self, Job};
use crate::signals;
use crate::vendors::{self, Clients, Target};
pub(crate) use ending::PendingChecks;

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

/// The most ids that are deleted without a job.
const FEW: usize = 100;

/// A run that could begin.
pub(crate) struct Prepared<'a> {
    pub(crate) args: &'a DeleteArgs,
    pub(crate) runtime: &'a Runtime,
    pub(crate) target: Target,
    rehearsal: Rehearsal,
    /// `None` in a dry run.
    clients: Option<Clients>,
    pub(crate) ids: IdList,
    /// The holds that match none of the ids.
    unmatched: Unmatched,
}

fn prepare<'a>(args: &'a DeleteArgs, runtime: &'a Runtime) -> Result<Prepared<'a>, String> {
    let target = Target::from_args(args)?;
    check_question(args)?;
    let connect = || vendors::connect(target, args).map_err(|error| error.to_string());
    let clients = if args.dry_run { None } else { Some(connect()?) };
    let rehearsal = Rehearsal::with_children(target, args.method.children).map_err(|error| error.to_string())?;
    let mut ids = input::read(&args.input, most_ids(args))?;
    let marked = holds::mark(&mut ids, &args.hold, &args.input.column, target.vendor_name());
    let unmatched = marked.map_err(|error| format!("{error}; nothing was sent"))?;
    Ok(Prepared { args, runtime, target, rehearsal, clients, ids, unmatched })
}

/// The most ids that are held beside those that `--max` allows to be deleted.
const MAX_HELD: u64 = 1_000_000;

/// How many ids are read. Only those that are not held count for `--max`.
fn most_ids(args: &DeleteArgs) -> u64 {
    if args.hold.files.is_empty() { args.max } else { args.max.saturating_add(MAX_HELD) }
}

/// Makes sure that the question can be answered, if it will be asked.
fn check_question(args: &DeleteArgs) -> Result<(), &'static str> {
    let stdin = args.hold.stdin_count() + usize::from(input::is_stdin(args.input.ids_from.as_deref()));
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
            self.tell_not_attempted();
            return Exit::Usage;
        }
        if let Some(reason) = self.safety_reason() {
            return self.refuse_to_go_on(&format!("{reason}: nothing was sent"));
        }
        match &self.clients {
            None => self.tell_plan(),
            Some(_) if self.ids.unheld_len() == 0 => self.report_all_held(),
            Some(_) if !self.args.yes && !self.is_confirmed() => {
                self.refuse_to_go_on("not confirmed: nothing was sent")
            }
            Some(_) if self.is_job() => job::delete::execute(self, is_verbose),
            Some(clients) => self.send(clients, is_verbose),
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

    /// Many ids are written down first, so that nothing is lost where the program ends in the middle.
    fn is_job(&self) -> bool {
        self.args.job.is_some() || self.args.rate.is_some() || self.ids.unheld_len() > FEW
    }

    pub(crate) fn context(&self) -> Context {
        Context { vendor: self.target.vendor(), erasure: self.target.erasure_mode(), format: self.args.output }
    }

    fn batch(&self) -> usize {
        if self.args.method.one_by_one { 1 } else { self.rehearsal.deleter().max_batch().max(1) }
    }

    fn concurrency(&self) -> usize {
        usize::from(self.args.pace.concurrency)
    }

    fn refuse_to_go_on(&self, message: &str) -> Exit {
        self.refuse(Exit::Unsafe, message)
    }

    /// Reports why nothing is sent.
    pub(crate) fn refuse(&self, exit: Exit, message: &str) -> Exit {
        let severity = if exit == Exit::Success { "" } else { "error: " };
        notice(&format!("{severity}{message}"));
        if self.args.output == Format::Json {
            self.tell_not_attempted();
        }
        exit
    }

    fn tell_plan(&self) -> Exit {
        notice(&format!("dry run: {}, nothing is sent", count(self.ids.unheld_len() as u64, "id")));
        self.tell_unplanned();
        let (output, printer) = Printer::start(self.context());
        let told = self.runtime.block_on(async {
            let tally = self.dry_run().print(&output).await?;
            // A closed stdout shows when the printer ends. What was not sent can be planned again.
            if !output.is_broken() {
                output.send(Item::Summary(tally.into())).await;
            }
            Ok::<(), Error>(())
        });
        drop(output);
        let printed = printer.finish();
        if let Err(error) = &told {
            notice(&format!("error: {error}"));
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        Findings::default()
            .with_if(told.is_err(), Exit::Fault)
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
            checks_credential: self.is_job() || self.args.verify.is_some(),
            verifies: self.args.verify.is_some(),
            rejects_active: !self.args.method.allow_active,
            with_records: self.args.output == Format::Json,
        }
    }

    /// Names what depends on the vendor's responses, and what is written.
    fn tell_unplanned(&self) {
        if self.is_job() {
            notice("the ids would be written to a job file first, which is VENDOR-TIME.job without --job");
            if self.batch() > 1 {
                notice("not shown: a job may send ids on their own until the target is confirmed");
            }
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

    fn send(&self, clients: &Clients, is_verbose: bool) -> Exit {
        let progress = if is_verbose {
            Progress::hidden()
        } else {
            Progress::on_terminal(self.ids.unheld_len(), self.args.output)
        };
        if self.args.method.allow_active {
            return self.delete(clients, &*clients.deleter, &progress);
        }
        let guard = RejectActive::new(&*clients.deleter, &*clients.reader);
        let exit = self.delete(clients, &guard, &progress);
        look::tell_of_unseen(guard.first_unchecked());
        exit
    }

    fn delete(&self, clients: &Clients, deleter: &dyn Deleter, progress: &Progress) -> Exit {
        if self.args.verify.is_some() {
            return self.prove(clients, deleter, progress);
        }
        let job = Job {
            deleter,
            children: clients.children.as_deref(),
            ids: &self.ids,
            concurrency: self.concurrency(),
            batch: self.batch(),
            stop: None,
        };
        let (output, printer) = Printer::start(self.context());
        self.runtime.block_on(async {
            let mut signals = signals::listen();
            let ending = run::run(job, progress, &output, &mut signals).await;
            progress.finish();
            output.send(Item::Summary(ending.tally.into())).await;
            let printed = printer.end(output).await;
            signals.close();
            self.conclude(&ending, printed)
        })
    }

    fn prove(&self, clients: &Clients, deleter: &dyn Deleter, progress: &Progress) -> Exit {
        let unheld = self.ids.select(self.ids.unheld());
        let job = ProofJob {
            vendor: self.target.vendor_name(),
            deleter,
            reader: &*clients.reader,
            clock: &SystemClock,
            children: clients.children.as_deref(),
            ids: &unheld,
            concurrency: self.concurrency(),
            batch: self.batch(),
            looks: self.args.wait.map_or(VerifyPolicy::default(), look::looks_for),
            erasure: self.target.erasure_mode(),
            is_all_absent_ok: self.args.absent.is_ok_for_all(),
        };
        self.runtime.block_on(async {
            let mut signals = signals::listen();
            let proven = proof::run(&job, progress, &mut signals).await;
            progress.finish();
            if let Some((exit, reason)) = &proven.refusal {
                notice(&format!("error: {reason}"));
                if self.args.output == Format::Text {
                    return *exit;
                }
            }
            let (output, printer) = Printer::start(self.context());
            let tally = proof::tell(&self.ids, &proven, &output).await;
            let printed = printer.end(output).await;
            signals.close();
            self.conclude_proof(&proven, &tally, printed)
        })
    }
}
