//! `delete` of one id or many, killed at any moment: what it left is listed and resumed, or nothing was sent, or all was
//! reported. Nothing is lost, and nothing is reported twice or falsely.
//!
//! Kills each a few times; `LONG_TESTS=1` does hundreds of times, `KILLS` so often, and `KILL_SEED` takes the seed that a failure
//! printed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};
use serde_json::Value;

use crate::job_kill::{Dice, kills};
use crate::support::World;
use crate::traffic::Traffic;

const COUNTS: [usize; 6] = [1, 1, 2, 10, 11, 60];

/// How a process ended that was to be killed.
struct Killed {
    /// It came to its end before.
    code: Option<i32>,
    /// The lines that stdout took whole.
    lines: Vec<Value>,
}

/// A delete, and what belongs to it.
struct Victim<'a> {
    world: &'a World,
    ids: Vec<String>,
    verify: &'static [&'static str],
    /// The requests of earlier ones.
    before: usize,
}

impl<'a> Victim<'a> {
    fn new(world: &'a World, dice: &mut Dice) -> Self {
        let count = COUNTS[dice.roll(COUNTS.len() as u64 - 1) as usize];
        let ids = world.fake.seed(count);
        fs::write(world.folder.path().join("ids.txt"), ids.join("\n")).unwrap();
        // At Fini a lookup costs many pages.
        let is_verified = world.fake.vendor() != Vendor::Fini && dice.roll(2) == 0;
        let verify: &[&str] = if is_verified { &["--verify", "--wait", "0"] } else { &[] };
        Self { world, ids, verify, before: world.fake.requests().len() }
    }

    fn delete(&self) -> Command {
        let mut command = self.world.command(Role::Full);
        command.args(["delete", self.world.fake.vendor().as_str(), "--yes", "--ids-from", "ids.txt"]);
        command.args(self.world.mode());
        self.with_options(command)
    }

    fn resume(&self, job: &str) -> Command {
        let mut command = self.world.command(Role::Full);
        command.args(["run", job, "--yes", "--expect-count", &self.ids.len().to_string()]);
        self.with_options(command)
    }

    fn with_options(&self, mut command: Command) -> Command {
        command.args(self.verify).args(["--rate", "1000", "--output", "json"]).stdin(Stdio::null());
        command
    }

    fn traffic(&self) -> Traffic {
        Traffic::of(&self.world.fake.requests()[self.before..], &self.ids)
    }

    /// Kills it once the vendor has got so many more requests, or a little later.
    fn kill(&self, mut command: Command, dice: &mut Dice) -> Killed {
        let requests = dice.roll(3 * self.ids.len() as u64 + 3);
        let pause = Duration::from_millis([0, 0, 5, 40][dice.roll(3) as usize]);
        let (out, end) = (self.world.folder.path().join("out.ndjson"), self.world.fake.stats().requests + requests);
        let output = File::create(&out).unwrap();
        let mut child = command.stdout(output).stderr(Stdio::null()).spawn().unwrap();
        while self.world.fake.stats().requests < end && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(pause);
        child.kill().unwrap();
        let code = child.wait().unwrap().code();
        assert!(matches!(code, None | Some(0)), "{code:?}");
        let text = fs::read_to_string(&out).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        Killed { code, lines: whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect() }
    }

    /// The outcome of each record that was reported. Each is reported once, and is true.
    fn reported(&self, killed: &Killed) -> HashMap<String, String> {
        let records = killed.lines.iter().filter(|line| line["type"] == "record");
        let mut reported = HashMap::new();
        for record in records {
            let [id, outcome] = ["id", "outcome"].map(|name| record[name].as_str().unwrap().to_owned());
            assert!(matches!(&*outcome, "deleted" | "gone"), "{record}");
            assert_eq!(self.world.fake.state_of(&id), Some(RecordState::Deleted), "{record}");
            assert!(reported.insert(id, outcome).is_none(), "reported twice: {record}");
        }
        reported
    }

    /// The only job in the state directory, and its state.
    fn listed(&self) -> Option<(String, String)> {
        let mut command = self.world.command(Role::Full);
        let run = self.world.run(command.args(["jobs", "list", "--output", "json"]), "");
        let lines = run.lines();
        assert!(run.code == Some(0) && lines.len() <= 1, "{run:?}");
        let words = lines.first().map(|line| ["job", "state"].map(|name| line[name].as_str().unwrap().to_owned()));
        words.map(|[job, state]| (job, state))
    }

