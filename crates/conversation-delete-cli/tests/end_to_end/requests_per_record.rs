//! What a delete costs at the vendor, whose rate limit decides how long it takes: counted at the fakes.

use conversation_delete_fake::{Seed, Vendor};

use crate::job::{Stage, deleted, summary};
use crate::support::Run;
use crate::traffic::{Requests, Traffic};

/// The vendors at which each request is about one record, and whose lists show which are over.
const ONE_BY_ONE: [Vendor; 2] = [Vendor::ElevenLabs, Vendor::Tavus];

const UNSEEN: &str = "--allow-active";
const VERIFY: [&str; 3] = ["--verify", "--wait", "0"];

/// The requests of the run of a job over so many records.
struct Cost {
    stage: Stage,
    ids: Vec<String>,
    traffic: Traffic,
    /// How many requests were sent to plan it.
    planning: usize,
}

impl Cost {
    /// Plans all of these records by these arguments, and runs the job with others.
    fn of(vendor: Vendor, seed: Seed, plan: &[&str], run: &[&str]) -> Self {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed_with(seed);
        let list = stage.file("ids.txt", &ids);
        let source: &[&str] = if plan.contains(&"--all") { &[] } else { &["--ids-from", &list] };
        let planned = stage.plan(&[plan, source].concat());
        assert_eq!((planned.code, &summary(&planned)["planned"]), (Some(0), &ids.len().into()), "{planned:?}");
        let planning = stage.world().fake.requests().len();
        let run = stage.run(ids.len(), run);
        assert_all_are_deleted(&stage, &run, ids.len());
        let traffic = Traffic::of(&stage.world().fake.requests()[planning..], &ids);
        Self { stage, ids, traffic, planning }
    }

    /// Each record cost exactly this, and nothing else but at most so many requests was sent.
    #[track_caller]
    fn is_for_each(&self, deletes: usize, lookups: usize, others: usize) {
        let vendor = self.stage.world().fake.vendor();
        for id in &self.ids {
            assert_eq!(self.traffic.for_id(id), Requests { deletes, lookups }, "{vendor:?} {id}");
        }
        assert!(self.traffic.others <= others, "{vendor:?}: {} other requests", self.traffic.others);
    }
}

#[track_caller]
fn assert_all_are_deleted(stage: &Stage, run: &Run, count: usize) {
    assert_eq!((run.code, deleted(stage.world())), (Some(0), count), "{run:?}");
}

#[test]
fn a_record_from_a_list_costs_one_request() {
    for vendor in ONE_BY_ONE {
        Cost::of(vendor, Seed::count(1000), &["--all"], &[]).is_for_each(1, 0, 1);
    }
}

#[test]
fn a_record_from_a_list_costs_two_requests_if_it_is_verified() {
    for vendor in ONE_BY_ONE {
        Cost::of(vendor, Seed::count(1000), &["--all"], &VERIFY).is_for_each(1, 1, 1);
    }
}

#[test]
fn a_record_from_a_list_costs_hardly_more_than_one_request_if_a_list_verifies_it() {
    for vendor in ONE_BY_ONE {
        let cost = Cost::of(vendor, Seed::count(1000), &["--all"], &["--verify=list", "--wait", "0"]);
        cost.is_for_each(1, 0, 50);
        let exported = cost.stage.go(&["export", "job", "--output", "json"]);
        for presence in exported.each("presence") {
            let after = &presence["after"];
            assert_eq!((&after["state"], &after["source"]), (&"absent".into(), &"list".into()), "{presence}");
        }
    }
}

#[test]
fn a_record_from_its_id_costs_two_requests_or_three_if_it_is_verified() {
    for vendor in ONE_BY_ONE {
        Cost::of(vendor, Seed::count(200), &[], &[]).is_for_each(1, 1, 1);
        Cost::of(vendor, Seed::count(200), &[], &VERIFY).is_for_each(1, 2, 1);
    }
}

#[test]
fn a_record_from_its_id_costs_one_request_if_it_may_be_active() {
    for vendor in [Vendor::ElevenLabs, Vendor::Tavus, Vendor::Corti] {
        Cost::of(vendor, Seed::count(200), &[UNSEEN], &[]).is_for_each(1, 0, 3);
    }
}

/// Corti's lists do not say whether a transcription goes on: each list of transcripts is read, and each of them.
#[test]
fn an_interaction_costs_its_transcripts_on_top() {
    let seed = || Seed::count(60).transcripts(2);
    Cost::of(Vendor::Corti, seed(), &[], &[]).is_for_each(1, 3, 3);
    Cost::of(Vendor::Corti, seed(), &["--all"], &[]).is_for_each(1, 3, 3);
    Cost::of(Vendor::Corti, seed(), &["--all"], &VERIFY).is_for_each(1, 4, 3);
    Cost::of(Vendor::Corti, seed(), &["--all", UNSEEN], &VERIFY).is_for_each(1, 1, 3);
}

/// One request deletes 50 conversations, and one reads a page of the list; until the first success each is sent on its own.
#[test]
fn at_fini_batches_and_pages_count() {
    let plain = Cost::of(Vendor::Fini, Seed::count(501), &[], &["--rate", "1000"]);
    plain.is_for_each(1, 0, 1);
    assert_eq!(plain.stage.world().deletes().len(), 11, "one that confirms the target, and batches of 50");
    let listed = Cost::of(Vendor::Fini, Seed::count(501), &["--all"], &["--verify", "--wait", "0", "--rate", "1000"]);
    // One scan after the deletes, of what is less by then.
    listed.is_for_each(1, 0, listed.planning);
    assert_eq!(listed.stage.world().deletes().len(), 11);
}
