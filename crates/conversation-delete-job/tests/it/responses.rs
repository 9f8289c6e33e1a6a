//! Every request of a small job meets every fault once. What is written down is true all the same.

use std::time::Duration;

use conversation_delete_job::{Ending, RecordReport, RunOptions, StopHandle, Verify};

use crate::stage::{Act, Stage, State, presence};
use crate::truth::assert_true;

const COUNT: usize = 8;
const HELD: [&str; 2] = ["cheld1", "cheld2"];
const UNPLANNED: &str = "cother";

/// What happens to a request, and what must become of its record.
const FAULTS: [(Act, &str); 24] = [
    (Act::Dead, "deleted"),
    (Act::Lost, "gone"),
    (Act::Status(408), "deleted"),
    (Act::Status(500), "deleted"),
    (Act::Status(502), "deleted"),
    (Act::Status(503), "deleted"),
    (Act::Status(504), "deleted"),
    (Act::Late(408), "gone"),
    (Act::Late(500), "gone"),
    (Act::Late(502), "gone"),
    (Act::Late(503), "gone"),
    (Act::Late(504), "gone"),
    (Act::Closed(7), "deleted"),
    (Act::Closed(59), "deleted"),
    (Act::Closed(7200), "deleted"),
    (Act::Throttle(None), "deleted"),
    (Act::Throttle(Some(0)), "deleted"),
    (Act::Throttle(Some(7)), "deleted"),
    (Act::Throttle(Some(59)), "deleted"),
    (Act::Throttle(Some(7200)), "deleted"),
    (Act::Page, "failed"),
    (Act::LatePage, "failed"),
    (Act::Status(401), "deleted"),
    (Act::Status(403), "failed"),
];

/// One request at a time, and several.
const LATENCIES: [Duration; 2] = [Duration::ZERO, Duration::from_millis(100)];

/// A job of some ids and two that are held, at a vendor with one more record.
fn plan(stage: &Stage) {
    let mut ids: Vec<String> = (0..COUNT).map(|number| format!("c{number}")).collect();
    ids.insert(3, HELD[0].to_owned());
    ids.push(HELD[1].to_owned());
    let mut state = stage.state.lock().unwrap();
    state.present.extend(ids.iter().cloned().chain([UNPLANNED.to_owned()]));
    drop(state);
    stage.plan_ids(&ids, &HELD.map(str::to_owned));
}

/// The reports of all that was to be deleted, once nothing outside of it was touched.
fn planned_reports(stage: &Stage) -> Vec<RecordReport> {
    let state = stage.state.lock().unwrap();
    let untouched = |id: &str| state.present.contains(id) && state.heard.iter().all(|(heard, _)| heard != id);
    assert!(HELD.into_iter().chain([UNPLANNED]).all(untouched));
    drop(state);
    let (held, planned): (Vec<_>, Vec<_>) =
        stage.reports().into_iter().partition(|report| HELD.contains(&report.id.as_str()));
    assert!(held.len() == HELD.len() && held.iter().all(|report| report.outcome.as_str() == "held"));
    assert_eq!(planned.len(), COUNT);
    planned
}

#[tokio::test]
async fn whatever_happens_to_one_request_each_id_has_its_true_outcome() {
    for (act, expected) in FAULTS {
        for latency in LATENCIES {
            for k in 1..=COUNT {
                let case = format!("{act:?} at request {k}, latency {latency:?}");
                let stage = Stage::new(move |state, _| fault_at(k, state.heard.len(), act)).taking(latency);
                plan(&stage);
                run_to_the_end(&stage, &RunOptions::default(), &[act], &case).await;
                let hit = stage.state.lock().unwrap().heard[k - 1].0.clone();
                for report in planned_reports(&stage) {
                    let expected = if report.id == hit { expected } else { "deleted" };
                    assert_eq!(report.outcome.as_str(), expected, "{case}: {report:?}");
                }
            }
        }
    }
}

/// The second fault meets the next try of the same record, or another record.
#[tokio::test]
async fn whatever_happens_to_two_requests_in_a_row_each_id_has_its_true_outcome() {
    let k = 4;
    for (first, first_outcome) in FAULTS {
        for (second, second_outcome) in FAULTS {
            let case = format!("{first:?} and {second:?} from request {k}");
            let stage = Stage::new(move |state, _| match state.heard.len() {
                number if number == k => first,
                number => fault_at(k + 1, number, second),
            });
            plan(&stage);
            run_to_the_end(&stage, &RunOptions::default(), &[first, second], &case).await;
            let hit = [k - 1, k].map(|number| stage.state.lock().unwrap().heard[number].0.clone());
            for report in planned_reports(&stage) {
                let expected = match [report.id == hit[0], report.id == hit[1]] {
                    [true, true] if second_outcome == "deleted" => first_outcome,
                    [_, true] => second_outcome,
                    [true, false] => first_outcome,
                    [false, false] => "deleted",
                };
                assert_eq!(report.outcome.as_str(), expected, "{case}: {report:?}");
            }
        }
    }
}

