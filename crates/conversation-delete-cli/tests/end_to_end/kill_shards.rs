//! A plan in shards, each run by a process of its own that is killed at random and begun again, against a vendor that lets
//! in so many requests a second.
//!
//! `LONG_TESTS=1` runs eight processes for a minute, and measures how much of the vendor's limit they use. `SHARD_RATE` is the
//! rate of each instead of its share, and 0 none: then each finds its rate by the responses.

use std::collections::HashMap;
use std::env;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{RecordState, Vendor};

use crate::job::Stage;
use crate::job_kill::Dice;
use crate::same_at_any_size::is_long;
use crate::shards::{PlannedFolder, folder};
use crate::support::{Run, spawn};
use crate::traffic::deleted_by;

/// The requests a second that the fake lets in.
const LIMIT: u32 = 100;

/// A process that was begun so long ago has opened its job and found its rate.
const WARM: Duration = Duration::from_secs(3);

/// How often the processes are looked after.
const TICK: Duration = Duration::from_millis(10);

struct Case {
    shards: u16,
    ids: usize,
    kills: usize,
    /// A kill comes after up to twice this time.
    pause: Duration,
}

/// A process, and since when it runs.
struct Process {
    child: Child,
    since: Instant,
}

/// What the vendor let in while all processes ran.
#[derive(Debug, Default)]
struct Usage {
    time: Duration,
    let_in: usize,
}

impl Usage {
    fn share(&self) -> f64 {
        self.let_in as f64 / (f64::from(LIMIT) * self.time.as_secs_f64())
    }
}

struct Scene {
    stage: Stage,
    planned: PlannedFolder,
    rate: f64,
}

impl Scene {
    fn new(case: &Case) -> Self {
        let stage = Stage::new(&[Vendor::Tavus]);
        stage.world().fake.set_option("rate_limit", &LIMIT.to_string()).unwrap();
        let planned = folder(&stage, case.ids, case.shards, &["--allow-active"]);
        let share = f64::from(LIMIT) / f64::from(case.shards);
        let rate = env::var("SHARD_RATE").map_or(share, |rate| rate.parse().unwrap());
        Self { stage, planned, rate }
    }

    fn command(&self, shard: u16) -> Command {
        let (count, rate) = (self.planned.ids.len().to_string(), self.rate.to_string());
        let mut args = vec!["run", "jobs", "--yes", "--expect-count", &count, "--expect-hash", &self.planned.hash];
        if self.rate > 0.0 {
            args.extend(["--rate", &rate]);
        }
        let mut command = self.stage.command_as(conversation_delete_fake::Role::Full, &args);
        command.env("JOB_COMPLETION_INDEX", shard.to_string());
        command
    }

    fn begin(&self, shard: u16) -> Process {
        Process { child: spawn(&mut self.command(shard)), since: Instant::now() }
    }

    /// How many requests got another status than 429.
    fn let_in(&self) -> usize {
        let stats = self.stage.world().fake.stats();
        (stats.requests - stats.by_status.get(&429).copied().unwrap_or(0)) as usize
    }

    /// Runs all shards to their end, and kills one of them now and then.
    fn run(&self, case: &Case, dice: &mut Dice) -> Usage {
        let mut running: HashMap<u16, Process> = (0..case.shards).map(|shard| (shard, self.begin(shard))).collect();
        let (mut usage, mut kills) = (Usage::default(), 0);
        let pause = |dice: &mut Dice| Duration::from_millis(dice.roll(2 * case.pause.as_millis() as u64));
        let mut next_kill = Instant::now() + pause(dice);
        let mut last = (Instant::now(), self.let_in());
        while !running.is_empty() {
            thread::sleep(TICK);
            let now = (Instant::now(), self.let_in());
            if running.len() == usize::from(case.shards) && running.values().all(|one| now.0 - one.since > WARM) {
                usage.time += now.0 - last.0;
                usage.let_in += now.1 - last.1;
            }
            last = now;
            running.retain(|shard, process| !has_finished(*shard, process));
            if kills < case.kills && now.0 > next_kill && !running.is_empty() {
                let chosen = dice.roll(running.len() as u64 - 1) as usize;
                running.iter_mut().skip(chosen).take(1).for_each(|(shard, process)| self.kill(*shard, process));
                kills += 1;
                next_kill = Instant::now() + pause(dice);
            }
        }
        assert!(kills >= case.kills / 2, "it came to its end after {kills} kills");
        usage
    }

    /// The lock of a process is free once it is dead.
    fn kill(&self, shard: u16, process: &mut Process) {
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        *process = self.begin(shard);
    }

    /// Each id has one outcome, and it is true.
    fn check_outcomes(&self) {
        let mut times: HashMap<String, usize> = HashMap::new();
        for id in self.stage.world().fake.requests().iter().flat_map(deleted_by) {
            *times.entry(id).or_default() += 1;
        }
        let exported = self.stage.go(&["export", "jobs", "--output", "json"]).outcomes();
        let ids: Vec<&String> = exported.iter().map(|(id, _)| id).collect();
        assert_eq!(ids, self.planned.ids.iter().collect::<Vec<_>>(), "each once, in the order of the plan");
        for (id, outcome) in &exported {
            assert_eq!(self.stage.world().fake.state_of(id), Some(RecordState::Deleted));
            assert!(outcome == "deleted" || outcome == "gone" && times[id] > 1, "{id}: {outcome}");
        }
        assert!(
            self.planned.spared.iter().all(|id| { self.stage.world().fake.state_of(id) == Some(RecordState::Present) })
        );
    }
}

/// Whether it came to its end, which must be a good one.
fn has_finished(shard: u16, process: &mut Process) -> bool {
    let Some(status) = process.child.try_wait().unwrap() else { return false };
    if !status.success() {
        let [mut out, mut err] = [String::new(), String::new()];
        std::io::Read::read_to_string(process.child.stdout.as_mut().unwrap(), &mut out).unwrap();
        std::io::Read::read_to_string(process.child.stderr.as_mut().unwrap(), &mut err).unwrap();
        panic!("shard {shard}: {:?}", Run { code: status.code(), stdout: out, stderr: err });
    }
    true
}

#[test]
fn shards_whose_processes_are_killed_lose_nothing_and_keep_the_limit() {
    let case = match is_long() {
        true => Case { shards: 8, ids: 6000, kills: 12, pause: Duration::from_secs(4) },
        false => Case { shards: 4, ids: 400, kills: 4, pause: Duration::from_millis(400) },
    };
    let scene = Scene::new(&case);
    let begun = Instant::now();
    let usage = scene.run(&case, &mut Dice::new());
    let stats = scene.stage.world().fake.stats();
    let throttled = stats.by_status.get(&429).copied().unwrap_or(0);
    println!(
        "{} ids, {} shards at {}/s: {:?}, {} requests, {throttled} were 429, {usage:?}, used {:.3}",
        case.ids,
        case.shards,
        scene.rate,
        begun.elapsed(),
        stats.requests,
        usage.share()
    );
    scene.check_outcomes();
    // Each process that has to find its rate is throttled now and then, and again after each kill.
    let most = if scene.rate > 0.0 { stats.requests / 100 } else { stats.requests / 40 };
    assert!(throttled <= most, "{throttled} of {} were 429", stats.requests);
    assert!(!is_long() || usage.time > Duration::from_secs(10) && usage.share() >= 0.9, "{usage:?}");
}
