//! Who deletes what in a run, and whether the environment is still the one of the plan.

mod reject_held;
mod truncated;
mod unchecked;

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use conversation_delete_job::{HoldCheck, Lane, Limits, Status, TargetNumber, TargetStatus};
use delete_core::{
    Clock, CredentialCheck, Deleter, Error, RateLimiter, RecordId, RecordReader, RejectActive, SystemClock,
    VerifyPolicy,
};
use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Trouble;
use super::accept::names_tenant;
use super::target::{self, DELETE_ONLY, ONE_BY_ONE, allows_active};
use crate::args::{TravelArgs, VendorName};
use crate::children::{ChildReports, cascade_options};
use crate::exit::Exit;
use crate::look;
use crate::progress::notice;
use crate::report::visible;
use crate::signals::unless_interrupted;
use crate::vendors::{self, Clients};
use reject_held::RejectHeld;
use truncated::WarnTruncated;
use unchecked::Unchecked;

type Held = RejectHeld<Arc<WarnTruncated<Box<dyn Deleter>>>>;
type Guard = RejectActive<Held, Arc<dyn RecordReader>>;

/// One vendor in a run.
pub(super) struct Party {
    pub(super) vendor: VendorName,
    status: TargetStatus,
    /// The target as the environment has it now.
    pub(super) now: conversation_delete_job::Target,
    /// The credential is neither the planned one nor one that was accepted before.
    pub(super) has_other_credential: bool,
    /// What the credential check confirmed.
    confirmed: Vec<String>,
    manner: Manner,
    limiter: Option<RateLimiter>,
    deleter: Arc<dyn Deleter>,
    reader: Arc<dyn RecordReader>,
    children: Option<Arc<ChildReports>>,
    hold_check: HoldCheck,
    /// The vendor wants no request before.
    not_before: Option<Instant>,
    /// Looks whether a record is over; `None` where nobody wants that.
    guard: Option<Arc<Guard>>,
    truncated: Arc<WarnTruncated<Box<dyn Deleter>>>,
    /// It repeats what may pass, as the client of `check` does.
    pub(super) checker: Arc<dyn RecordReader>,
    /// It tries each call once.
    prober: Arc<dyn RecordReader>,
}

/// How requests go, and what is proved by them.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    pub(super) travel: TravelArgs,
    pub(super) concurrency: usize,
    pub(super) rate: Option<f64>,
    /// The limit that a check of the credential before this run has kept.
    pub(super) limiter: Option<RateLimiter>,
    /// How to look after a delete, in a run that verifies.
    pub(super) looks: Option<VerifyPolicy>,
    /// Whether another credential than the planned one may be accepted.
    pub(super) accepts_credential: bool,
}

/// The vendors of a job for which there is something to do, in the order of the plan. Nothing is sent yet.
pub(super) fn parties(
    status: &Status,
    has_work: impl Fn(&TargetStatus) -> bool,
    manner: &Manner,
    runtime: &Runtime,
) -> Result<Vec<Party>, Trouble> {
    let targets = status.targets.iter().filter(|target| has_work(target));
    targets.map(|target| Party::new(target, manner, runtime)).collect()
}

