//! What single responses mean, and what many of the same kind mean.

use std::time::Duration;

use conversation_delete_job::{Ending, Limits, RunOptions, Verify};
use delete_core::ErasureMode;

use crate::ground::Ground;
use crate::vendor::{Call, Reply};

const SECOND: Duration = Duration::from_secs(1);

/// Every status that a server uses for its own failure, except 501, which is permanent.
fn server_failures() -> impl Iterator<Item = u16> {
    (500..=599).filter(|status| *status != 501)
}

#[tokio::test]
async fn an_outage_of_any_5xx_fails_no_record() {
    let batched = [500, 505, 520, 530, 599].map(|status| (status, 50, 300));
    for (status, batch, count) in server_failures().map(|status| (status, 1, 12)).chain(batched) {
        let ground = Ground::new(move |model, _| match model.requests.len() {
            4..30 => Reply::Status(status),
            _ => Reply::Right,
        });
        let ground = ground.with_batches(batch).taking(SECOND / 10);
        ground.plan(count, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{status} {batch}");
        assert_eq!(ground.count("deleted"), count, "{status} {batch}");
    }
}

#[tokio::test]
async fn an_outage_of_any_5xx_that_lasts_leaves_the_records_open() {
    for status in server_failures().step_by(7) {
        let ground = Ground::new(move |_, _| Reply::Status(status));
        let ground = ground.with_options(RunOptions { max_outage: Some(60 * SECOND), ..RunOptions::default() });
        ground.plan(30, |_| true);
        assert!(matches!(ground.run().await, Ending::OutageTimedOut { .. }), "{status}");
        assert_eq!(ground.reports().iter().filter(|report| report.settled_at.is_some()).count(), 0, "{status}");
    }
}

#[tokio::test]
async fn a_record_that_always_meets_a_5xx_fails_in_the_end_among_others_that_do_not() {
    for status in [500, 505, 520, 530, 599] {
        let ground = Ground::new(move |_, call| match call.deleted() {
            [id] if id == "r00007" => Reply::Status(status),
            _ => Reply::Right,
        });
        let ground = ground.taking(SECOND / 10);
        ground.plan(40, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{status}");
        assert_eq!((ground.count("deleted"), ground.count("failed")), (39, 1), "{status}");
    }
}

/// Every status that the client classifies as a permanent rejection of one request.
const REJECTIONS: [u16; 12] = [400, 405, 409, 410, 411, 413, 415, 418, 422, 428, 451, 501];

#[tokio::test]
async fn a_permanent_rejection_of_every_record_stops_the_lane() {
    for status in REJECTIONS {
        for (batch, concurrency) in [(1, 4), (1, 64), (50, 4)] {
            let ground = Ground::new(move |_, _| Reply::Status(status)).with_batches(batch);
            let limits = Limits { concurrency, ..Limits::default() };
            let ground = ground.with_limits(limits).taking(SECOND / 10);
            ground.plan(200, |_| true);
            let case = format!("{status}, {batch} a request, {concurrency} at once");
            match ground.run().await {
                Ending::Unrecoverable(reason) => {
                    assert!(
                        reason.contains(&format!("({status})")) && reason.contains("API changed"),
                        "{case}: {reason}"
                    );
                }
                other => panic!("{case}: {other:?}"),
            }
            let sent = ground.deletes().concat().len();
            assert!(sent <= 50, "{case}: {sent}");
            assert_eq!((ground.count("failed"), ground.count("not_attempted")), (sent, 200 - sent), "{case}");
        }
    }
}

#[tokio::test]
async fn rejections_after_or_between_successes_stop_nothing() {
    for (good, of) in [(1, 2), (1, 40), (39, 40)] {
        let ground = Ground::new(move |model, _| match model.requests.len() % of < good {
            true => Reply::Right,
            false => Reply::Status(422),
        });
        ground.plan(400, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{good} of {of}");
        let deleted = 400 * good / of;
        assert_eq!((ground.count("deleted"), ground.count("failed")), (deleted, 400 - deleted));
    }
}

#[tokio::test]
async fn a_permanent_rejection_of_everything_in_the_middle_stops_the_lane() {
    let ground = Ground::new(|model, _| if model.requests.len() <= 100 { Reply::Right } else { Reply::Status(422) });
    ground.plan(1000, |_| true);
    let ending = ground.run().await;
    assert!(matches!(&ending, Ending::Unrecoverable(reason) if reason.contains("50 requests")), "{ending:?}");
    assert_eq!((ground.count("deleted"), ground.count("failed")), (100, 50));
}

/// The tenth call and later ones get this reply.
fn from_the_tenth_call_on(reply: Reply, batch: usize) -> Ground {
    let ground = Ground::new(move |model, _| if model.requests.len() < 10 { Reply::Right } else { reply });
    let ground = ground.with_batches(batch).taking(SECOND / 10);
    ground.plan(2000, |_| true);
    ground
}

#[tokio::test]
async fn a_rejection_of_every_batch_in_the_middle_fails_no_more_than_fifty_records() {
    for status in REJECTIONS {
        let ground = from_the_tenth_call_on(Reply::Status(status), 50);
        let ending = ground.run().await;
        assert!(matches!(ending, Ending::Unrecoverable(_)), "{status}: {ending:?}");
        let failed = ground.count("failed");
        assert!((40..=50).contains(&failed), "{status}: {failed}");
        assert_eq!(ground.count("deleted") + failed + ground.count("not_attempted"), 2000, "{status}");
        ground.assert_true("a rejection in the middle");
    }
}

#[tokio::test]
async fn one_rejected_record_does_not_fail_those_of_its_batch() {
    for status in [403, 422, 501] {
        let ground = Ground::new(move |_, call| match call.deleted() {
            ids if ids.iter().any(|id| id == "r00077" || id == "r00301") => Reply::Status(status),
            _ => Reply::Right,
        });
        let ground = ground.with_batches(50).taking(SECOND / 10);
        ground.plan(500, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{status}");
        assert_eq!((ground.count("deleted"), ground.count("failed")), (498, 2), "{status}");
    }
}

#[tokio::test]
async fn responses_that_are_not_the_vendors_leave_few_records_of_a_batching_job_in_doubt() {
    let limits = Limits { concurrency: 1, ..Limits::default() };
    let ground = from_the_tenth_call_on(Reply::Page, 50).with_limits(limits);
    let ending = ground.run().await;
    assert!(matches!(ending, Ending::Unrecoverable(_)), "{ending:?}");
    let failed = ground.count("failed");
    assert!(failed <= 51, "{failed}");
    // None of them is sent again.
    let mut sent = ground.deletes().concat();
    let number = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), number);
}

#[tokio::test]
async fn one_response_that_is_not_the_vendors_stops_nothing() {
    let ground = Ground::new(|model, _| if model.requests.len() == 10 { Reply::Page } else { Reply::Right });
    let ground = ground.with_batches(50);
    ground.plan(2000, |_| true);
    assert_eq!(ground.run().await, Ending::Finished);
    let failed = ground.count("failed");
    assert_eq!((ground.count("deleted"), failed <= 50), (2000 - failed, true), "{failed}");
}

#[tokio::test]
async fn a_permission_lost_in_the_middle_stops_the_lane_and_leaves_the_rest_open() {
    for (batch, concurrency) in [(1, 1), (1, 4), (50, 4)] {
        let ground = from_the_tenth_call_on(Reply::Status(403), batch);
        let ground = ground.with_limits(Limits { concurrency, ..Limits::default() });
        let ending = ground.run().await;
        assert!(
            matches!(&ending, Ending::CredentialRefused(reason) if reason.contains("of the last")),
            "{batch}: {ending:?}"
        );
        let failed = ground.count("failed");
        assert!(failed <= 10 + concurrency, "{batch}: {failed}");
        ground.assert_true("a permission lost");
    }
}

#[tokio::test]
async fn a_permission_lost_in_the_middle_of_a_verification_ends_it() {
    let ground = Ground::new(|model, call| match model.lookups().len() {
        21.. => Reply::Status(403),
        _ if *call == Call::Check => Reply::Status(403),
        _ => Reply::Right,
    });
    ground.plan(100, |_| true);
    assert_eq!(ground.run().await, Ending::Finished);
    let ending = ground.verify().await;
    assert!(matches!(&ending, Ending::CredentialRefused(_)), "{ending:?}");
    assert_eq!(ground.count("deleted"), 100);
    assert!(ground.lookups().len() < 50, "{}", ground.lookups().len());
}

#[tokio::test]
async fn a_permission_to_read_that_is_lost_in_the_middle_ends_a_run_that_verifies() {
    let ground = Ground::new(|model, call| match model.lookups().len() {
        121.. if !call.looked_up().is_empty() || *call == Call::Check => Reply::Status(403),
        _ => Reply::Right,
    });
    let ground = ground.verifying();
    ground.plan(100, |_| true);
    let ending = ground.run().await;
    assert!(matches!(&ending, Ending::CredentialRefused(_)), "{ending:?}");
    assert!(ground.lookups().len() < 150, "{}", ground.lookups().len());
    ground.assert_true("what could not be looked up was not deleted");
}

#[tokio::test]
async fn single_403_among_valid_responses_do_not_stop_any_pass() {
    let verifying = RunOptions { verify: Verify::Lookup, absent_ok: true, ..RunOptions::default() };
    for options in [RunOptions::default(), verifying] {
        let ground =
            Ground::new(|model, _| if model.requests.len() % 10 == 9 { Reply::Status(403) } else { Reply::Right });
        let ground = ground.with_options(options.clone());
        ground.plan(200, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{options:?}");
        ground.assert_true("403 among others");
    }
}

/// Records that may not be read are unknown, as often as somebody asks.
#[tokio::test]
async fn a_verification_that_meets_403_finishes_every_time() {
    let ground = Ground::new(|model, call| match call.looked_up() {
        [id] if model.removed.contains(id) && id.as_str() < "r00030" => Reply::Status(403),
        _ => Reply::Right,
    });
    let ground = ground.verifying();
    ground.plan(100, |_| true);
    let before = ground.run().await;
    assert_eq!(before, Ending::Finished);
    for _ in 0..2 {
        assert_eq!(ground.run().await, Ending::Finished);
        let unknown =
            |report: &conversation_delete_job::RecordReport| crate::stage::presence(&report.after) == Some("unknown");
        assert_eq!(ground.reports().iter().filter(|report| unknown(report)).count(), 30);
    }
    assert_eq!(ground.verify().await, Ending::Finished);
}

#[tokio::test]
async fn only_403_from_the_start_is_a_refused_credential() {
    for batch in [1, 50] {
        let ground = Ground::new(|_, _| Reply::Status(403)).with_batches(batch);
        ground.plan(500, |_| true);
        let ending = ground.run().await;
        assert!(matches!(&ending, Ending::CredentialRefused(_)), "{ending:?}");
        assert!(ground.deletes().len() <= 8, "{:?}", ground.deletes().len());
    }
}

#[tokio::test]
async fn no_request_is_sent_after_the_deadline() {
    for concurrency in [1, 8] {
        let ground = Ground::new(|_, _| Reply::Right).taking(SECOND);
        let deadline = Some(delete_core::Clock::now(&ground.vendor.clock) + 10 * SECOND);
        let ground = ground
            .with_limits(Limits { concurrency, ..Limits::default() })
            .with_options(RunOptions { deadline, ..RunOptions::default() });
        ground.plan(1000, |_| true);
        assert!(matches!(ground.run().await, Ending::DeadlineReached { .. }));
        let model = ground.vendor.model.lock().unwrap();
        assert!(model.requests.iter().all(|(_, at)| Some(*at) <= deadline));
        assert!(model.requests.len() >= 9, "{}", model.requests.len());
    }
}

#[tokio::test]
async fn what_was_absent_before_is_not_scanned_for_one_by_one() {
    let ground = Ground::new(|_, _| Reply::Right).with_batches(50).scanning().verifying();
    ground.plan(400, |number| number % 4 != 0);
    assert_eq!(ground.run().await, Ending::Finished);
    let scans = ground.lookups().iter().filter(|ids| ids.len() < 400).count();
    assert!(scans <= 6, "{scans} scans for less than all of them");
    // The deletes of those that were not seen are sent on their own: they would spoil the response to the others.
    let unseen = ground.deletes().iter().filter(|ids| ids.len() == 1).count();
    assert!(unseen >= 100, "{unseen}");
    ground.assert_true("at the end");
}

/// A vendor that shows for ever what it deleted: a soft delete says nothing else.
#[tokio::test]
async fn after_a_soft_delete_one_lookup_suffices() {
    for (mode, lookups) in [(ErasureMode::Soft, 1), (ErasureMode::Hard, 4)] {
        let ground = Ground::new(|model, call| {
            let shown = model.removed.clone();
            model.present.extend(shown.into_iter().filter(|_| call.deleted().is_empty()));
            Reply::Right
        });
        let mut ground = ground.verifying();
        ground.mode = mode;
        ground.plan(10, |_| true);
        assert_eq!(ground.run().await, Ending::Finished);
        assert_eq!(ground.lookups().len(), 10 + 10 * lookups, "{mode}");
    }
}
