//! The command `delete`, step by step. Whatever can be wrong is found before anything is sent.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::Path;

use delete_core::Deleter;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::cli::DeleteArgs;
use crate::exit::Exit;
use crate::ids::{self, IdCollector, IdList, Place};
use crate::plan::{self, Rehearsal};
use crate::progress::{Progress, notice};
use crate::report::{Context, Format, Item, Outcome, Output, Printer, Tally, count, visible};
use crate::run::{self, Ending, Job, Stop};
use crate::signals;
use crate::vendors::{self, Target, Travel};

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

/// A run that could begin.
struct Prepared<'a> {
    args: &'a DeleteArgs,
    runtime: &'a Runtime,
    target: Target,
    rehearsal: Rehearsal,
    /// `None` in a dry run.
    deleter: Option<Box<dyn Deleter>>,
    ids: IdList,
}

fn prepare<'a>(args: &'a DeleteArgs, runtime: &'a Runtime) -> Result<Prepared<'a>, String> {
    let target = Target::from_args(args)?;
    check_question(args)?;
    let travel = Travel { attempt_timeout: args.timeout, uses_system_proxy: args.system_proxy };
    let connect = || vendors::connect(target, travel).map_err(|error| error.to_string());
    let deleter = if args.dry_run { None } else { Some(connect()?) };
    let rehearsal = Rehearsal::new(target).map_err(|error| error.to_string())?;
    let ids = read_ids(args, target)?;
    tell_of_input(&ids, target);
    if ids.len() == 0 && ids.refused_len() == 0 {
        return Err("no id was given: name ids, or a file with --ids-from (see `delete --help`)".to_owned());
    }
    Ok(Prepared { args, runtime, target, rehearsal, deleter, ids })
}

/// Makes sure that the question can be answered, if it will be asked.
fn check_question(args: &DeleteArgs) -> Result<(), &'static str> {
    if args.yes || args.dry_run {
        return Ok(());
    }
    if is_stdin(args.ids_from.as_deref()) {
        return Err(
            "the ids come from stdin, so no question can be asked there: add --yes (or --dry-run to look first)",
        );
    }
    if !io::stdin().is_terminal() {
        return Err("stdin is no terminal, so no question can be asked: add --yes (or --dry-run to look first)");
    }
    Ok(())
}

