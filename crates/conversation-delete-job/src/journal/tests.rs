use std::time::SystemTime;

use delete_core::{Delivery, ErrorKind, Outcome, RecordId};
use tempfile::TempDir;

use super::*;
use crate::outcome::{Failure, RecordOutcome};
use crate::presence::{PresenceSource, PresenceState};
use crate::run::RunOptions;
use crate::{Counts, JobLocation, Planner, RecordReport, Status, Target, export};

fn target() -> Target {
    Target {
        vendor: "tavus".to_owned(),
        origin: String::new(),
        base_url: Some("https://tavusapi.com".to_owned()),
        auth_url: None,
        place: None,
        credential: "key".to_owned(),
        mode: None,
        options: String::new(),
    }
}

fn id(number: usize) -> RecordId {
    delete_core::ConversationId::new(&format!("c{number}")).unwrap().into()
}

/// A job of so many records.
fn plan(records: usize) -> (TempDir, JobLocation, TargetNumber) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.job");
    let mut planner = Planner::create(&path, "test").unwrap();
    let number = planner.target(&target()).unwrap();
    for record in 1..=records {
        planner.add(number, &id(record)).unwrap();
    }
    planner.finish().unwrap();
    (folder, path.into(), number)
}

/// Does something in a run that ends like this.
async fn run(location: &JobLocation, purpose: Purpose, ending: &str, act: impl AsyncFnOnce(&Journal)) {
    let store = Store::open(location).unwrap();
    let lock = Lock::take(location).unwrap();
    let (store, run) = begin(store, purpose, &RunOptions::default()).unwrap();
    let (journal, thread) = Journal::start(store, lock, run).unwrap();
    act(&journal).await;
    journal.end_run(ending.to_owned());
    drop(journal);
    thread.join().unwrap().unwrap();
}

fn sighting(state: PresenceState) -> Sighting {
    let message = "no response".to_owned();
    let failure = Failure { kind: ErrorKind::Timeout, delivery: Delivery::MaybeDelivered, message };
    let failure = Some(failure).filter(|_| state == PresenceState::Unknown);
    Sighting { state, status: None, source: PresenceSource::Lookup, failure, at: SystemTime::now(), is_over: false }
}

fn result(record: i64, outcome: RecordOutcome, delivery: Option<Delivery>) -> Entry {
    let failure = |delivery| Failure { kind: ErrorKind::Server, delivery, message: "a 503".to_owned() };
    Entry::Outcome(RecordResult {
        record,
        outcome,
        attempts: 1,
        error: delivery.map(failure),
        ..RecordResult::default()
    })
}

fn reports(location: &JobLocation) -> Vec<RecordReport> {
    let mut reports = Vec::new();
    export(location, |report| {
        reports.push(report);
        true
    })
    .unwrap();
    reports
}

fn numbers(claimed: Result<Vec<Claimed>, JobError>) -> Vec<i64> {
    claimed.unwrap().into_iter().map(|claimed| claimed.record).collect()
}

/// The outcome of each of six records, the same with a presence before, and what a complete list proves of it.
const LISTED: [(RecordOutcome, Option<Delivery>, RecordOutcome); 6] = [
    (RecordOutcome::Deleted, None, RecordOutcome::Deleted),
    (RecordOutcome::Acknowledged, None, RecordOutcome::Deleted),
    (RecordOutcome::Unresolved, None, RecordOutcome::Deleted),
    (RecordOutcome::NotFound, Some(Delivery::Answered), RecordOutcome::Gone),
    (RecordOutcome::Failed, Some(Delivery::MaybeDelivered), RecordOutcome::Gone),
    (RecordOutcome::Failed, Some(Delivery::NotSent), RecordOutcome::Failed),
];

#[tokio::test]
async fn a_complete_list_is_the_presence_after_of_what_it_does_not_show_and_proves_deletes() {
    // Of each outcome: one that was seen before, one that was not, and one that is still listed.
    let (_folder, location, target) = plan(3 * LISTED.len() + 1);
    run(&location, Purpose::Delete, "finished", async |journal| {
        for (index, (outcome, delivery, _)) in LISTED.into_iter().enumerate() {
            let record = 3 * index as i64 + 1;
            for seen in [record, record + 2] {
                let presence = sighting(PresenceState::Present);
                journal.append(target, Entry::Before { record: seen, presence });
            }
            (record..record + 3).for_each(|record| journal.append(target, result(record, outcome, delivery)));
        }
        let listed: Vec<String> = (1..=LISTED.len()).map(|index| id(3 * index).to_string()).collect();
        journal.listed(target, listed);
        journal.listed(target, vec!["of-somebody-else".to_owned()]);
        journal.end_list(target, Ok(()));
        // Those that were listed are looked up: the others are settled, and the last was never sent.
        let expected: Vec<i64> = (1..LISTED.len() as i64).map(|index| 3 * index).collect();
        assert_eq!(numbers(journal.claim(target, Work::Verify, 100).await), expected);
    })
    .await;
    let reports = reports(&location);
    let mut counts = Counts::default();
    for (index, (outcome, delivery, proven)) in LISTED.into_iter().enumerate() {
        let [seen, unseen, listed] = [0, 1, 2].map(|part| &reports[3 * index + part]);
        assert_eq!((seen.outcome, unseen.outcome, listed.outcome), (proven, outcome, outcome), "{outcome:?}");
        let was_sent = delivery != Some(Delivery::NotSent);
        for report in [seen, unseen] {
            let after = report.after.as_ref().map(|after| (after.state, after.source));
            assert_eq!(after, was_sent.then_some((PresenceState::Absent, PresenceSource::List)), "{report:?}");
        }
        assert_eq!((listed.after.as_ref(), seen.error.is_some()), (None, outcome == proven && delivery.is_some()));
    }
    reports.iter().for_each(|report| counts.add(report.outcome));
    assert_eq!(Status::read(&location).unwrap().targets[0].outcomes, counts);
}

