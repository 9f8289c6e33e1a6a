//! What the suite reports if a request gets no response, or one that no vendor should send.

use std::time::Duration;

use conversation_delete_fake::{Fault, RetryAfter, Route, Vendor};

use crate::account::{account, case, delete_route, run_at};

#[tokio::test]
async fn a_delete_that_was_not_confirmed_claims_nothing_of_what_follows() {
    let faults = [
        Fault::throttle(Some(RetryAfter::Seconds(3600))),
        Fault::close().without_effect().once(),
        Fault::close().after_effect().once(),
    ];
    for &vendor in Vendor::ALL {
        for fault in &faults {
            let (fake, ids) = account(vendor).await;
            fake.fault(fault.clone().on(delete_route(vendor)));
            let report = run_at(&fake, &ids[..1]).await.unwrap();
            let at = report.cases.iter().position(|case| case.case == "delete").unwrap();
            assert!(report.cases[at].has_failed, "{}", report.cases[at].describe());
            for case in &report.cases[at + 1..] {
                assert!(case.agrees.is_none() && case.observed.is_none() && !case.has_failed, "{}", case.describe());
            }
            assert_eq!(report.problems().count(), 1, "{vendor:?}: {:?}", report.problems().collect::<Vec<_>>());
            let deletes = fake.requests().into_iter().filter(|request| request.method() == "DELETE");
            assert_eq!(deletes.count(), 1, "{vendor:?}");
        }
    }
}

#[tokio::test]
async fn a_throttle_is_honoured_and_one_that_is_too_long_fails_the_rest() {
    let (fake, _) = account(Vendor::Tavus).await;
    fake.fault(Fault::throttle(Some(RetryAfter::Seconds(1))).nth(4).once());
    let started = std::time::Instant::now();
    assert_eq!(run_at(&fake, &[]).await.unwrap().problems().count(), 0);
    assert!(started.elapsed().as_secs() >= 1);

    fake.fault(Fault::throttle(Some(RetryAfter::Seconds(3600))).on(Route::Get));
    let report = run_at(&fake, &[]).await.unwrap();
    let case = case(&report, "lookup");
    assert!(case.has_failed && case.agrees.is_none() && case.observed.is_none());
    assert!(case.describe().contains("run the suite again in 3600 s"), "{}", case.describe());
    assert!(report.problems().any(|problem| problem.case == "lookup"));
}

#[tokio::test]
async fn a_throttle_of_a_delete_for_ever_is_reported_with_all_that_ran_before_it() {
    let (fake, ids) = account(Vendor::Tavus).await;
    let endless = Fault::reply(429).with_header("retry-after", "18446744073709551615");
    fake.fault(Fault::delay(Duration::from_millis(1100)).on(Route::List).once());
    fake.fault(endless.on(Route::Delete).after_effect().once());
    let report = run_at(&fake, &ids[..2]).await.unwrap();
    let deletes: Vec<_> = report.cases.iter().filter(|case| case.case == "delete").collect();
    assert!(deletes[0].has_failed && deletes[0].describe().contains("run the suite again"), "{deletes:?}");
    assert_eq!(deletes[1].agrees, Some(true), "{deletes:?}");
    assert_eq!(case(&report, "list").agrees, Some(true));
}

#[tokio::test]
async fn a_time_at_the_end_of_all_numbers_is_no_panic() {
    let (fake, _) = account(Vendor::ElevenLabs).await;
    let record = serde_json::json!({ "conversation_id": "conv_1", "start_time_unix_secs": i64::MAX });
    let page = serde_json::json!({ "conversations": [record], "has_more": false, "next_cursor": null });
    fake.fault(Fault::reply(200).with_json(page.to_string()).on(Route::List).times(3));
    let report = run_at(&fake, &[]).await.unwrap();
    assert!(case(&report, "list").observed.is_some());
}

#[tokio::test]
async fn a_lost_connection_fails_its_case_alone() {
    let (fake, _) = account(Vendor::ElevenLabs).await;
    fake.fault(Fault::close().nth(3).once());
    let report = run_at(&fake, &[]).await.unwrap();
    let failed: Vec<_> = report.problems().collect();
    assert!(failed.len() == 1 && failed[0].has_failed, "{failed:?}");
}
