//! The command `delete`, step by step. Whatever can be wrong is found before anything is sent.

mod job;
mod place;
mod plan;
mod prepared;
mod unsent;

use delete_core::RecordReader;
use tokio::runtime::Runtime;

use crate::args::DeleteArgs;
use crate::confirm::{self, Question, Subject};
use crate::error::{CommandError, exit_of};
use crate::exit::{Exit, Findings};
use crate::job_file::read;
use crate::notice::notice;
use crate::observe;
use crate::plan::draft::Draft;
use crate::plan::dry_run::DryRun;
use crate::report::{Format, Item, Printer, count, report_error};
use prepared::{Prepared, prepare};

/// Carries out the command.
pub(crate) fn execute(args: &DeleteArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    let prepared = prepare(args, runtime);
    exit_of(prepared.and_then(|(prepared, draft)| prepared.carry_out(draft, is_verbose)))
}

/// What is to be done with a plan.
enum Decision<'a> {
    /// Nothing is sent, for this reason.
    Refuse(CommandError),
    NoneValid,
    DryRun,
    AllHeld,
    Send(&'a dyn RecordReader),
}

impl Prepared<'_> {
    fn carry_out(&self, draft: Draft, is_verbose: bool) -> Result<Exit, CommandError> {
        let decision = self.decide(&draft)?;
        if let Decision::Send(reader) = decision {
            return job::execute(self, draft, reader, is_verbose);
        }
        draft.finish()?;
        self.note_plan()?;
        match decision {
            Decision::Refuse(reason) => self.refuse(&reason),
            Decision::NoneValid => {
                report_error(Exit::Usage, "none of the ids is valid; nothing was sent", "");
                self.report_unsent().map(|()| Exit::Usage)
            }
            Decision::AllHeld => self.report_all_held(),
            Decision::DryRun | Decision::Send(_) => Ok(self.print_dry_run()),
        }
    }

    /// The plan is complete, so that its end is reported.
    fn note_plan(&self) -> Result<(), CommandError> {
        if observe::is_wanted() && !self.args.dry_run {
            observe::planned(&self.location, &read(&self.location)?);
        }
        Ok(())
    }

    fn decide(&self, draft: &Draft) -> Result<Decision<'_>, CommandError> {
        let refuse = |exit, message| Ok(Decision::Refuse(CommandError::new(exit, message)));
        match (self.counts.ids, self.counts.refused) {
            (0, 0) => return refuse(Exit::Success, "there is nothing to delete: nothing was sent"),
            (0, _) => return Ok(Decision::NoneValid),
            _ => {}
        }
        if let Err(reason) = self.check_safety() {
            return Ok(Decision::Refuse(reason));
        }
        match &self.reader {
            None => Ok(Decision::DryRun),
            Some(_) if self.planned() == 0 => Ok(Decision::AllHeld),
            Some(_) if !self.args.yes && !self.is_confirmed(draft)? => {
                refuse(Exit::Unsafe, "not confirmed: nothing was sent")
            }
            Some(reader) => Ok(Decision::Send(&**reader)),
        }
    }

    fn is_confirmed(&self, draft: &Draft) -> Result<bool, CommandError> {
        let first_ids = draft.first_planned(confirm::NAMED_IDS)?;
        let more = self.details(first_ids.first());
        let subject = Subject { target: &self.described, count: self.planned(), first_ids, more };
        Ok(Question { subjects: vec![subject], notes: Vec::new() }.is_confirmed())
    }

    /// What else the question names.
    fn details(&self, first: Option<&String>) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        let first = first.and_then(|id| self.target.vendor_name().id_form().parse(id).ok());
        if let Some(Ok(request)) = first.map(|id| self.runtime.block_on(self.dry_clients.request_for(&[id]))) {
            rows.push(("first delete", format!("{} {}", request.method, request.url)));
        }
        let (held, refused) = (self.counts.ids - self.planned(), self.counts.refused);
        let counts = [("held, not deleted", held), ("refused, not sent", refused)];
        rows.extend(counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name, count.to_string())));
        rows
    }

    fn print_dry_run(&self) -> Exit {
        notice(&format!("dry run: {}, nothing is sent", count(self.planned(), "id")));
        self.dry_run().print_omissions();
        let (output, printer) = Printer::start(self.context());
        let planned = self.runtime.block_on(async {
            let tally = self.dry_run().print(&output).await?;
            // A closed stdout shows when the printer ends. What was not sent can be planned again.
            if !output.is_broken() {
                output.send(Item::Summary(tally.into())).await;
            }
            Ok::<(), CommandError>(())
        });
        drop(output);
        let printed = printer.finish();
        if let Err(error) = &planned {
            report_error(error.exit, &error.message, error.advice);
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        Findings::default()
            .with_any(planned.err().map(|error| error.exit))
            .with_if(printed.is_err(), Exit::Stopped)
            .with_if(self.counts.refused > 0, Exit::Incomplete)
            .exit()
    }

    fn dry_run(&self) -> DryRun<'_> {
        DryRun {
            settings: &self.settings,
            target: self.target,
            dry_clients: &self.dry_clients,
            job: &self.location,
            planned: self.planned(),
            batch: self.batch(),
            checks_credential: self.checks_credential(),
            verify: self.args.verify,
            rejects_active: !self.args.method.allow_active,
            with_records: self.args.output == Format::Json,
        }
    }
}
