//! One target of a sweep.

use std::path::Path;

use conversation_delete_job::{Status, UnmatchedHolds};
use delete_core::timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout_at;

use super::common::Sweep;
use super::holds;
use super::place::Place;
use super::report::Shared;
use crate::confirm::{NAMED_IDS, Subject};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{JobState, quoted, read, shown};
use crate::notice::notice;
use crate::plan::draft::Draft;
use crate::report::{Outcome, count};
use crate::settings::{Settings, method_options};
use crate::stopping;
use crate::vendor::Target;

/// Where a part of a sweep deletes, and how.
pub(super) struct Aim {
    pub(super) settings: Settings,
    pub(super) target: Target,
    /// The target as a job names it.
    pub(super) described: conversation_delete_job::Target,
}

/// One target of a sweep.
pub(super) struct Part {
    pub(super) aim: Aim,
    pub(super) start: Start,
    /// Dropped after a draft, whose file it locks. `None` in a dry run.
    place: Option<Place>,
}

/// What a sweep of a target begins with.
pub(super) enum Start {
    /// What an earlier sweep left, and the holds that match nothing of it.
    Unfinished(Box<Status>, UnmatchedHolds),
    Fresh(Box<Draft>),
}

impl Part {
    /// Locks the target, and finds what an earlier sweep left there.
    pub(super) fn open(sweep: &Sweep<'_>, folder: &Path, aim: Aim) -> Result<Self, CommandError> {
        let place = Place::take(folder, &aim.described)?;
        let start = match unfinished(&place.job)? {
            Some(status) => {
                check_unfinished(sweep, &place.job, &status, &aim.described)?;
                let unmatched = holds::add(sweep.args, &place.job)?;
                Start::Unfinished(Box::new(status), unmatched)
            }
            None => Start::Fresh(Box::new(draft(sweep, &place, &aim)?)),
        };
        Ok(Self { aim, start, place: Some(place) })
    }

    /// The same for a dry run, which leaves what an earlier sweep left.
    pub(super) fn in_memory(sweep: &Sweep<'_>, aim: Aim) -> Result<Self, CommandError> {
        let draft = Draft::in_memory(sweep.args.max, vec![aim.described.clone()])?;
        let start = Start::Fresh(Box::new(with_holds(sweep, draft)?));
        Ok(Self { aim, start, place: None })
    }

    /// Plans what the vendor lists, if no earlier sweep is to be finished.
    pub(super) async fn list(&mut self, sweep: &Sweep<'_>) -> Result<(), CommandError> {
        match &mut self.start {
            Start::Unfinished(..) => Ok(()),
            Start::Fresh(draft) => list(sweep, draft, &self.aim).await,
        }
    }

    /// How many records it would delete.
    pub(super) fn to_delete(&self) -> Result<u64, CommandError> {
        match &self.start {
            Start::Unfinished(status, _) => Ok(open(status)),
            Start::Fresh(draft) => draft.to_delete(),
        }
    }

    /// The holds that match nothing here.
    pub(super) fn unmatched_holds(&self, limit: usize) -> Result<UnmatchedHolds, CommandError> {
        match &self.start {
            Start::Unfinished(_, unmatched) => Ok(unmatched.clone()),
            Start::Fresh(draft) => draft.unmatched(limit),
        }
    }

    /// What the question names.
    pub(super) fn subject(&self) -> Result<Subject<'_>, CommandError> {
        match &self.start {
            Start::Fresh(draft) => subject(draft, &self.aim),
            Start::Unfinished(status, _) => Ok(Subject {
                target: &self.aim.described,
                count: open(status),
                first_ids: Vec::new(),
                more: vec![("plan", "left by an unfinished sweep".to_owned())],
            }),
        }
    }

    /// Runs what is planned. After an unfinished sweep it lists anew, and deletes the rest.
    pub(super) fn carry_out(self, sweep: &Sweep<'_>, report: &Shared<'_>) {
        let built = Builder::new_current_thread().enable_all().build();
        let built =
            built.map_err(|error| CommandError::new(Exit::Fault, format!("the runtime does not start: {error}")));
        if let Err(error) = built.and_then(|runtime| self.run(sweep, report, &runtime)) {
            report.fail(error);
        }
    }

    fn run(self, sweep: &Sweep<'_>, report: &Shared<'_>, runtime: &Runtime) -> Result<(), CommandError> {
        let Self { aim, start, place } = self;
        let vendor = aim.settings.name();
        let Some(place) = place else { return Ok(()) };
        let draft = match start {
            Start::Fresh(draft) => draft,
            Start::Unfinished(status, _) => {
                let planned_at = status.planned_at.as_deref().unwrap_or("an unknown time");
                let open = count(open(&status), "id");
                notice(&format!("{vendor}: finishing the sweep that was planned at {planned_at}: {open} to go"));
                let Some(held) = sweep.run_job(&place.job, &aim.settings, report, runtime)? else {
                    return Ok(());
                };
                if !held.is_empty() {
                    let held = count(held.len() as u64, "record");
                    notice(&format!(
                        "{vendor}: {held} held there, and so in this sweep; later ones hold what --hold names"
                    ));
                }
                if sweep.is_late() || stopping::since().is_some() {
                    let message = format!("{vendor}: an earlier sweep was finished; there was no time to list anew");
                    return Err(CommandError::new(Exit::Stopped, message));
                }
                let mut draft = draft(sweep, &place, &aim)?;
                held.iter().try_for_each(|id| draft.add_hold(id))?;
                // What it saw may just have been deleted.
                draft.may_see_none = true;
                runtime.block_on(list(sweep, &mut draft, &aim))?;
                report.claim(draft.to_delete()?)?;
                if draft.to_delete()? > 0 {
                    sweep.confirm(vec![subject(&draft, &aim)?])?;
                }
                Box::new(draft)
            }
        };
        if draft.to_delete()? == 0 {
            notice(&format!("{vendor}: there is nothing to delete"));
        }
        draft.finish()?;
        place.adopt_plan()?;
        sweep.run_job(&place.job, &aim.settings, report, runtime).map(drop)
    }
}

