//! Jobs that are killed at random moments, again and again, and come to a true end.
//!
//! `LONG_TESTS=1` gives them more ids and kills each of them more often, so that with the tests of `kill_any_delete` each
//! vendor sees 500 kills. `KILLS` sets how often, and `KILL_SEED` takes the seed that a failure printed.

use std::collections::{HashMap, HashSet};
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RecordState, RequestRecord, Route, Seed, Vendor};
use serde_json::Value;

use crate::job::{Stage, summary};
use crate::same_at_any_size::is_long;
use crate::support::spawn;
use crate::traffic::deleted_by;

/// No outcome waits for longer than until so many others do.
const GROUP: usize = 1024;
const MOST_AT_ONCE: usize = 16;

/// How a job is killed.
struct Case {
    ids: usize,
    kills: usize,
    /// A kill comes before so many requests as a rule, and now and then before so many.
    usual: u64,
    rare: u64,
    /// Where no more are left to do, the job may come to its end.
    rest: u64,
}

impl Case {
    fn one_by_one() -> Self {
        let (ids, rare_factor) = if is_long() { (10_000, 15) } else { (2_000, 3) };
        let kills = kills(12, 200);
        // So that something is left to do when the last kill comes.
        let usual = (ids / kills).min(80) as u64;
        Self { ids, kills, usual, rare: usual * rare_factor, rest: 0 }
    }

    fn in_batches() -> Self {
        Self { ids: 4000, kills: kills(12, 40), usual: 4, rare: 12, rest: 800 }
    }
}

/// How often to kill; `many` times if the tests may take long.
pub(crate) fn kills(few: usize, many: usize) -> usize {
    let usual = if is_long() { many } else { few };
    env::var("KILLS").map_or(usual, |kills| kills.parse().unwrap())
}

/// Random numbers that come again with their seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        let seed = env::var("KILL_SEED").map_or_else(|_| RandomState::new().hash_one(0), |seed| seed.parse().unwrap());
        println!("KILL_SEED={seed}");
        Self(seed)
    }

    /// A number up to `most`, by SplitMix64.
    pub(crate) fn roll(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % (most + 1)
    }

    pub(crate) fn moment(&mut self, usual: u64, rare: u64) -> Moment {
        match self.roll(19) {
            0..=4 => Moment::Early(Duration::from_millis(self.roll(150))),
            5 => Moment::Requests(self.roll(rare)),
            _ => Moment::Requests(self.roll(usual)),
        }
    }
}

/// When to kill.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// While it opens its file, or looks whether it is in the right place.
    Early(Duration),
    Requests(u64),
}

/// Begins this command, and kills it. False where it came to its end before, with whatever it found.
pub(crate) fn kill_at(stage: &Stage, command: &mut Command, moment: Moment) -> bool {
    let before = stage.requests();
    let mut child = spawn(command);
    match moment {
        // This is the moment, and waits for nothing.
        Moment::Early(time) => thread::sleep(time),
        Moment::Requests(number) => {
            while stage.requests() < before + number && child.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    let has_finished = matches!(status.code(), Some(0 | 7));
    assert!(has_finished || status.signal() == Some(9), "{moment:?}: {status}");
    !has_finished
}

/// A job over all records of a fake but some, of which one is in the plan and is held.
struct Scene {
    stage: Stage,
    planned: HashSet<String>,
    spared: Vec<String>,
    /// What each run is given besides.
    args: &'static [&'static str],
}

impl Scene {
    fn new(vendor: Vendor, count: usize) -> Self {
        Self::with_args(vendor, count, &[])
    }

    fn with_args(vendor: Vendor, count: usize, args: &'static [&'static str]) -> Self {
        let stage = Stage::new(&[vendor]);
        let fake = &stage.world().fake;
        let mut ids = fake.seed(count + 6);
        let mut spared = ids.split_off(count + 1);
        let foreign = fake.seed_with(Seed::count(5).foreign());
        let held = ids[count / 2].clone();
        let (file, keep) = (stage.file("ids.txt", &ids), stage.file("keep.txt", std::slice::from_ref(&held)));
        let plan = stage.plan(&["--ids-from", &file, "--hold", &keep, "--allow-live"]);
        assert_eq!((plan.code, &summary(&plan)["planned"]), (Some(0), &count.into()), "{plan:?}");
        let planned = ids.into_iter().filter(|id| *id != held).collect();
        spared.extend(foreign.into_iter().chain([held]));
        Self { stage, planned, spared, args }
    }

    fn command(&self, dice: &mut Dice) -> Command {
        let concurrency = (dice.roll(MOST_AT_ONCE as u64 - 1) + 1).to_string();
        self.stage.run_command(self.planned.len(), &[self.args, &["--concurrency", &concurrency]].concat())
    }

    /// How many ids have no outcome. The file must be whole, and nobody may hold it.
    fn open(&self) -> u64 {
        let run = self.stage.go(&["status", "job", "--output", "json"]);
        let line = summary(&run);
        assert_eq!((run.code, &line["holder"]), (Some(0), &Value::Null), "{run:?}");
        let target = &line["targets"][0];
        let number = |name: &str| target[name].as_u64().unwrap();
        let done = number("deleted") + number("gone");
        assert_eq!(done + number("not_attempted"), self.planned.len() as u64, "{run:?}");
        assert_eq!(number("held"), 1, "{run:?}");
        number("not_attempted")
    }

    /// Kills it so often, or until no more than the rest is left; how often it was killed.
    fn kill(&self, case: &Case, dice: &mut Dice) -> usize {
        let mut kills = 0;
        while kills < case.kills && kill_at(&self.stage, &mut self.command(dice), dice.moment(case.usual, case.rare)) {
            kills += 1;
            let looks = case.rest > 0 || dice.roll(7) == 0;
            if looks && self.open() <= case.rest {
                break;
            }
        }
        kills
    }

    /// Runs it to its end, and once more.
    fn finish(&self) {
        let run = self.stage.run(self.planned.len(), self.args);
        assert_eq!((run.code, &summary(&run)["ending"]), (Some(0), &"finished".into()), "{run:?}");
        let requests = self.stage.requests();
        let again = self.stage.run(self.planned.len(), self.args);
        assert_eq!((again.code, self.stage.requests()), (Some(0), requests), "a finished job sends nothing: {again:?}");
    }

    /// The outcome of each id, which must be what the fake knows. How many of them are `gone`.
    fn check_outcomes(&self, repeats: &Repeats) -> usize {
        let fake = &self.stage.world().fake;
        assert!(self.planned.iter().all(|id| fake.state_of(id) == Some(RecordState::Deleted)));
        assert!(self.spared.iter().all(|id| fake.state_of(id) == Some(RecordState::Present)), "untouched");
        let exported = self.stage.exported();
        assert_eq!(exported.len(), self.planned.len() + 1, "each id once, and the one that is held");
        let outcomes: HashMap<String, String> = exported.into_iter().collect();
        for id in &self.planned {
            let times = repeats.times[id];
            match outcomes[id].as_str() {
                "deleted" => {}
                "gone" => assert!(times > 1, "{id} was asked for {times} time"),
                other => panic!("{id}: {other}"),
            }
        }
        outcomes.values().filter(|outcome| *outcome == "gone").count()
    }
}