fn is_stdin(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

fn read_ids(args: &DeleteArgs, target: Target) -> Result<IdList, String> {
    let mut collector = IdCollector::new(target.vendor(), target.id_form());
    for (number, id) in (1..).zip(&args.ids) {
        collector.add(Place::Argument(number), id.as_encoded_bytes());
    }
    if let Some(path) = args.ids_from.as_deref() {
        let read = if is_stdin(Some(path)) {
            ids::read(io::stdin().lock(), &mut collector)
        } else {
            File::open(path).map_err(Into::into).and_then(|file| ids::read(BufReader::new(file), &mut collector))
        };
        read.map_err(|error| format!("the ids in {} cannot be read: {error}", visible(&path.to_string_lossy())))?;
    }
    Ok(collector.finish())
}

fn tell_of_input(ids: &IdList, target: Target) {
    if ids.merged() > 0 {
        notice(&format!("{} given again and merged: each id is deleted and reported once", count(ids.merged(), "id")));
    }
    for suspect in ids.suspects() {
        notice(&format!(
            "warning: `{suspect}` may be a missing id or the name of a column; {} takes it for an id",
            target.vendor()
        ));
    }
}

impl Prepared<'_> {
    fn carry_out(&self, is_verbose: bool) -> Exit {
        if self.ids.len() == 0 {
            notice("error: none of the ids is valid; nothing was sent");
            self.tell_not_attempted();
            return Exit::Usage;
        }
        if let Some(max) = self.args.max.filter(|max| self.ids.len() as u64 > *max) {
            let ids = count(self.ids.len() as u64, "id");
            return self.refuse_to_go_on(&format!("{ids}, more than --max {max}: nothing was sent"));
        }
        match &self.deleter {
            None => self.tell_plan(),
            Some(_) if !self.args.yes && !self.is_confirmed() => {
                self.refuse_to_go_on("not confirmed: nothing was sent")
            }
            Some(deleter) => self.send(&**deleter, is_verbose),
        }
    }

    fn context(&self) -> Context {
        Context { vendor: self.target.vendor(), erasure: self.target.erasure(), format: self.args.output }
    }

    fn batch(&self) -> usize {
        if self.args.one_by_one { 1 } else { self.rehearsal.deleter().max_batch().max(1) }
    }

    fn job<'a>(&'a self, deleter: &'a dyn Deleter) -> Job<'a> {
        let concurrency = usize::from(self.args.concurrency);
        Job { deleter, ids: &self.ids, concurrency, batch: self.batch(), stop: None }
    }

    fn refuse_to_go_on(&self, message: &str) -> Exit {
        notice(&format!("error: {message}"));
        if self.args.output == Format::Json {
            self.tell_not_attempted();
        }
        Exit::Unsafe
    }

    /// Reports every id without sending any.
    fn tell_not_attempted(&self) {
        let (output, printer) = Printer::start(self.context(), Progress::hidden());
        let job = Job { stop: Some(Stop::Interrupted), ..self.job(self.rehearsal.deleter()) };
        self.runtime.block_on(async {
            let (_signals, mut signals) = tokio::sync::mpsc::unbounded_channel();
            let ending = run::run(job, &Progress::hidden(), &output, &mut signals).await;
            // The exit code is settled; who closed stdout does not want the rest.
            if !output.is_broken() {
                output.send(Item::Summary(ending.tally)).await;
            }
        });
        drop(output);
        let _ = printer.finish();
    }

    fn tell_plan(&self) -> Exit {
        notice(&format!("dry run: {}, nothing is sent", count(self.ids.len() as u64, "id")));
        let (output, printer) = Printer::start(self.context(), Progress::hidden());
        let told = self.runtime.block_on(async {
            let with_records = self.args.output == Format::Json;
            let tally = plan::tell(&self.rehearsal, &self.ids, self.batch(), with_records, &output).await?;
            // A closed stdout shows when the printer ends. What was not sent can be planned again.
            if !output.is_broken() {
                output.send(Item::Summary(tally)).await;
            }
            Ok::<(), delete_core::Error>(())
        });
        drop(output);
        match (told, printer.finish()) {
            (Err(error), _) => {
                notice(&format!("error: {error}"));
                Exit::Fault
            }
            (Ok(()), Err(error)) => {
                notice(&format!("error: stdout cannot be written to: {error}"));
                Exit::Stopped
            }
            (Ok(()), Ok(())) if self.ids.refused_len() > 0 => Exit::Incomplete,
            (Ok(()), Ok(())) => Exit::Success,
        }
    }

    /// Asks whoever sits at the terminal.
    fn is_confirmed(&self) -> bool {
        let vendor = self.target.vendor();
        notice(&format!("About to delete {} at {vendor}.", count(self.ids.len() as u64, "record")));
        for variable in self.target.workspace_variables() {
            let value = std::env::var(variable).map_or("(not set)".to_owned(), |value| visible(&value));
            notice(&format!("  {variable:<21} {value}"));
        }
        if let Some(erasure) = self.target.erasure() {
            notice(&format!("  {:<21} {erasure}", "mode"));
        }
        let first = self.ids.id(0).map(|id| self.runtime.block_on(self.rehearsal.request_for(&[id])));
        if let Ok(Ok(request)) = first {
            notice(&format!("  {:<21} {} {}", "first request", request.method, request.url));
        }
        let refused = self.ids.refused_len() as u64;
        if refused > 0 {
            notice(&format!("  {:<21} {refused}", "refused, not sent"));
        }
        let _ = write!(io::stderr(), "This cannot be undone here. Type `yes` to go on: ");
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }

    fn send(&self, deleter: &dyn Deleter, is_verbose: bool) -> Exit {
        let progress =
            if is_verbose { Progress::hidden() } else { Progress::on_terminal(self.ids.len(), self.args.output) };
        let (output, printer) = Printer::start(self.context(), progress.clone());
        let ended = self.runtime.block_on(async {
            let mut signals = signals::listen()?;
            let ending = run::run(self.job(deleter), &progress, &output, &mut signals).await;
            progress.finish();
            let printed = finish_output(output, printer, ending.tally, &mut signals).await;
            io::Result::Ok((ending, printed))
        });
        match ended {
            Ok((ending, printed)) => self.conclude(&ending, printed),
            Err(error) => {
                notice(&format!("error: signals cannot be received: {error}; nothing was sent"));
                Exit::Fault
            }
        }
    }

    fn conclude(&self, ending: &Ending, printed: io::Result<()>) -> Exit {
        let tally = &ending.tally;
        let attempted = self.ids.len() as u64 - tally.count(Outcome::NotAttempted);
        if attempted > 1 && tally.count(Outcome::NotFound) == attempted && !self.args.absent_ok {
            notice("warning: not one of the records was found: check tenant, region, base URL and key");
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        let not_attempted = tally.count(Outcome::NotAttempted);
        if not_attempted > 0 {
            notice(&format!("stopped before the end: {} not attempted", count(not_attempted, "id")));
        }
        exit_for(ending, printed.is_ok(), self.args.absent_ok)
    }
}

/// Writes the summary and waits for the writing to end, which a reader may hold up; signals are heard meanwhile.
async fn finish_output(
    output: Output,
    printer: Printer,
    tally: Tally,
    signals: &mut UnboundedReceiver<()>,
) -> io::Result<()> {
    output.send(Item::Summary(tally)).await;
    drop(output);
    let finished = tokio::task::spawn_blocking(|| printer.finish()).await;
    signals.close();
    finished.unwrap_or_else(|_| Err(io::Error::other("the writing thread failed")))
}

fn exit_for(ending: &Ending, is_printed: bool, is_absent_ok: bool) -> Exit {
    let stopped_short = ending.tally.count(Outcome::NotAttempted) > 0 || ending.was_abandoned;
    match ending.stop {
        Some(Stop::CredentialRefused) => Exit::CredentialRefused,
        _ if stopped_short || !is_printed => Exit::Stopped,
        _ if run::is_complete(&ending.tally, is_absent_ok) => Exit::Success,
        _ => Exit::Incomplete,
    }
}
