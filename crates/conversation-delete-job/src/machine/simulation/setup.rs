//! What a schedule is about: the job, and what disturbs each of its runs.

use std::time::{Duration, Instant};

use delete_core::VerifyPolicy;

use super::choices::Choices;
use crate::journal::Purpose;
use crate::machine::MachineConfig;
use crate::machine::gate::GateConfig;
use crate::pace::Limits;
use crate::run::steps;
use crate::verify::Verify;

/// A job.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) records: usize,
    pub(super) max_batch: usize,
    /// A lookup reads a whole list.
    pub(super) is_bulk: bool,
    pub(super) verify: Verify,
    pub(super) reject_active: bool,
    pub(super) absent_ok: bool,
    pub(super) all_absent_ok: bool,
    pub(super) is_interactive: bool,
    pub(super) limits: Limits,
    pub(super) max_outage: Option<Duration>,
    pub(super) checks_credential: bool,
    pub(super) lookups: u32,
    pub(super) earlier_runs: usize,
}

impl Job {
    pub(super) fn choose(choices: &mut Choices) -> Self {
        let records = match choices.below(16) {
            0..13 => 1 + choices.below(6),
            13 | 14 => 8 + choices.below(20),
            _ => 24 + choices.below(100),
        };
        let all_absent_ok = choices.chance(32);
        Self {
            records,
            max_batch: choices.of(&[1, 1, 50, 3]),
            is_bulk: choices.chance(64),
            verify: choices.of(&[Verify::Off, Verify::Lookup, Verify::List]),
            reject_active: choices.chance(96),
            absent_ok: all_absent_ok || choices.chance(32),
            all_absent_ok,
            is_interactive: records <= 10 && choices.chance(96),
            limits: Limits {
                concurrency: choices.of(&[4, 1, 2, 30]),
                rate: choices.of(&[None, None, Some(2.0)]),
                window: choices.of(&[None, None, None, Some((3, Duration::from_secs(10)))]),
            },
            max_outage: choices.of(&[None, Some(Duration::from_secs(60))]),
            checks_credential: choices.chance(64),
            lookups: choices.of(&[1, 1, 3]),
            earlier_runs: choices.below(4),
        }
    }

    /// Whether all records are looked up before the first delete, and one of them has to be there.
    pub(super) fn is_scanned(&self) -> bool {
        self.is_bulk && self.needs_proof() && !self.all_absent_ok
    }

    pub(super) fn needs_proof(&self) -> bool {
        self.verify != Verify::Off
    }

    /// The configuration of a machine for this job.
    pub(super) fn machine(&self, run: &Run, is_confirmed: bool, has_unverified: bool) -> MachineConfig {
        let needs_proof = self.needs_proof();
        MachineConfig {
            gate: GateConfig {
                limits: self.limits,
                limiter: None,
                not_before: run.not_before,
                max_outage: self.max_outage,
                is_interactive: self.is_interactive,
                absent_ok: self.absent_ok,
                is_scanned: self.is_scanned(),
                is_confirmed,
                is_batching: self.max_batch > 1,
                is_bulk: self.is_bulk,
            },
            steps: steps(run.purpose, self.verify, self.is_bulk),
            max_batch: self.max_batch,
            needs_proof,
            looks_up_after: self.verify == Verify::Lookup && !self.is_bulk,
            reject_active: self.reject_active,
            verify_policy: VerifyPolicy::new(self.lookups, Duration::from_secs(1)),
            all_absent_ok: self.all_absent_ok,
            is_several: self.records > 1,
            deadline: run.deadline,
            checks_credential: self.checks_credential,
            has_unverified,
        }
    }
}

/// A run, and what disturbs it.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) purpose: Purpose,
    /// At which step of the driver it is killed, and so on.
    pub(super) kill_at: Option<usize>,
    pub(super) drain_at: Option<usize>,
    pub(super) abort_at: Option<usize>,
    pub(super) journal_fails_at: Option<usize>,
    /// Which records are held, and when.
    pub(super) holds: Vec<(usize, usize)>,
    pub(super) deadline: Option<Instant>,
    pub(super) not_before: Option<Instant>,
    /// The vendor is unavailable for this time.
    pub(super) outage: Option<(Instant, Instant)>,
    /// How many of 256 calls meet a fault.
    pub(super) faults: u16,
    /// How many of 256 faults are lies.
    pub(super) lies: u16,
}

impl Run {
    pub(super) fn choose(choices: &mut Choices, records: usize, now: Instant) -> Self {
        let stop = 24 + records.min(60);
        let outage = choices.maybe(48, 60).map(|start| now + Duration::from_millis(50 * start as u64));
        let length = choices.of(&[5, 30, 600]);
        let holds = choices.below(9).saturating_sub(6);
        Self {
            purpose: choices.of(&PURPOSES),
            kill_at: choices.maybe(128, stop),
            drain_at: choices.maybe(24, stop),
            abort_at: choices.maybe(24, stop),
            journal_fails_at: choices.maybe(16, stop),
            holds: (0..holds).map(|_| (choices.below(stop), choices.below(records))).collect(),
            deadline: choices.maybe(32, 40).map(|at| now + Duration::from_millis(100 * at as u64 * at as u64)),
            not_before: choices.maybe(16, 20).map(|at| now + Duration::from_secs(at as u64)),
            outage: outage.map(|start| (start, start + Duration::from_secs(length))),
            faults: choices.of(&[0, 24, 80, 200]),
            lies: choices.of(&[0, 0, 24]),
        }
    }

    /// A run that nothing disturbs.
    pub(super) fn plain(purpose: Purpose) -> Self {
        Self {
            purpose,
            kill_at: None,
            drain_at: None,
            abort_at: None,
            journal_fails_at: None,
            holds: Vec::new(),
            deadline: None,
            not_before: None,
            outage: None,
            faults: 0,
            lies: 0,
        }
    }
}

const PURPOSES: [Purpose; 8] = {
    let mut purposes = [Purpose::Delete; 8];
    purposes[6] = Purpose::Lookup;
    purposes[7] = Purpose::Verify;
    purposes
};
