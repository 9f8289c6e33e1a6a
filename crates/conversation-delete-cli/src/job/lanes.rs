//! Who deletes what in a run, and whether the environment is still the one of the plan.

use std::sync::Arc;
use std::time::Duration;

use delete_core::{Clock, Deleter, LiveGuard, Preflight, Reader};
use delete_job::{Lane, Limits, Status, TargetNumber, TargetStatus};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Trouble;
use super::target::{self, ALLOW_LIVE, CHILDREN};
use crate::cli::{TravelArgs, VendorName};
use crate::exit::Exit;
use crate::progress::notice;
use crate::signals::unless_interrupted;
use crate::vendors::{self, Target};

/// What Fini documents: so many requests within a minute.
const FINI_WINDOW: (usize, Duration) = (100, Duration::from_secs(60));

type Guard = LiveGuard<Box<dyn Deleter>, Arc<dyn Reader>>;

/// One vendor in a run.
pub(super) struct Party {
    pub(super) vendor: VendorName,
    lane: Lane,
    /// Looks whether a record is over; `None` where nobody wants that.
    guard: Option<Arc<Guard>>,
    /// It repeats what may pass, as the client of `check` does.
    checker: Box<dyn Reader>,
}

/// How requests go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) concurrency: usize,
    pub(super) rate: Option<f64>,
}

/// The vendors of a job for which there is something to do, in the order of the plan. Nothing is sent yet.
pub(super) fn parties(
    status: &Status,
    has_work: impl Fn(&TargetStatus) -> bool,
    travel: TravelArgs,
    pace: Pace,
    runtime: &Runtime,
) -> Result<Vec<Party>, Trouble> {
    let targets = status.targets.iter().filter(|target| has_work(target));
    targets.map(|target| Party::new(target, travel, pace, runtime)).collect()
}

impl Party {
    fn new(status: &TargetStatus, travel: TravelArgs, pace: Pace, runtime: &Runtime) -> Result<Self, Trouble> {
        let planned = &status.target;
        let target = target::planned(planned).map_err(Trouble::usage)?;
        compare(planned, target, runtime)?;
        let with_children = target::has_option(planned, CHILDREN);
        let clients = vendors::connect_for_job(target, with_children, travel).map_err(Trouble::usage)?;
        let vendor = target.vendor_name();
        let checker = vendors::connect_reader(vendor, travel).map_err(Trouble::usage)?;
        let reader: Arc<dyn Reader> = clients.reader.into();
        let (deleter, guard): (Arc<dyn Deleter>, _) = if target::has_option(planned, ALLOW_LIVE) {
            (clients.deleter.into(), None)
        } else {
            let guard = Arc::new(LiveGuard::new(clients.deleter, Arc::clone(&reader)));
            (Arc::clone(&guard) as _, Some(guard))
        };
        let window = (vendor == VendorName::Fini).then_some(FINI_WINDOW);
        let limits = Limits { concurrency: pace.concurrency, rate: pace.rate, window };
        Ok(Self { vendor, lane: Lane { target: status.number, deleter, reader, limits }, guard, checker })
    }

    pub(super) fn number(&self) -> TargetNumber {
        self.lane.target
    }

    pub(super) fn lane(&self) -> Lane {
        self.lane.clone()
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        self.lane.reader.clock()
    }

    /// Says where records were deleted that could not be looked at before.
    pub(super) fn tell_of_unseen(&self) {
        if let Some(error) = self.guard.as_ref().and_then(|guard| guard.unseen()) {
            notice(&format!("warning: records were deleted that could not be looked at before, live or not: {error}"));
        }
    }
}

/// Whether the environment names what the plan names.
fn compare(planned: &delete_job::Target, target: Target, runtime: &Runtime) -> Result<(), Trouble> {
    let vendor = target.vendor_name();
    let now = target::of_environment(target, &planned.options, runtime).map_err(Trouble::usage)?;
    match planned.difference(&now) {
        None => Ok(()),
        Some(difference) => {
            let (name, variables) = (vendor.vendor(), vendor.variables());
            let message = format!("{name}: {difference}: nothing was sent; look at {variables}");
            Err(Trouble::new(Exit::Unsafe, message))
        }
    }
}

/// Makes sure that the credentials work and are of the right places, before anything is deleted anywhere. After a job
/// has deleted, a workspace may well be empty, so that nothing is said of that.
pub(super) async fn check_places(parties: &[Party], signals: &mut UnboundedReceiver<()>) -> Result<(), Trouble> {
    for party in parties {
        check_place(party.vendor, &*party.checker, signals, "nothing was deleted").await?;
    }
    Ok(())
}

/// The check of one vendor, as the command `check` does it.
pub(super) async fn check_place(
    vendor: VendorName,
    reader: &dyn Reader,
    signals: &mut UnboundedReceiver<()>,
    consequence: &str,
) -> Result<Preflight, Trouble> {
    let name = vendor.vendor();
    let checked = unless_interrupted(reader.check(), signals).await;
    let checked = checked.ok_or_else(|| Trouble::new(Exit::Stopped, format!("interrupted: {consequence}")))?;
    let preflight = checked.map_err(|error| {
        let trouble = Trouble::at(vendor, &error);
        Trouble { message: format!("{consequence}: {}", trouble.message), ..trouble }
    })?;
    if preflight.may_delete() == Some(false) {
        let variables = vendor.variables();
        let message = format!("{consequence}: {name}: the credential may read and not delete; look at {variables}");
        return Err(Trouble::new(Exit::CredentialRefused, message));
    }
    Ok(preflight)
}

/// Says that there is nothing to be seen, where that would be strange.
pub(super) fn tell_of_emptiness(vendor: VendorName, preflight: &Preflight) {
    if !preflight.sees_records() {
        let (name, variables) = (vendor.vendor(), vendor.variables());
        notice(&format!(
            "warning: {name}: the credential sees no record at all: it may be of another workspace than meant; look at \
             {variables}"
        ));
    }
}
