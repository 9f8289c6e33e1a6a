//! What the metrics count.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::{Counts, ProgressEvent, RecordOutcome, Status, StopHandle, TargetNumber, Waiting};

/// A target of a job of this process.
pub(super) type Lane = (u64, TargetNumber);

/// What is known so far.
#[derive(Default)]
pub(super) struct State {
    /// Several jobs may be run at once.
    pub(super) vendors: BTreeMap<Lane, &'static str>,
    pub(super) records: BTreeMap<(String, &'static str), u64>,
    /// Records without an outcome.
    pub(super) open: BTreeMap<String, u64>,
    pub(super) lookups: BTreeMap<(String, &'static str), u64>,
    pub(super) requests: BTreeMap<Request, u64>,
    pub(super) waits: BTreeMap<(&'static str, &'static str), Duration>,
    /// Until when each target waits.
    pub(super) waiting_until: BTreeMap<Lane, Instant>,
    pub(super) stops: Vec<StopHandle>,
    /// In seconds since 1970, as an earlier run wrote it.
    pub(super) last_success: Option<String>,
    pub(super) ended: Option<(SystemTime, u8)>,
    pub(super) has_warned: bool,
}

/// What is counted of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Request {
    pub(crate) vendor: String,
    pub(crate) method: String,
    /// The HTTP status; `None` without a response.
    pub(crate) status: Option<u64>,
}

impl State {
    fn vendor(&self, lane: Lane) -> &'static str {
        self.vendors.get(&lane).copied().unwrap_or_default()
    }

    pub(super) fn on_event(&mut self, job: u64, event: &ProgressEvent<'_>, now: Instant) {
        match event {
            ProgressEvent::Outcome { target, outcome } => {
                let vendor = self.vendor((job, *target)).to_owned();
                if let Some(open) = self.open.get_mut(&vendor) {
                    *open = open.saturating_sub(1);
                }
                *self.records.entry((vendor, outcome.as_str())).or_default() += 1;
            }
            ProgressEvent::LookedUp { target, is_after } => {
                let vendor = self.vendor((job, *target)).to_owned();
                *self.lookups.entry((vendor, if *is_after { "after" } else { "before" })).or_default() += 1;
            }
            ProgressEvent::Waiting { target, waiting: Waiting::Throttled(wait) } => {
                self.wait((job, *target), "throttled", *wait, now);
            }
            ProgressEvent::Waiting { target, waiting: Waiting::Paced(wait) } => {
                self.wait((job, *target), "paced", *wait, now)
            }
            ProgressEvent::Waiting { target, waiting: Waiting::Unavailable { wait, .. } } => {
                self.wait((job, *target), "unavailable", *wait, now);
            }
            _ => {}
        }
    }

    /// Adds what a wait adds to those that are counted already.
    fn wait(&mut self, lane: Lane, reason: &'static str, wait: Duration, now: Instant) {
        let Some(until) = now.checked_add(wait) else { return };
        let counted_until = self.waiting_until.get(&lane).map_or(now, |counted| now.max(*counted));
        let more = until.saturating_duration_since(counted_until);
        *self.waits.entry((self.vendor(lane), reason)).or_default() += more;
        self.waiting_until.insert(lane, until.max(counted_until));
    }

    pub(super) fn set_status(&mut self, status: &Status) {
        // What is known of other jobs, of other vendors, stays.
        let is_here =
            |vendor: &str| vendor.is_empty() || status.targets.iter().any(|target| target.target.vendor == vendor);
        self.records.retain(|(vendor, _), _| !is_here(vendor));
        self.open.retain(|vendor, _| !is_here(vendor));
        for target in &status.targets {
            self.open.entry(target.target.vendor.clone()).or_default();
            self.add_records(&target.target.vendor, &target.outcomes);
        }
        if status.refused > 0 {
            // What was refused with several vendors belongs to none of them.
            let vendor = if let [target] = &*status.targets { &target.target.vendor } else { "" };
            *self.records.entry((vendor.to_owned(), RecordOutcome::Refused.as_str())).or_default() += status.refused;
        }
    }

    fn add_records(&mut self, vendor: &str, outcomes: &Counts) {
        for (outcome, number) in outcomes.iter().filter(|(_, number)| *number > 0) {
            match outcome {
                RecordOutcome::NotAttempted => *self.open.entry(vendor.to_owned()).or_default() += number,
                outcome => *self.records.entry((vendor.to_owned(), outcome.as_str())).or_default() += number,
            }
        }
    }
}
