//! The command `sweep`: finds what is old, deletes it and reports it, as one command for cron.

mod check;
mod common;
mod dry_run;
mod evidence;
mod holds;
mod job;
mod part;
mod place;
mod report;

use std::thread;

use delete_core::timestamp;
use futures_util::future::join_all;
use tokio::runtime::Runtime;

use crate::args::{SweepArgs, VendorName};
use crate::commands::erasure_mode;
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::notice::notice;
use crate::plan::target::{Choices, refuse_twins};
use crate::report::count;
use crate::settings::Settings;
use crate::vendor::Target;
use common::Sweep;
use part::{Aim, Part};
use report::Report;

/// Carries out the command.
pub(crate) fn execute(args: &SweepArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    exit_of(check::check(args).map_err(CommandError::usage).and_then(|()| {
        let sweep = Sweep::new(args, is_verbose);
        match args.dry_run {
            true => sweep.dry_run(runtime),
            false => sweep.carry_out(runtime),
        }
    }))
}

impl Sweep<'_> {
    fn carry_out(&self, runtime: &Runtime) -> Result<Exit, CommandError> {
        let aims = self.aims(runtime)?;
        let folder = place::folder()?;
        evidence::make_folder(self.args)?;
        let mut report = Report::new(self.args);
        let mut parts = Vec::new();
        for aim in aims {
            parts.extend(report.independent(Part::open(self, &folder, aim))?);
        }
        let parts = self.list_all(parts, &mut report, runtime)?;
        let total = self.check(&parts)?;
        if parts.is_empty() {
            return Ok(report.exit());
        }
        let report = report.shared(self.args.max - total);
        thread::scope(|scope| {
            let runs: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| part.carry_out(self, &report))).collect();
            runs.into_iter().for_each(|run| report.join(run.join()));
        });
        Ok(report.conclude())
    }

    /// Each target as the arguments and the settings name it. Nothing is sent.
    fn aims(&self, runtime: &Runtime) -> Result<Vec<Aim>, CommandError> {
        let choices = Choices { method: self.args.method, delete_only: false };
        let describe = |settings: Settings| {
            let target = Target::of(settings.vendor, &self.args.method).map_err(CommandError::usage)?;
            let described = choices.describe(&settings, target, runtime)?;
            Ok(Aim { settings, target, described })
        };
        let settings = self.args.profile.choice().all(&self.args.vendors)?;
        let vendors: Vec<VendorName> = settings.iter().map(|settings| settings.vendor).collect();
        erasure_mode::explain_if_missing(&vendors, &self.args.method);
        let aims: Vec<Aim> = settings.into_iter().map(describe).collect::<Result<_, CommandError>>()?;
        refuse_twins(aims.iter().map(|aim| (&aim.settings, &aim.described)))?;
        Ok(aims)
    }

    /// Plans what the vendors list, for those that have no unfinished sweep. A vendor that cannot be listed is left out.
    fn list_all(
        &self,
        mut parts: Vec<Part>,
        report: &mut Report,
        runtime: &Runtime,
    ) -> Result<Vec<Part>, CommandError> {
        if let Some(time) = self.times.until() {
            notice(&format!(
                "--older-than is {} by this computer's clock: records before this time",
                timestamp::format(time)
            ));
        }
        let listed = runtime.block_on(join_all(parts.iter_mut().map(|part| part.list(self))));
        let mut kept = Vec::new();
        for (part, listed) in parts.into_iter().zip(listed) {
            kept.extend(report.independent(listed)?.map(|()| part));
        }
        Ok(kept)
    }

    /// Refuses what must not be deleted, before anything is sent. Returns how many records are to be deleted.
    fn check(&self, parts: &[Part]) -> Result<u64, CommandError> {
        let total = parts.iter().map(Part::to_delete).sum::<Result<u64, CommandError>>()?;
        if total > self.args.max {
            let records = count(total, "record");
            let message = format!("{records} to delete, and --max is {}: nothing was sent", self.args.max);
            return Err(CommandError::new(Exit::Unsafe, message));
        }
        let limit = holds::limit(parts.len());
        holds::check(&self.args.hold, parts.iter().map(|part| part.unmatched_holds(limit)).collect::<Result<_, _>>()?)?;
        match total {
            0 => {}
            _ => self.confirm(parts.iter().map(Part::subject).collect::<Result<_, _>>()?)?,
        }
        Ok(total)
    }
}