    /// Follows up on a delete that was killed, as its user would.
    fn follow_up(&self, killed: &Killed, dice: &mut Dice) {
        let reported = self.reported(killed);
        match self.listed() {
            Some((job, state)) if matches!(&*state, "planned" | "stopped" | "finished") => {
                self.come_to_an_end(&job, &reported, dice)
            }
            Some((job, state)) => {
                assert!(matches!(&*state, "unplanned" | "unreadable"), "it is not running: {state}");
                assert_eq!(self.traffic().sum().deletes, 0, "{job}");
                fs::remove_file(&job).unwrap();
                drop(fs::remove_file(format!("{job}.lock")));
                self.begin_again();
            }
            None if reported.len() == self.ids.len() => {
                assert_eq!(killed.lines.last().unwrap()["type"], "summary", "all is reported");
            }
            None => {
                assert!(killed.code.is_none() && reported.is_empty());
                assert_eq!(self.traffic().sum().deletes, 0, "deletes of a job that nothing is known of");
                self.begin_again();
            }
        }
        assert!(self.ids.iter().all(|id| self.world.fake.state_of(id) == Some(RecordState::Deleted)));
    }

    fn begin_again(&self) {
        let run = self.world.run(&mut self.delete(), "");
        assert_eq!(run.code, Some(0), "{run:?}");
    }

    /// Resumes it, kills it again now and then, and compares all that is known of each id.
    fn come_to_an_end(&self, job: &str, reported: &HashMap<String, String>, dice: &mut Dice) {
        let mut lines = Vec::new();
        while fs::exists(job).unwrap() && dice.roll(2) == 0 {
            lines = self.kill(self.resume(job), dice).lines;
        }
        if fs::exists(job).unwrap() {
            let run = self.world.run(&mut self.resume(job), "");
            assert_eq!(run.code, Some(0), "{run:?}");
            lines = run.lines();
        }
        assert_eq!(lines.last().unwrap()["type"], "summary", "it is removed once all is reported");
        let records = lines.iter().filter(|line| line["type"] == "record");
        let outcomes: Vec<[&str; 2]> =
            records.map(|line| ["id", "outcome"].map(|name| line[name].as_str().unwrap())).collect();
        assert_eq!(outcomes.iter().map(|[id, _]| *id).collect::<Vec<_>>(), self.ids);
        let traffic = self.traffic();
        for [id, outcome] in outcomes {
            let deletes = traffic.for_id(id).deletes;
            assert!(outcome == "deleted" || outcome == "gone" && deletes > 1, "{id}: {outcome} by {deletes} deletes");
            assert!(reported.get(id).is_none_or(|earlier| earlier == outcome), "{id} was reported otherwise");
        }
        assert_eq!(self.listed(), None);
    }
}

fn check(vendor: Vendor) {
    let mut dice = Dice::new();
    let world = World::new(vendor);
    let spared = world.fake.seed(3);
    // Some responses take long enough to be killed while they are awaited.
    let route = if vendor == Vendor::Fini { Route::BulkDelete } else { Route::Delete };
    world.fake.fault(Fault::delay(Duration::from_millis(3)).on(route).share(0.3));
    // Great jobs of the other vendors are killed 200 times.
    let kills = kills(6, if vendor == Vendor::Fini { 460 } else { 300 });
    let begun = Instant::now();
    for _ in 0..kills {
        let victim = Victim::new(&world, &mut dice);
        let killed = victim.kill(victim.delete(), &mut dice);
        victim.follow_up(&killed, &mut dice);
        assert_eq!(
            fs::read_dir(world.state.path()).unwrap().count(),
            0,
            "a job is removed with all that belongs to it"
        );
    }
    println!("{}: {kills} kills, {:?}", vendor.as_str(), begun.elapsed());
    assert!(spared.iter().all(|id| world.fake.state_of(id) == Some(RecordState::Present)), "untouched");
}

#[test]
fn a_delete_at_corti_that_is_killed_loses_nothing() {
    check(Vendor::Corti);
}

#[test]
fn a_delete_at_fini_that_is_killed_loses_nothing() {
    check(Vendor::Fini);
}

#[test]
fn a_delete_at_elevenlabs_that_is_killed_loses_nothing() {
    check(Vendor::ElevenLabs);
}

#[test]
fn a_delete_at_tavus_that_is_killed_loses_nothing() {
    check(Vendor::Tavus);
}
