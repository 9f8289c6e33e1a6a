//! Runs the machine over random schedules in virtual time, without files and network: a model of the vendor, of the job file
//! and of the driver, and rules that are checked at each command and at the end of each run.
//!
//! `MACHINE_SCHEDULES` is how many schedules are run, and `MACHINE_SEED` is the first seed. A schedule that breaks a rule is
//! made as small as possible and printed.

mod choices;
mod driver;
mod faults;
mod journal;
mod mutation;
mod report;
mod rule;
mod rules;
mod setup;
mod trace;
mod track;
mod vendor;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use choices::{Choices, shrink};
use driver::{Driver, World};
use journal::{Journal, Row};
use mutation::Mutation;
use report::check_report;
use rule::{Broken, Kept, Rule, require};
use setup::{Job, Run};
use trace::Trace;
use vendor::{Nature, Vendor};

use crate::journal::Purpose;
use crate::presence::PresenceState;
use crate::run::Ending;

const SCHEDULES: u64 = 100_000;
const SEED: u64 = 14;

/// Runs one schedule: some runs that are disturbed, and a last one that is not.
fn simulate(choices: &mut Choices, mutation: Option<Mutation>, trace: &mut Trace, start: Instant) -> Kept {
    let job = Job::choose(choices);
    let mut vendor = Vendor::choose(choices, &job);
    let rows = plan(&job, &vendor, choices);
    let mut journal = Journal::new(rows);
    let mut now = start;
    trace.note(now, || format!("{job:?} {vendor:?}"));
    for number in 0..=job.earlier_runs {
        let is_last = number == job.earlier_runs;
        let run = if is_last { last_run(mutation) } else { Run::choose(choices, job.records, now) };
        trace.note(now, || format!("{run:?}"));
        let (vendor, journal) = (&mut vendor, &mut journal);
        let world = World { job: &job, vendor, journal, choices, mutation, trace };
        let mut driver = Driver::new(world, &run, now);
        let ending = driver.drive()?;
        now = driver.now + Duration::from_secs(1);
        check_report(&driver.journal.rows, &driver.vendor.kept)?;
        if is_last {
            require(is_complete(ending.as_ref(), driver.vendor, driver.journal), Rule::Completes, None)?;
        }
    }
    Ok(())
}

fn last_run(mutation: Option<Mutation>) -> Run {
    let drain_at = (mutation == Some(Mutation::StopLastRun)).then_some(0);
    Run { drain_at, ..Run::plain(Purpose::Delete) }
}

/// Some jobs are planned from a list, which shows what is over.
fn plan(job: &Job, vendor: &Vendor, choices: &mut Choices) -> Vec<Row> {
    let is_listed = choices.chance(64);
    let row = |kept: &vendor::Kept| {
        let before = (is_listed && kept.is_present).then_some(PresenceState::Present);
        Row { before, is_over: before.is_some() && kept.nature != Nature::Active, ..Row::default() }
    };
    vendor.kept.iter().take(job.records).map(row).collect()
}

/// Whether a run that nothing disturbed ended as it should.
fn is_complete(ending: Option<&Ending>, vendor: &Vendor, journal: &Journal) -> bool {
    let is_odd = vendor.kept.iter().any(|kept| matches!(kept.nature, Nature::Forbidden | Nature::Rejected));
    match ending {
        Some(Ending::Finished) => true,
        Some(Ending::NothingFound { .. }) => !journal.is_confirmed(true),
        Some(Ending::CredentialRefused(_) | Ending::Unrecoverable(_)) => is_odd,
        _ => false,
    }
}

fn run_bytes(bytes: &[u8], mutation: Option<Mutation>, is_read: bool) -> (Kept, String) {
    let start = Instant::now();
    let mut trace = Trace::new(start, is_read);
    let kept = simulate(&mut Choices::replay(bytes.to_vec()), mutation, &mut trace, start);
    (kept, trace.into_lines())
}

/// A schedule that breaks a rule.
struct Failure {
    seed: u64,
    bytes: Vec<u8>,
    broken: Broken,
}

fn run_seed(seed: u64, mutation: Option<Mutation>) -> Result<(), Failure> {
    let start = Instant::now();
    let mut choices = Choices::random(seed);
    let kept = simulate(&mut choices, mutation, &mut Trace::new(start, false), start);
    kept.map_err(|broken| Failure { seed, bytes: choices.into_bytes(), broken })
}

/// The first of these schedules that breaks a rule, of those that `is_wanted`.
fn find(seeds: u64, mutation: Option<Mutation>, is_wanted: impl Fn(Rule) -> bool + Sync) -> Option<Failure> {
    let first = variable("MACHINE_SEED").unwrap_or(SEED).wrapping_mul(1 << 32);
    let (next, found) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let search = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= seeds || number >= found.load(Ordering::Relaxed) {
                return;
            }
            if run_seed(first + number, mutation).is_err_and(|failure| is_wanted(failure.broken.rule)) {
                found.fetch_min(number, Ordering::Relaxed);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(search))));
    let number = found.into_inner();
    (number < seeds).then(|| run_seed(first + number, mutation).err()).flatten()
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// So many more schedules are searched for a short one that breaks the same rule.
const MORE: u64 = 1_000;

/// What a person reads of a failure.
fn explain(failure: Failure) -> String {
    let rule = failure.broken.rule;
    let others = (1..MORE).filter_map(|more| run_seed(failure.seed + more, None).err());
    let others: Vec<Failure> = others.filter(|other| other.broken.rule == rule).collect();
    let failure = others.into_iter().chain([failure]).min_by_key(|failure| failure.bytes.len());
    let Some(failure) = failure else { return String::new() };
    let breaks = |bytes: &[u8]| run_bytes(bytes, None, false).0.is_err_and(|broken| broken.rule == rule);
    let bytes = shrink(failure.bytes, breaks);
    let (kept, lines) = run_bytes(&bytes, None, true);
    format!("seed {}: {:?}\nsmallest schedule {bytes:?}: {kept:?}\n{lines}", failure.seed, failure.broken)
}

#[test]
fn the_rules_hold_over_random_schedules() {
    let schedules = variable("MACHINE_SCHEDULES").unwrap_or(SCHEDULES);
    if let Some(failure) = find(schedules, None, |_| true) {
        panic!("{}", explain(failure));
    }
}

#[test]
fn every_rule_can_be_broken_and_that_is_noticed() {
    for (mutation, rule) in Mutation::ALL {
        let failure = find(SCHEDULES, Some(mutation), |broken| broken == rule);
        assert!(failure.is_some(), "{mutation:?} should break {rule:?}");
    }
    for rule in Rule::ALL {
        assert!(Mutation::ALL.iter().any(|(_, broken)| *broken == rule), "nothing breaks {rule:?}");
    }
}

#[test]
fn a_failing_schedule_shrinks_to_what_matters() {
    let failure = find(SCHEDULES, Some(Mutation::LoseIntent), |_| true).unwrap();
    let breaks = |bytes: &[u8]| run_bytes(bytes, Some(Mutation::LoseIntent), false).0.is_err();
    assert!(shrink(failure.bytes, breaks).is_empty(), "the plainest schedule breaks it too");
    assert!(run_bytes(&[], Some(Mutation::LoseIntent), true).1.contains("send 0: Delete [0]"));
}