#[tokio::test]
async fn a_list_that_breaks_off_proves_nothing_and_a_later_one_does() {
    let (_folder, location, target) = plan(2);
    run(&location, Purpose::Delete, "finished", async |journal| {
        journal.append(target, Entry::Before { record: 1, presence: sighting(PresenceState::Present) });
        journal.append(target, result(1, RecordOutcome::Acknowledged, None));
        journal.append(target, result(2, RecordOutcome::Deleted, None));
        journal.append(target, Entry::After { record: 2, presence: sighting(PresenceState::Absent) });
        journal.end_list(target, Err("page 7 never came".to_owned()));
        journal.flush().await.unwrap();
    })
    .await;
    let first = reports(&location);
    let after = first[0].after.as_ref().unwrap();
    assert_eq!((after.state, after.source), (PresenceState::Unknown, PresenceSource::List));
    assert_eq!((after.reason.as_deref(), first[0].outcome), (Some("page 7 never came"), RecordOutcome::Acknowledged));
    assert_eq!(
        first[1].after.as_ref().map(|after| after.state),
        Some(PresenceState::Absent),
        "it was looked up before"
    );
    run(&location, Purpose::Delete, "finished", async |journal| journal.end_list(target, Ok(()))).await;
    let again = reports(&location);
    assert_eq!((again[0].outcome, again[0].after.as_ref().unwrap().reason.as_ref()), (RecordOutcome::Deleted, None));
}

#[tokio::test]
async fn what_a_list_shows_of_many_records_is_written_in_groups() {
    const COUNT: i64 = 10_003;
    let (_folder, location, target) = plan(COUNT as usize);
    run(&location, Purpose::Delete, "finished", async |journal| {
        for record in 1..=COUNT {
            journal.append(target, Entry::Before { record, presence: sighting(PresenceState::Present) });
            journal.append(target, result(record, RecordOutcome::Acknowledged, None));
        }
        journal.listed(target, vec![id(3).to_string(), id(10_001).to_string()]);
        journal.end_list(target, Ok(()));
        assert_eq!(numbers(journal.claim(target, Work::Verify, 100).await), [3, 10_001], "all groups are written");
    })
    .await;
    let counts = Status::read(&location).unwrap().targets[0].outcomes;
    assert_eq!((counts.get(RecordOutcome::Deleted), counts.get(RecordOutcome::Acknowledged)), (COUNT as u64 - 2, 2));
    let (_folder, location, target) = plan(COUNT as usize);
    run(&location, Purpose::Delete, "finished", async |journal| {
        (1..=COUNT).for_each(|record| journal.append(target, result(record, RecordOutcome::Deleted, None)));
        journal.end_list(target, Err("page 7 never came".to_owned()));
    })
    .await;
    assert_eq!(Status::read(&location).unwrap().targets[0].lookups.unknown, COUNT as u64);
}

#[tokio::test]
async fn a_verification_goes_on_where_it_was_interrupted_and_begins_anew_after_its_end() {
    let (_folder, location, target) = plan(4);
    run(&location, Purpose::Delete, "finished", async |journal| {
        (1..=3).for_each(|record| journal.append(target, result(record, RecordOutcome::Deleted, None)));
        (1..=3).for_each(|record| {
            journal.append(target, Entry::After { record, presence: sighting(PresenceState::Absent) });
        });
    })
    .await;
    let look = |record| Entry::After { record, presence: sighting(PresenceState::Absent) };
    for (ending, open) in [("interrupted", vec![1, 2, 3]), ("deadline", vec![2, 3]), ("finished, finished", vec![3])] {
        run(&location, Purpose::Verify, ending, async |journal| {
            assert_eq!(numbers(journal.claim(target, Work::Reverify, 100).await), open, "{ending}");
            journal.append(target, look(open[0]));
        })
        .await;
    }
    run(&location, Purpose::Verify, "interrupted", async |journal| {
        assert_eq!(numbers(journal.claim(target, Work::Reverify, 100).await), [1, 2, 3], "a new one");
        journal.append(target, look(1));
    })
    .await;
    run(&location, Purpose::Delete, "finished", async |_| {}).await;
    run(&location, Purpose::Verify, "finished", async |journal| {
        assert_eq!(
            numbers(journal.claim(target, Work::Reverify, 100).await),
            [1, 2, 3],
            "something was deleted meanwhile"
        );
    })
    .await;
    run(&location, Purpose::Lookup, "interrupted", async |journal| {
        assert_eq!(numbers(journal.claim(target, Work::Lookup, 100).await), [1, 2, 3, 4]);
        journal.append(target, look(1));
        journal.append(target, Entry::After { record: 2, presence: sighting(PresenceState::Unknown) });
    })
    .await;
    run(&location, Purpose::Lookup, "finished", async |journal| {
        assert_eq!(numbers(journal.claim(target, Work::Lookup, 100).await), [2, 3, 4], "and what is unknown");
    })
    .await;
}

