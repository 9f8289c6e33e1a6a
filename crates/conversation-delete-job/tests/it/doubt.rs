//! What a response means for records of which an earlier request may have had its effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conversation_delete_job::{Ending, RunOptions};
use tokio::sync::Notify;

use crate::ground::Ground;
use crate::vendor::Reply;

const SECOND: Duration = Duration::from_secs(1);

/// At a vendor that reports 406 if one of several was not there. The first record of the job is deleted first, so that
/// the target is confirmed; then come four of one kind.
#[tokio::test]
async fn the_decision_table_of_a_batching_vendor() {
    // Whether the four are in doubt, whether they are there, the sizes of their requests, their outcomes.
    let table = [
        (false, [true; 4], vec![4], ["deleted"; 4]),
        (false, [true, true, false, true], vec![4], ["unresolved"; 4]),
        (false, [false; 4], vec![4], ["unresolved"; 4]),
        (true, [true; 4], vec![1, 1, 1, 1], ["deleted"; 4]),
        (true, [true, true, false, true], vec![1, 1, 1, 1], ["deleted", "deleted", "gone", "deleted"]),
        (true, [false; 4], vec![1, 1, 1, 1], ["gone"; 4]),
    ];
    for (is_in_doubt, is_there, sizes, outcomes) in table {
        let case = format!("in doubt: {is_in_doubt}, there: {is_there:?}");
        let ground = Ground::new(|_, _| Reply::Right).with_batches(50);
        let ids = ground.plan(5, |number| number == 0 || is_there[number - 1]);
        if is_in_doubt {
            ground.put_in_doubt(&ids[1..]);
            // What is in doubt is sent first: the first record must be, to be the one that confirms the target.
            ground.put_in_doubt(&ids[..1]);
        }
        assert_eq!(ground.run().await, Ending::Finished, "{case}");
        let sent: Vec<usize> = ground.deletes()[1..].iter().map(Vec::len).collect();
        assert_eq!(sent, sizes, "{case}");
        let reports: Vec<String> =
            ground.reports().into_iter().map(|report| report.outcome.as_str().to_owned()).collect();
        assert_eq!(reports[1..], outcomes, "{case}");
    }
}

/// A single record is exact, with and without a doubt; several of which one may be removed already are never sent together.
#[tokio::test]
async fn a_batch_without_a_clear_response_is_sent_again_one_by_one() {
    for reply in [Reply::Late(503), Reply::Late(520), Reply::Lost, Reply::Dead, Reply::Status(500)] {
        let ground = Ground::new(move |model, _| if model.requests.len() == 2 { reply } else { Reply::Right });
        let ground = ground.with_batches(50).taking(SECOND / 10);
        let ids = ground.plan(50, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{reply:?}");
        let deletes = ground.deletes();
        assert_eq!((deletes[0].len(), deletes[1].len()), (1, 49), "{reply:?}");
        let mut again: Vec<String> = deletes[2..].concat();
        again.sort();
        assert!(deletes[2..].iter().all(|batch| batch.len() == 1) && again == ids[1..], "{reply:?}");
        let acted = matches!(reply, Reply::Late(_) | Reply::Lost);
        assert_eq!(ground.count(if acted { "gone" } else { "deleted" }), if acted { 49 } else { 50 }, "{reply:?}");
        ground.assert_true("at the end");
    }
}

#[tokio::test]
async fn a_batch_that_was_never_sent_does_not_become_gone_after_a_kill() {
    let ground = Ground::new(|model, _| match model.requests.len() {
        3 => Reply::Wait(429, 3600),
        _ => Reply::Right,
    });
    let ground = ground.with_batches(50).taking(SECOND / 10);
    // From the fourth request on, one of each fifty is not there.
    ground.plan(301, |number| number % 50 != 17);
    ground.run_into_a_wait().await;
    let sent = ground.deletes().concat();
    assert_eq!(ground.run().await, Ending::Finished);
    let gone: Vec<String> = ground
        .reports()
        .into_iter()
        .filter(|report| report.outcome.as_str() == "gone")
        .map(|report| report.id)
        .collect();
    assert!(gone.iter().all(|id| sent.contains(id)), "{gone:?}");
    assert!(ground.count("unresolved") >= 200);
}

/// With the key of another workspace, whose records are not there, and a kill at each request.
#[tokio::test]
async fn repeated_kills_at_the_wrong_target_report_no_success_in_bulk() {
    for batch in [1, 50] {
        for absent_ok in [false, true] {
            let (kill, at) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(1)));
            let (notify, when) = (Arc::clone(&kill), Arc::clone(&at));
            let ground = Ground::new(move |model, _| {
                if model.requests.len() == when.load(Ordering::SeqCst) {
                    notify.notify_one();
                }
                Reply::Right
            });
            let options = RunOptions { absent_ok, ..RunOptions::default() };
            let ground = ground.with_batches(batch).taking(SECOND / 10).with_options(options);
            ground.plan(200, |_| false);
            for _ in 0..5 {
                at.store(ground.deletes().len() + 1, Ordering::SeqCst);
                assert_eq!(ground.run_until(&kill).await, None);
            }
            at.store(usize::MAX, Ordering::SeqCst);
            let ending = ground.run().await;
            assert_eq!(matches!(ending, Ending::NothingFound { .. }), !absent_ok, "{ending:?}");
            assert!(ground.count("gone") <= 5, "{batch}: {}", ground.count("gone"));
            let tried: usize = ground.deletes().iter().take(25).map(Vec::len).sum();
            assert_eq!(tried, 25, "batches of one until the target is confirmed, or twenty were missing");
        }
    }
}

#[tokio::test]
async fn what_is_gone_counts_as_missing_while_nothing_was_deleted() {
    for batch in [1, 50] {
        let ground = Ground::new(|_, _| Reply::Right).with_batches(batch);
        let ids = ground.plan(200, |_| false);
        ground.put_in_doubt(&ids[..100]);
        assert!(matches!(ground.run().await, Ending::NothingFound { .. }));
        assert_eq!((ground.deletes().len(), ground.count("gone")), (20, 20));
    }
}

#[tokio::test]
async fn the_guard_against_a_wrong_target_costs_twenty_requests_of_one_record() {
    let ground = Ground::new(|_, _| Reply::Right).with_batches(50);
    ground.plan(1000, |_| false);
    assert!(matches!(ground.run().await, Ending::NothingFound { .. }));
    assert_eq!(ground.deletes(), ground.deletes().concat().into_iter().map(|id| vec![id]).collect::<Vec<_>>());
    assert_eq!((ground.deletes().len(), ground.count("not_found"), ground.count("not_attempted")), (20, 20, 980));
}