/// What was asked for more than once.
struct Repeats {
    /// How often each id was.
    times: HashMap<String, usize>,
    /// How many ids of each run an earlier one had asked for.
    by_run: Vec<usize>,
}

impl Repeats {
    /// Each run looks whether it is in the right place before it deletes, so that a request other than a delete begins
    /// another one.
    fn of(requests: &[RequestRecord]) -> Self {
        let mut repeats = Self { times: HashMap::new(), by_run: Vec::new() };
        for run in requests.chunk_by(|_, next| next.method() == "DELETE") {
            let asked: HashSet<String> = run.iter().flat_map(deleted_by).collect();
            repeats.by_run.push(asked.iter().filter(|id| repeats.times.contains_key(*id)).count());
            for id in run.iter().flat_map(deleted_by) {
                *repeats.times.entry(id).or_default() += 1;
            }
        }
        repeats
    }

    fn most(&self) -> usize {
        self.by_run.iter().copied().max().unwrap_or(0)
    }
}

fn check(case: &Case, scene: &Scene) {
    let begun = Instant::now();
    let kills = scene.kill(case, &mut Dice::new());
    assert!(kills == case.kills || case.rest > 0 && kills > 5, "it came to its end after {kills} kills");
    scene.finish();

    let requests = scene.stage.world().fake.requests();
    let repeats = Repeats::of(&requests);
    let asked: HashSet<String> = repeats.times.keys().cloned().collect();
    assert_eq!(asked, scene.planned, "what was planned, and nothing else");
    let gone = scene.check_outcomes(&repeats);
    assert!(repeats.most() <= GROUP + MOST_AT_ONCE, "{}", repeats.most());
    println!(
        "{}: {} ids, {kills} kills, {} repeats, at most {} in a run, {gone} gone, {:?}",
        scene.stage.world().fake.vendor().as_str(),
        scene.planned.len(),
        repeats.by_run.iter().sum::<usize>(),
        repeats.most(),
        begun.elapsed()
    );
}

fn check_one_by_one(vendor: Vendor) {
    let case = Case::one_by_one();
    check(&case, &Scene::new(vendor, case.ids));
}

#[test]
fn tavus_comes_to_a_true_end() {
    check_one_by_one(Vendor::Tavus);
}

#[test]
fn corti_comes_to_a_true_end() {
    check_one_by_one(Vendor::Corti);
}

#[test]
fn elevenlabs_comes_to_a_true_end() {
    check_one_by_one(Vendor::ElevenLabs);
}

/// What a kill leaves in doubt is sent one by one, for which Fini's documented pace would take minutes. Batches take long
/// enough for kills to find some of them in flight.
#[test]
fn fini_comes_to_a_true_end() {
    let case = Case::in_batches();
    let scene = Scene::with_args(Vendor::Fini, case.ids, &["--rate", "1000"]);
    scene.stage.world().fake.fault(Fault::delay(Duration::from_millis(100)).on(Route::BulkDelete));
    check(&case, &scene);
}
