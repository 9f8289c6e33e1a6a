//! Who deletes what in a run, and whether the environment is still the one of the plan.

mod truncated;

use std::sync::Arc;
use std::time::Instant;

use conversation_delete_job::{HoldCheck, Lane, Limits, Status, TargetNumber, TargetStatus};
use delete_core::{Clock, Deleter, Error, RateLimiter, RecordId, RecordReader, SystemClock, VerifyPolicy};
use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::credential::{UNDONE, before, check, interrupted};
use crate::args::{TravelArgs, VendorName};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::metrics;
use crate::notice::notice;
use crate::plan::target::{self, DELETE_ONLY, ONE_BY_ONE, allows_active};
use crate::report::{ProgressReporter, visible};
use crate::settings::Settings;
use crate::signals::unless_interrupted;
use crate::vendor::children::{ChildReports, cascade_options};
use crate::vendor::{self, Clients};
use truncated::WarnTruncated;

/// One vendor in a run.
pub(crate) struct VendorRun {
    pub(crate) vendor: VendorName,
    pub(crate) settings: Settings,
    status: TargetStatus,
    /// The target as the settings have it now.
    pub(crate) now: conversation_delete_job::Target,
    /// The credential is neither the planned one nor one that was accepted before.
    pub(crate) has_other_credential: bool,
    /// What the credential check confirmed.
    confirmed: Vec<String>,
    run_settings: RunSettings,
    limiter: Option<RateLimiter>,
    deleter: Arc<dyn Deleter>,
    reader: Arc<dyn RecordReader>,
    children: Option<Arc<ChildReports>>,
    hold_check: HoldCheck,
    /// The vendor wants no request before.
    not_before: Option<Instant>,
    /// Only records that are over are deleted.
    reject_active: bool,
    /// The credential is checked before the first delete.
    checks_late: bool,
    truncated: Arc<WarnTruncated<Box<dyn Deleter>>>,
    /// It repeats what may pass, as the client of `check` does.
    pub(crate) checker: Arc<dyn RecordReader>,
    /// It tries each call once.
    prober: Arc<dyn RecordReader>,
}

/// Reports how far the lanes are with `total` ids.
pub(crate) fn progress(vendor_runs: &[VendorRun], total: u64, may_draw: bool) -> ProgressReporter {
    let job = metrics::name_targets(vendor_runs.iter().map(|run| (run.number(), run.vendor.vendor().as_str())));
    let name = |run: &VendorRun| (run.number(), run.settings.name());
    ProgressReporter::new(vendor_runs.iter().map(name).collect(), total, may_draw, job)
}

/// How requests go, and what is proved by them.
#[derive(Clone, Debug)]
pub(crate) struct RunSettings {
    pub(crate) travel: TravelArgs,
    pub(crate) concurrency: usize,
    pub(crate) rate: Option<f64>,
    /// The limit that a check of the credential before this run has kept.
    pub(crate) limiter: Option<RateLimiter>,
    /// How to look after a delete, in a run that verifies.
    pub(crate) looks: Option<VerifyPolicy>,
    /// Whether another credential than the planned one may be accepted.
    pub(crate) accepts_credential: bool,
}

/// The vendors of a job for which there is something to do, in the order of the plan. Nothing is sent yet. `settings` are
/// those of the job's targets, in their order.
pub(crate) fn vendor_runs(
    status: &Status,
    settings: &[Settings],
    has_work: impl Fn(&TargetStatus) -> bool,
    run_settings: &RunSettings,
    runtime: &Runtime,
) -> Result<Vec<VendorRun>, CommandError> {
    let targets = status.targets.iter().zip(settings).filter(|(target, _)| has_work(target));
    targets.map(|(target, settings)| VendorRun::new(target, settings, run_settings, runtime)).collect()
}

impl VendorRun {
    fn new(
        status: &TargetStatus,
        settings: &Settings,
        run_settings: &RunSettings,
        runtime: &Runtime,
    ) -> Result<Self, CommandError> {
        let planned = &status.target;
        let target = target::planned(planned).map_err(CommandError::usage)?;
        let now = target::of_settings(settings, target, &planned.options, runtime).map_err(CommandError::usage)?;
        let has_other_credential = compare(status, &now, settings, run_settings.accepts_credential)?;
        let vendor = target.vendor_name();
        let cascade = target::children_choice(planned).map(|choice| cascade_options(choice, run_settings.looks));
        let limiter = run_settings.limiter.clone().or_else(|| vendor::rate_limiter(vendor, run_settings.rate));
        let Clients { deleter, reader, children } =
            vendor::connect_for_job(settings, target, run_settings.travel, limiter.as_ref(), cascade)
                .map_err(CommandError::usage)?;
        let checker =
            vendor::connect_reader(settings, run_settings.travel, limiter.as_ref()).map_err(CommandError::usage)?;
        let checker: Arc<dyn RecordReader> = checker.into();
        // A list of many pages is begun anew where one of them fails, so pages are asked for again.
        let prober: Arc<dyn RecordReader> = reader.into();
        let reader = Arc::clone(if prober.prefers_bulk_lookup() { &checker } else { &prober });
        // The lane checks the holds right before each delete. Children are deleted before their interaction.
        let hold_check = children.as_ref().map_or_else(HoldCheck::default, |reports| reports.hold_check());
        let truncated = Arc::new(WarnTruncated::new(deleter));
        let deleter: Arc<dyn Deleter> = Arc::clone(&truncated) as _;
        let reject_active = !allows_active(planned);
        let status = status.clone();
        let (confirmed, not_before) = (Vec::new(), None);
        Ok(Self {
            vendor,
            settings: settings.clone(),
            status,
            now,
            has_other_credential,
            confirmed,
            run_settings: run_settings.clone(),
            limiter,
            deleter,
            reader,
            children,
            hold_check,
            not_before,
            reject_active,
            checks_late: false,
            truncated,
            checker,
            prober,
        })
    }