/// A throttle does not fail the record whose request met it.
#[tokio::test]
async fn a_record_that_was_throttled_often_may_fail_once() {
    let stage = Stage::new(|state, _| match state.heard.len() {
        2..=6 => Act::Throttle(Some(1)),
        7 => Act::Status(503),
        _ => Act::Right,
    });
    plan(&stage);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(
        planned_reports(&stage).iter().all(|report| report.outcome.as_str() == "deleted"),
        "{:?}",
        stage.outcomes()
    );
}

#[tokio::test]
async fn whatever_happens_to_one_look_nothing_is_deleted_that_was_not_seen() {
    let options = RunOptions { verify: Verify::Lookup, ..RunOptions::default() };
    // A look has no effect.
    let has_effect = |act| matches!(act, Act::Lost | Act::Late(_) | Act::LatePage);
    for (act, _) in FAULTS.into_iter().filter(|(act, _)| !has_effect(*act)) {
        for latency in LATENCIES {
            let is_final = matches!(act, Act::Page | Act::Status(403));
            let mut all_unseen = 0;
            for k in 1..=2 * COUNT {
                let case = format!("{act:?} at look {k}, latency {latency:?}");
                let look = move |state: &mut State, _| fault_at(k, state.looked.len(), act);
                let stage = Stage::new(|_, _| Act::Right).looking(look).taking(latency);
                plan(&stage);
                run_to_the_end(&stage, &options, &[act], &case).await;
                let unseen = first_look_at(k, &stage).filter(|_| is_final);
                for report in planned_reports(&stage) {
                    let is_unseen_one = unseen.as_ref() == Some(&report.id);
                    let is_right = if is_unseen_one { is_unseen(&report) } else { is_proven(&report) };
                    assert!(is_right, "{case}, to be unseen: {unseen:?}: {report:?}");
                }
                assert_eq!(stage.heard(), COUNT - usize::from(unseen.is_some()), "{case}");
                all_unseen += usize::from(unseen.is_some());
            }
            // Which of the lookups come first at their record depends on when the responses come.
            assert_eq!(all_unseen > 0, is_final, "{act:?}, latency {latency:?}");
        }
    }
}

/// The record of this look, if it is the first one at it, which comes before its delete.
fn first_look_at(k: usize, stage: &Stage) -> Option<String> {
    let looked = stage.state.lock().unwrap().looked.clone();
    let id = &looked[k - 1];
    (!looked[..k - 1].contains(id)).then(|| id.clone())
}

fn fault_at(k: usize, number: usize, act: Act) -> Act {
    if number == k { act } else { Act::Right }
}

fn looks(report: &RecordReport) -> (Option<&str>, Option<&str>) {
    (presence(&report.before), presence(&report.after))
}

fn is_proven(report: &RecordReport) -> bool {
    report.outcome.as_str() == "deleted" && looks(report) == (Some("present"), Some("absent"))
}

/// It was deleted, and the look after that could not be understood.
fn is_unproven(report: &RecordReport) -> bool {
    report.outcome.as_str() == "deleted" && looks(report) == (Some("present"), Some("unknown"))
}

/// It could not be looked at, and so it was not deleted.
fn is_unseen(report: &RecordReport) -> bool {
    let delivery = report.error.as_ref().map(|error| error.delivery.as_str());
    report.outcome.as_str() == "failed" && delivery == Some("not_sent") && looks(report) == (Some("unknown"), None)
}

/// Runs it to its end, with a new credential each time the old one was refused. A run after that sends nothing.
async fn run_to_the_end(stage: &Stage, options: &RunOptions, acts: &[Act], case: &str) {
    let run = || async { stage.try_run(options, &StopHandle::default()).await.unwrap() };
    let mut ending = run().await;
    assert_true(stage, case);
    for _ in acts.iter().filter(|act| **act == Act::Status(401)) {
        assert!(matches!(ending, Ending::CredentialRefused(_)), "{case}: {ending:?}");
        ending = run().await;
        assert_true(stage, case);
    }
    assert_eq!(ending, Ending::Finished, "{case}");
    // What a look could not say is looked at again, and no more.
    let unproven = planned_reports(stage).iter().filter(|report| is_unproven(report)).count();
    for expected in [(stage.heard(), stage.looked() + unproven); 2] {
        assert_eq!(run().await, Ending::Finished, "{case}");
        assert_eq!((stage.heard(), stage.looked()), expected, "{case}: another run sends nothing");
    }
}