impl Party {
    fn new(status: &TargetStatus, manner: &Manner, runtime: &Runtime) -> Result<Self, Trouble> {
        let planned = &status.target;
        let target = target::planned(planned).map_err(Trouble::usage)?;
        let now = target::of_environment(target, &planned.options, runtime).map_err(Trouble::usage)?;
        let has_other_credential = compare(status, &now, target.vendor_name(), manner.accepts_credential)?;
        let vendor = target.vendor_name();
        let cascade = target::children_choice(planned).map(|choice| cascade_options(choice, manner.looks));
        let limiter = manner.limiter.clone().or_else(|| vendors::rate_limiter(vendor, manner.rate));
        let Clients { deleter, reader, children } =
            vendors::connect_for_job(target, manner.travel, limiter.as_ref(), cascade).map_err(Trouble::usage)?;
        let checker = vendors::connect_reader(vendor, manner.travel, limiter.as_ref()).map_err(Trouble::usage)?;
        let checker: Arc<dyn RecordReader> = checker.into();
        // A list of many pages is begun anew where one of them fails, so pages are asked for again.
        let prober: Arc<dyn RecordReader> = reader.into();
        let reader = Arc::clone(if prober.prefers_bulk_lookup() { &checker } else { &prober });
        // The holds are checked after the lookup, right before the delete.
        let hold_check = children.as_ref().map_or_else(HoldCheck::default, |reports| reports.hold_check());
        let truncated = Arc::new(WarnTruncated::new(deleter));
        let deleter = RejectHeld::new(Arc::clone(&truncated), hold_check.clone());
        let (deleter, guard): (Arc<dyn Deleter>, _) = if allows_active(planned) {
            (Arc::new(deleter), None)
        } else {
            let guard = Arc::new(RejectActive::new(deleter, Arc::clone(&reader)));
            (Arc::clone(&guard) as _, Some(guard))
        };
        let status = status.clone();
        let (confirmed, not_before) = (Vec::new(), None);
        Ok(Self {
            vendor,
            status,
            now,
            has_other_credential,
            confirmed,
            manner: manner.clone(),
            limiter,
            deleter,
            reader,
            children,
            hold_check,
            not_before,
            guard,
            truncated,
            checker,
            prober,
        })
    }

    pub(super) fn number(&self) -> TargetNumber {
        self.status.number
    }

    fn has(&self, word: &str) -> bool {
        target::has_option(&self.status.target, word)
    }

    pub(super) fn lane(&self) -> Lane {
        let (deleter, reader) = (Arc::clone(&self.deleter), Arc::clone(&self.reader));
        let lane = Lane::new(self.number(), self.now.clone(), deleter, reader).with_hold_check(self.hold_check.clone());
        let mut lane = lane.with_limits(limits(self.vendor, &self.manner));
        if self.guard.is_some() && self.vendor != VendorName::Fini {
            lane = lane.with_requests_per_delete(2);
        }
        if self.has(ONE_BY_ONE) {
            lane = lane.with_max_batch(1);
        }
        if let Some(limiter) = &self.limiter {
            lane = lane.with_rate_limiter(limiter.clone());
        }
        if let Some(reports) = &self.children {
            lane = lane.with_children(reports.journal());
        }
        match self.not_before {
            Some(time) => lane.not_before(time),
            None => lane,
        }
    }

    pub(super) fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    /// Whether the credential check named the planned tenant.
    pub(super) fn names_planned_tenant(&self) -> bool {
        names_tenant(self.vendor, self.status.target.place.as_deref(), &self.confirmed)
    }