    pub(crate) fn number(&self) -> TargetNumber {
        self.status.number
    }

    fn has(&self, word: &str) -> bool {
        target::has_option(&self.status.target, word)
    }

    pub(crate) fn lane(&self) -> Lane {
        let (deleter, reader) = (Arc::clone(&self.deleter), Arc::clone(&self.reader));
        let lane = Lane::new(self.number(), self.now.clone(), deleter, reader).with_hold_check(self.hold_check.clone());
        let mut lane = lane.with_limits(limits(self.vendor, &self.run_settings));
        lane = lane.with_reject_active(self.reject_active);
        if self.checks_late {
            lane = lane.with_checker(Arc::clone(&self.prober));
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

    pub(crate) fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    /// Whether the credential check named the planned tenant.
    pub(crate) fn names_planned_tenant(&self) -> bool {
        names_tenant(self.vendor, self.status.target.place.as_deref(), &self.confirmed)
    }

    /// Has the credential checked before the first delete, once the vendor gives valid responses again.
    fn put_off(&mut self, error: &Error) {
        let name = self.settings.name();
        notice(&format!("warning: {name}: the credential is checked before the first delete, because now: {error}"));
        self.not_before = error.retry_after().and_then(|wait| Instant::now().checked_add(wait));
        self.checks_late = true;
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// Says where records were deleted that could not be looked at before.
    pub(crate) fn warn_unchecked(&self) {
        self.truncated.report();
    }
}

fn limits(vendor: VendorName, settings: &RunSettings) -> Limits {
    let (requests, window) = vendor::FINI_LIMIT;
    let window = (vendor == VendorName::Fini && settings.rate.is_none()).then_some((requests as usize, window));
    Limits { concurrency: settings.concurrency, rate: settings.rate, window }
}

/// Refuses settings that name another target than the plan. Returns whether its credential is still to be accepted.
pub(crate) fn compare(
    status: &TargetStatus,
    now: &conversation_delete_job::Target,
    settings: &Settings,
    accepts_credential: bool,
) -> Result<bool, CommandError> {
    let Some(difference) = status.difference(now) else { return Ok(false) };
    let advice = match difference.is_acceptable() {
        true if accepts_credential => return Ok(true),
        true => "; if this is meant, as after a key was rotated, add --accept-credential to `run`",
        false => "",
    };
    let (name, to_check) = (settings.name(), settings.to_check());
    let difference = visible(&difference.to_string());
    let message = format!("{name}: {difference}: nothing was sent; look at {to_check}{advice}");
    Err(CommandError::new(Exit::Unsafe, message))
}

/// Makes sure that the credentials work and are of the right places, before anything is deleted anywhere. After a job
/// has deleted, a workspace may well be empty, so that is not reported. A vendor that gives no valid response is
/// checked later, and keeps nobody else waiting, unless the check `must_be_now`.
pub(crate) async fn check_all(
    vendor_runs: &mut [VendorRun],
    must_read: bool,
    must_be_now: bool,
    deadline: Option<Instant>,
    signals: &mut UnboundedReceiver<()>,
) -> Result<(), CommandError> {
    let checks = vendor_runs.iter().map(|vendor_run| check(&vendor_run.settings, &*vendor_run.checker, UNDONE));
    let checks = before(deadline, join_all(checks));
    let checked = unless_interrupted(checks, signals).await.ok_or_else(|| interrupted(UNDONE))??;
    for (vendor_run, checked) in vendor_runs.iter_mut().zip(checked) {
        match checked {
            Ok(checked) => vendor_run.confirmed = checked.confirmed,
            // What replaces the planned credential, or reopens failures, is checked before anything is changed.
            Err(error) if vendor_run.has_other_credential || must_be_now => return Err(error),
            Err(error) if error.is_read_denied && !must_read && vendor_run.has(DELETE_ONLY) => {
                notice(&format!("warning: not checked before: {error}"));
            }
            Err(CommandError { transient: Some(error), .. }) => vendor_run.put_off(&error),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether what a check confirmed is enough to know the workspace: at Corti, the token's tenant and environment. An
/// environment of its own has no name: there both addresses are equal to the planned ones.
fn names_tenant(vendor: VendorName, place: Option<&str>, confirmed: &[String]) -> bool {
    let has = |word: &str| confirmed.iter().any(|part| part.starts_with(word));
    let is_custom = place.is_some_and(|place| place.ends_with("environment custom"));
    vendor == VendorName::Corti && has("tenant ") && (is_custom || has("environment "))
}