/// What the question names of a plan.
fn subject<'a>(draft: &Draft, aim: &'a Aim) -> Result<Subject<'a>, CommandError> {
    let (count, first_ids) = (draft.to_delete()?, draft.first_planned(NAMED_IDS)?);
    let mut more = Vec::new();
    if let Some((oldest, newest)) = draft.counts.span {
        more.extend([("oldest", timestamp::format(oldest)), ("newest", timestamp::format(newest))]);
    }
    let held = draft.counts.ids.saturating_sub(count);
    if held > 0 {
        more.push(("held, not deleted", held.to_string()));
    }
    Ok(Subject { target: &aim.described, count, first_ids, more })
}

fn open(status: &Status) -> u64 {
    status.targets.iter().map(|target| target.outcomes.get(Outcome::NotAttempted)).sum()
}

/// The job that an earlier sweep left.
fn unfinished(job: &Path) -> Result<Option<Status>, CommandError> {
    if job.symlink_metadata().is_err() {
        return Ok(None);
    }
    let status = read(job)?;
    match JobState::of(&status) {
        JobState::Running => {
            let holder = status.holder.unwrap_or_default();
            let message = format!("the unfinished sweep in {} is being run by {holder}: nothing was sent", shown(job));
            Err(CommandError::new(Exit::Stopped, message))
        }
        _ => Ok(Some(status)),
    }
}

/// Refuses what an earlier sweep planned if this one would not delete it, or not so.
fn check_unfinished(
    sweep: &Sweep<'_>,
    job: &Path,
    status: &Status,
    now: &conversation_delete_job::Target,
) -> Result<(), CommandError> {
    let is_so = |target: &conversation_delete_job::Target| {
        target.mode == now.mode && method_options(target).eq(method_options(now))
    };
    let until = status.until.as_deref().and_then(timestamp::parse);
    let reason = if !status.targets.iter().all(|target| is_so(&target.target)) {
        "was to delete in another way (--hard, --soft, --children, --allow-active, --one-by-one, --single)"
    } else if until.is_none() || until > sweep.times.until() {
        "was to delete younger records"
    } else {
        return Ok(());
    };
    let message = format!(
        "the unfinished sweep in {} {reason}: nothing was sent; finish it with `conversation-delete run {}`, or remove it",
        shown(job),
        quoted(job)
    );
    Err(CommandError::new(Exit::Unsafe, message))
}

fn draft(sweep: &Sweep<'_>, place: &Place, aim: &Aim) -> Result<Draft, CommandError> {
    place.remove_plan()?;
    with_holds(sweep, Draft::begin(&place.plan, sweep.args.max, vec![aim.described.clone()])?)
}

/// The holds may be ids of any of the vendors.
fn with_holds(sweep: &Sweep<'_>, mut draft: Draft) -> Result<Draft, CommandError> {
    draft.add_holds(&sweep.args.hold, &sweep.args.column, &sweep.args.vendors)?;
    Ok(draft)
}

async fn list(sweep: &Sweep<'_>, draft: &mut Draft, aim: &Aim) -> Result<(), CommandError> {
    let settings = std::slice::from_ref(&aim.settings);
    let listing = draft.add_lists(&sweep.filter, &sweep.times, sweep.args.travel, settings);
    match sweep.deadline {
        None => listing.await,
        Some(deadline) => timeout_at(deadline.into(), listing).await.unwrap_or_else(|_| {
            let message =
                format!("{}: --deadline came while the list was read: nothing was planned", aim.settings.name());
            Err(CommandError::new(Exit::Stopped, message))
        }),
    }?;
    sweep.check_clock()
}
