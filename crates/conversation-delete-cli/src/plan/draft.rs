//! A plan that is being written to a job.

use std::ffi::OsString;
use std::path::Path;

use conversation_delete_job::{JobLocation, Plan, Planner, TargetNumber, UnmatchedHolds};
use delete_core::{Error, Filter, Listing, RecordId, RecordMeta, Status};
use tokio::sync::mpsc::UnboundedReceiver;

use super::bounds;
use super::holds::{self, Unmatched};
use super::input::{self, InputCounts};
use crate::args::{ColumnArgs, FileArgs, FilterArgs, HoldArgs, TravelArgs, VendorName};
use crate::engine::credential::{check_credential, warn_if_empty};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{PROGRAM, shown, warn_of_network};
use crate::notice::notice;
use crate::report::count;
use crate::settings::Settings;
use crate::signals::{self, DraftGuard, unless_interrupted};
use crate::vendor::Lister;

/// Found out before anything is sent.
pub(crate) fn check_out(out: &Path) -> Result<(), CommandError> {
    if out.symlink_metadata().is_ok() {
        return Err(CommandError::usage(format!("{} exists; a job is never written over a file", shown(out))));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(CommandError::usage(format!("there is no folder {}", shown(folder)))),
        _ => Ok(Planner::check_names(out)?),
    }
}

/// A plan that is being written. Where it is dropped before its end, no file stays.
pub(crate) struct Draft {
    max: u64,
    planner: Planner,
    /// Until the plan is complete, a signal removes its file.
    _guard: Option<DraftGuard>,
    numbers: Vec<TargetNumber>,
    holds: u64,
    /// Nothing is wrong with a credential that sees no record.
    pub(crate) may_see_none: bool,
    pub(crate) counts: InputCounts,
}

impl Draft {
    pub(crate) fn begin(
        out: &Path,
        max: u64,
        targets: Vec<conversation_delete_job::Target>,
    ) -> Result<Self, CommandError> {
        let create = || Planner::create(out, PROGRAM).map_err(CommandError::from);
        let (planner, guard) = DraftGuard::around(out, create)?;
        warn_of_network(out);
        Self::new(planner, Some(guard), max, targets)
    }

    /// Begins a plan in memory.
    pub(crate) fn in_memory(max: u64, targets: Vec<conversation_delete_job::Target>) -> Result<Self, CommandError> {
        Self::new(Planner::in_memory(PROGRAM)?, None, max, targets)
    }

    fn new(
        mut planner: Planner,
        guard: Option<DraftGuard>,
        max: u64,
        targets: Vec<conversation_delete_job::Target>,
    ) -> Result<Self, CommandError> {
        let numbers = targets.iter().map(|target| planner.target(target)).collect::<Result<_, _>>()?;
        Ok(Self { max, planner, _guard: guard, numbers, holds: 0, may_see_none: false, counts: InputCounts::default() })
    }

    /// Returns where the job is.
    pub(crate) fn location(&self) -> JobLocation {
        self.planner.location()
    }

    /// Holds the ids in files, before any is added.
    pub(crate) fn add_holds(
        &mut self,
        args: &HoldArgs,
        column: &ColumnArgs,
        vendors: &[VendorName],
    ) -> Result<(), CommandError> {
        let planner = &mut self.planner;
        self.holds = holds::read(args, column, vendors, |ids, place| planner.hold_in_forms(ids, place))?;
        Ok(())
    }

    /// Holds one more id, before any is added.
    pub(crate) fn add_hold(&mut self, id: &RecordId) -> Result<(), CommandError> {
        self.planner.hold(id)?;
        self.holds += 1;
        Ok(())
    }

    /// The holds that match nothing of what was added.
    pub(crate) fn unmatched_holds(&self, args: &HoldArgs) -> Result<Unmatched, CommandError> {
        Ok(Unmatched::of_job(args, &self.unmatched(holds::NAMED)?))
    }

    /// The same, at most `limit` of them.
    pub(crate) fn unmatched(&self, limit: usize) -> Result<UnmatchedHolds, CommandError> {
        match self.holds {
            0 => Ok(UnmatchedHolds::default()),
            _ => Ok(self.planner.unmatched_holds(limit)?),
        }
    }

    /// Adds the ids that the arguments name to the first target. Whatever is held, it reads no more than one above the
    /// maximum.
    pub(crate) fn add_ids(
        &mut self,
        vendor: VendorName,
        ids: &[OsString],
        file: &FileArgs,
    ) -> Result<(), CommandError> {
        let target = (self.numbers[0], vendor);
        self.counts = input::read(ids, file, self.most_ids(), &mut self.planner, target)?;
        Ok(())
    }

    fn most_ids(&self) -> u64 {
        self.max.saturating_add(self.holds)
    }

