//! What a sweep would send.

use conversation_delete_job::JobLocation;
use tokio::runtime::Runtime;

use super::common::Sweep;
use super::part::{Aim, Part, Start};
use super::place::job_path;
use super::report::Report;
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::job_file::shown;
use crate::notice::notice;
use crate::plan::dry_run::DryRun;
use crate::report::{Context, Format, Item, Outcome, Printer, Tally, count};
use crate::state_dir;
use crate::vendor::{DryRunClients, Target};

impl Sweep<'_> {
    /// Reads the lists, and prints each request that would follow.
    pub(super) fn dry_run(&self, runtime: &Runtime) -> Result<Exit, CommandError> {
        let parts = self.aims(runtime)?.into_iter().map(|aim| Part::in_memory(self, aim));
        let mut report = Report::new(self.args);
        let parts = self.list_all(parts.collect::<Result<_, _>>()?, &mut report, runtime)?;
        let total = self.check(&parts)?;
        let heading = if total == 0 { "" } else { ". What would be sent after the lists were read:" };
        notice(&format!("dry run: {}, nothing is deleted{heading}", count(total, "record")));
        let (mut findings, mut tally, last) = (Findings::from(report.exit()), Tally::default(), parts.len());
        for (number, part) in (1..).zip(parts) {
            findings = findings.with(self.print(part, &mut tally, number == last, runtime)?);
        }
        Ok(findings.exit())
    }

    /// Prints the requests for one target, and after the last one the counts of all.
    fn print(&self, part: Part, sum: &mut Tally, is_last: bool, runtime: &Runtime) -> Result<Exit, CommandError> {
        self.warn_of_unfinished(&part);
        let (planned, Part { aim, start: Start::Fresh(draft), .. }) = (part.to_delete()?, part) else {
            return Ok(Exit::Success);
        };
        let (location, args) = (draft.location(), self.args);
        draft.finish()?;
        let target = aim.target;
        let children = args.method.children.filter(|_| target == Target::Corti);
        let dry_clients = DryRunClients::with_children(&aim.settings, target, children).map_err(CommandError::usage)?;
        let dry_run = self.requests(&aim, &dry_clients, &location, planned);
        dry_run.print_omissions();
        let (output, printer) = Printer::start(Context::new(target.vendor(), target.erasure_mode(), args.output));
        let printed = runtime.block_on(async {
            let tally = dry_run.print(&output).await?;
            tally.iter().for_each(|(outcome, number)| sum.add_many(outcome, number));
            match args.output {
                Format::Json if is_last => output.send(Item::Summary((*sum).into())).await,
                Format::Json => {}
                Format::Text => output.send(Item::Summary(tally.into())).await,
            }
            Ok::<_, CommandError>(tally)
        });
        drop(output);
        let written = printer.finish();
        if let Err(error) = &written {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        let has_refused = printed?.get(Outcome::Refused) > 0;
        Ok(Findings::default().with_if(written.is_err(), Exit::Stopped).with_if(has_refused, Exit::Incomplete).exit())
    }

    fn requests<'a>(
        &self,
        aim: &'a Aim,
        dry_clients: &'a DryRunClients,
        job: &'a JobLocation,
        planned: u64,
    ) -> DryRun<'a> {
        let method = self.args.method;
        DryRun {
            target: aim.target,
            settings: &aim.settings,
            dry_clients,
            job,
            planned,
            batch: if method.one_by_one { 1 } else { dry_clients.deleter().max_batch().max(1) },
            checks_credential: true,
            verify: self.args.verify,
            rejects_active: !method.allow_active,
            with_records: self.args.output == Format::Json,
        }
    }

    fn warn_of_unfinished(&self, part: &Part) {
        let job = state_dir::path().map(|folder| job_path(&folder, &part.aim.described));
        if let Some(job) = job.filter(|job| job.symlink_metadata().is_ok()) {
            notice(&format!("not shown: the unfinished sweep in {}, which would be finished first", shown(&job)));
        }
    }
}