    /// Has the credential checked before the first delete, once the vendor gives valid responses again.
    fn put_off(&mut self, error: &Error) {
        let name = self.vendor.vendor();
        notice(&format!("warning: {name}: the credential is checked before the first delete, because now: {error}"));
        self.not_before = error.retry_after().and_then(|wait| Instant::now().checked_add(wait));
        self.deleter = Arc::new(Unchecked::new(Arc::clone(&self.deleter), Arc::clone(&self.prober)));
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// Says where records were deleted that could not be looked at before.
    pub(super) fn tell_of_unseen(&self) {
        self.truncated.report();
        look::tell_of_unseen(self.guard.as_ref().and_then(|guard| guard.first_unchecked()));
    }
}

fn limits(vendor: VendorName, manner: &Manner) -> Limits {
    let (requests, window) = vendors::FINI_LIMIT;
    let window = (vendor == VendorName::Fini && manner.rate.is_none()).then_some((requests as usize, window));
    Limits { concurrency: manner.concurrency, rate: manner.rate, window }
}

/// Refuses an environment that names another target than the plan. Returns whether its credential is still to be accepted.
fn compare(
    status: &TargetStatus,
    now: &conversation_delete_job::Target,
    vendor: VendorName,
    accepts_credential: bool,
) -> Result<bool, Trouble> {
    let Some(difference) = status.difference(now) else { return Ok(false) };
    let advice = match difference.is_acceptable() {
        true if accepts_credential => return Ok(true),
        true => "; if this is meant, as after a key was rotated, add --accept-credential to `run`",
        false => "",
    };
    let (name, variables) = (vendor.vendor(), vendor.variables());
    let difference = visible(&difference.to_string());
    let message = format!("{name}: {difference}: nothing was sent; look at {variables}{advice}");
    Err(Trouble::new(Exit::Unsafe, message))
}

/// Makes sure that the credentials work and are of the right places, before anything is deleted anywhere. After a job
/// has deleted, a workspace may well be empty, so that is not reported. A vendor that gives no valid response is
/// checked later, and keeps nobody else waiting, unless the check `must_be_now`.
pub(super) async fn check_places(
    parties: &mut [Party],
    must_read: bool,
    must_be_now: bool,
    deadline: Option<Instant>,
    signals: &mut UnboundedReceiver<()>,
) -> Result<(), Trouble> {
    let checks = parties.iter().map(|party| check(party.vendor, &*party.checker, UNDONE));
    let checks = before(deadline, join_all(checks));
    let checked = unless_interrupted(checks, signals).await.ok_or_else(|| interrupted(UNDONE))??;
    for (party, checked) in parties.iter_mut().zip(checked) {
        match checked {
            Ok(checked) => party.confirmed = checked.confirmed,
            // What replaces the planned credential, or reopens failures, is checked before anything is changed.
            Err(trouble) if party.has_other_credential || must_be_now => return Err(trouble),
            Err(trouble) if trouble.is_about_seeing && !must_read && party.has(DELETE_ONLY) => {
                notice(&format!("warning: not checked before: {trouble}"));
            }
            Err(Trouble { may_pass: Some(error), .. }) => party.put_off(&error),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(())
}

pub(super) const UNDONE: &str = "nothing was deleted";

pub(super) async fn before<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Result<T, Trouble> {
    let Some(deadline) = deadline else { return Ok(future.await) };
    let late = || Trouble::new(Exit::Stopped, format!("{UNDONE}: --deadline came while the credentials were checked"));
    tokio::time::timeout_at(deadline.into(), future).await.map_err(|_| late())
}

/// The check of one vendor, as the command `check` does it.
pub(super) async fn check_place(
    vendor: VendorName,
    reader: &dyn RecordReader,
    signals: &mut UnboundedReceiver<()>,
    consequence: &str,
) -> Result<CredentialCheck, Trouble> {
    let checked = unless_interrupted(check(vendor, reader, consequence), signals).await;
    checked.unwrap_or_else(|| Err(interrupted(consequence)))
}

pub(super) fn interrupted(consequence: &str) -> Trouble {
    Trouble::new(Exit::Stopped, format!("interrupted: {consequence}"))
}

async fn check(vendor: VendorName, reader: &dyn RecordReader, consequence: &str) -> Result<CredentialCheck, Trouble> {
    let checked = reader.check_credential().await.map_err(|error| {
        let trouble = Trouble::at(vendor, &error);
        Trouble { message: format!("{consequence}: {}", trouble.message), ..trouble }
    })?;
    if checked.may_delete == Some(false) {
        let (name, variables) = (vendor.vendor(), vendor.variables());
        let message = format!("{consequence}: {name}: the credential may read and not delete; look at {variables}");
        return Err(Trouble::new(Exit::CredentialRefused, message));
    }
    Ok(checked)
}

/// Says that there is nothing to be seen, where that would be strange.
pub(super) fn tell_of_emptiness(vendor: VendorName, checked: &CredentialCheck) {
    if !checked.sees_records {
        let (name, variables) = (vendor.vendor(), vendor.variables());
        notice(&format!(
            "warning: {name}: the credential sees no record at all: it may be of another workspace than meant; look at \
             {variables}"
        ));
    }
}