    /// Adds a record that a list shows. It needs no lookup before its delete if its status is a final one.
    fn add_listed(
        &mut self,
        number: TargetNumber,
        record: &RecordMeta,
        final_statuses: &[Status],
    ) -> Result<bool, CommandError> {
        let is_over = record.status().is_some_and(|status| final_statuses.contains(status));
        let is_new = self.planner.add_listed(number, record, is_over)?;
        self.counts.add_listed(record, is_new);
        self.check_max()?;
        Ok(is_new)
    }

    /// Refuses more records than the maximum, whatever is held.
    pub(crate) fn check_max(&self) -> Result<(), CommandError> {
        if self.counts.ids > self.most_ids() {
            return Err(self.too_many(&format!("more than {}", self.max)));
        }
        Ok(())
    }

    /// How many ids are planned, without those that are held; `None` if it is above the maximum.
    pub(crate) fn planned(&self) -> Result<Option<u64>, CommandError> {
        let planned = self.to_delete()?;
        Ok(Some(planned).filter(|planned| *planned <= self.max && self.counts.ids <= self.most_ids()))
    }

    /// How many ids are planned, without those that are held.
    pub(crate) fn to_delete(&self) -> Result<u64, CommandError> {
        Ok(self.planner.planned()?)
    }

    /// The first ids that are to be deleted.
    pub(crate) fn first_planned(&self, count: u32) -> Result<Vec<String>, CommandError> {
        Ok(self.planner.first_planned(count)?)
    }

    /// Changes the options of the one target.
    pub(crate) fn set_options(&mut self, target: &conversation_delete_job::Target) -> Result<(), CommandError> {
        Ok(self.planner.set_options(self.numbers[0], &target.options)?)
    }

    fn too_many(&self, number: &str) -> CommandError {
        let message = format!("{number} to delete, and --max is {}: nothing was planned", self.max);
        CommandError::new(Exit::Unsafe, message)
    }

    /// Adds the records of these times that all targets list; `settings` are those of the targets, in their order.
    pub(crate) async fn add_lists(
        &mut self,
        filter: &FilterArgs,
        times: &Filter,
        travel: TravelArgs,
        settings: &[Settings],
    ) -> Result<(), CommandError> {
        let mut signals = signals::listen();
        let mut listers = Vec::new();
        for settings in settings {
            let lister = Lister::connect(settings, travel).map_err(CommandError::usage)?;
            let checked = check_credential(settings, lister.reader(), &mut signals, "nothing was planned").await?;
            if !self.may_see_none {
                warn_if_empty(settings, &checked);
            }
            listers.push(lister);
        }
        if listers.is_empty() {
            return Ok(());
        }
        self.planner.record_bounds(times.since(), times.until())?;
        for (index, (lister, settings)) in listers.iter().zip(settings).enumerate() {
            let number = self.numbers[index];
            bounds::warn_uncompared(filter, settings.vendor, lister.reader());
            if let Some(skew) = lister.reader().clock_skew() {
                self.planner.record_clock_skew(number, skew)?;
            }
            let listing = lister.list(times, filter).map_err(|error| CommandError::at(settings, &error))?;
            self.add_list(number, settings, lister.reader().final_statuses(), listing, &mut signals).await?;
        }
        Ok(())
    }

    async fn add_list(
        &mut self,
        number: TargetNumber,
        settings: &Settings,
        final_statuses: &[Status],
        mut listing: Listing,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<(), CommandError> {
        let mut merged = 0;
        // What it is about shows only afterwards: one record, or the whole list, which goes no further then.
        let mut error: Option<Error> = None;
        while let Some(next) = unless_interrupted(listing.next(), signals).await {
            if let Some(error) = error.take_if(|_| next.is_some() || listing.has_reached_end()) {
                notice(&format!("warning: not planned: {error}"));
                self.planner.refuse(settings.vendor.vendor().as_str(), "list", None, "", &error.to_string())?;
            }
            match (next, error.take()) {
                (None, None) => return Ok(self.planner.merged(number, merged)?),
                (None, Some(error)) => return Err(broken_off(settings, &error)),
                (Some(Err(problem)), _) => error = Some(problem),
                (Some(Ok(found)), _) => merged += u64::from(!self.add_listed(number, &found, final_statuses)?),
            }
        }
        Err(CommandError::new(Exit::Stopped, "interrupted: the list is not complete, so nothing was planned"))
    }

    /// Refuses more records than the maximum, of those that are not held.
    pub(crate) fn check_planned(&self) -> Result<(), CommandError> {
        match self.to_delete()? {
            planned if planned > self.max => Err(self.too_many(&count(planned, "record"))),
            _ => Ok(()),
        }
    }

    pub(crate) fn finish(self) -> Result<Plan, CommandError> {
        Ok(self.planner.finish()?)
    }
}

fn broken_off(settings: &Settings, error: &Error) -> CommandError {
    let trouble = CommandError::at(settings, error);
    CommandError {
        message: format!("the list is not complete, so nothing was planned: {}", trouble.message),
        ..trouble
    }
}

#[cfg(test)]
pub(super) mod tests;