#[tokio::test]
async fn what_is_known_of_a_record_is_claimed_with_it() {
    let (_folder, location, target) = plan(6);
    run(&location, Purpose::Delete, "interrupted", async |journal| {
        journal.intend(target, vec![2, 3, 4]).await.unwrap();
        let over = Sighting { is_over: true, status: Some("ended".to_owned()), ..sighting(PresenceState::Present) };
        journal.append(target, Entry::Before { record: 1, presence: over });
        journal.append(target, Entry::Before { record: 3, presence: sighting(PresenceState::Absent) });
        journal.append(target, Entry::Before { record: 4, presence: sighting(PresenceState::Unknown) });
        journal.append(target, Entry::Before { record: 5, presence: sighting(PresenceState::Absent) });
        journal.append(target, Entry::Before { record: 5, presence: sighting(PresenceState::Present) });
        journal.flush().await.unwrap();
    })
    .await;
    run(&location, Purpose::Delete, "finished", async |journal| {
        let claimed = journal.claim(target, Work::Delete, 100).await.unwrap();
        let known: Vec<_> =
            claimed.iter().map(|one| (one.is_ambiguous, one.before, one.is_over, one.was_seen)).collect();
        let expected = [
            (false, Some(PresenceState::Present), true, true),
            (true, None, false, false),
            (false, Some(PresenceState::Absent), false, false),
            (true, Some(PresenceState::Unknown), false, false),
            (false, Some(PresenceState::Present), false, true),
            (false, None, false, false),
        ];
        assert_eq!(known, expected);
        assert_eq!(numbers(journal.claim(target, Work::Delete, 100).await), Vec::<i64>::new(), "each once");
        assert_eq!(numbers(journal.claim(target, Work::Precheck, 100).await), [6]);
    })
    .await;
    assert_eq!(reports(&location)[0].before.as_ref().unwrap().status.as_deref(), Some("ended"));
}

#[test]
fn every_outcome_of_a_delete_has_the_same_word_as_that_of_its_record() {
    for outcome in [Outcome::Deleted, Outcome::Acknowledged, Outcome::Gone, Outcome::Unresolved] {
        assert_eq!(RecordOutcome::from(outcome).as_str(), outcome.as_str());
        assert_eq!(RecordOutcome::parse(outcome.as_str()), Some(outcome.into()));
    }
    assert!(RecordOutcome::ALL.iter().all(|outcome| RecordOutcome::parse(outcome.as_str()) == Some(*outcome)));
    assert_eq!(RecordOutcome::parse("open"), None);
}

#[tokio::test]
async fn outcomes_that_are_alike_are_written_together_and_each_record_keeps_its_own() {
    let (_folder, location, target) = plan(9);
    run(&location, Purpose::Delete, "finished", async |journal| {
        let intents = journal.intend(target, vec![1, 2, 3, 5, 6, 7, 8, 9]).await.unwrap();
        assert_eq!(intents, [Intent::Written; 8]);
        // Of two outcomes of one record, the first counts.
        for (record, is_deleted) in
            [(3, true), (1, true), (2, true), (2, false), (5, true), (6, false), (7, false), (8, true)]
        {
            let (outcome, delivery) = match is_deleted {
                true => (RecordOutcome::Deleted, None),
                false => (RecordOutcome::Failed, Some(Delivery::Answered)),
            };
            journal.append(target, result(record, outcome, delivery));
        }
        // Those that are settled since get no intent, and the others of the range do.
        let intents = journal.intend(target, vec![7, 8, 9]).await.unwrap();
        assert_eq!(intents, [Intent::Settled, Intent::Settled, Intent::Written]);
    })
    .await;
    let reports = reports(&location);
    let outcomes: Vec<RecordOutcome> = reports.iter().map(|report| report.outcome).collect();
    let (deleted, failed, open) = (RecordOutcome::Deleted, RecordOutcome::Failed, RecordOutcome::NotAttempted);
    // The last one has an intent and no outcome: nobody knows.
    assert_eq!(outcomes, [deleted, deleted, deleted, open, deleted, failed, failed, deleted, failed]);
    assert!(reports[5].error.is_some() && reports[7].error.is_none());
    assert_eq!(Status::read(&location).unwrap().targets[0].outcomes.get(deleted), 5);
}
