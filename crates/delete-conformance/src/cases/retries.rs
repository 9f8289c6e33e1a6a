//! Waits, retries and the retry budget.

use std::time::Duration;

use delete_core::{Deleter, Delivery, ErrorKind, RetryPolicy};

use super::{Harness, success};
use crate::{FaultAction, VendorUnderTest};

/// In seconds and as a date, for 429 and 503.
pub async fn retry_after_is_honoured_in_full<S: VendorUnderTest>() {
    let dated = ["date: Sun, 06 Nov 1994 08:49:37 GMT", "retry-after: Sun, 06 Nov 1994 08:49:44 GMT"];
    for headers in [&["retry-after: 7"][..], &["Retry-After:   6.5 "], &["retry-after: 3", "retry-after: 7"], &dated] {
        for status in [429, 503] {
            let harness = Harness::<S>::new([FaultAction::status(status, headers, "{}"), success::<S>()]);
            assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
            assert_eq!(harness.setup.clock.elapsed(), with_jitter(7), "{headers:?}");
            assert_eq!(harness.request_count(), 2);
        }
    }
}

pub async fn a_retry_after_beyond_the_deadline_returns_at_once_for_all_clones<S: VendorUnderTest>() {
    // 55 s would fit into the total of 60 s, but leave too little for an attempt.
    for seconds in ["55", "60", "86400", "99999999999999999999999"] {
        let wait = format!("retry-after: {seconds}");
        let harness = Harness::<S>::new([FaultAction::status(429, &[&wait], "{}"), success::<S>()]);
        let error = harness.fail().await;
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!(error.retry_after().unwrap() >= Duration::from_secs(55));
        assert!(error.is_retryable());
        assert_eq!(error.delivery(), Delivery::Answered);

        let clone = harness.client.clone();
        let error = clone.delete(&harness.id).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
        assert!(error.retry_after().unwrap() >= Duration::from_secs(55));
        assert_eq!(harness.request_count(), 1);
        assert_eq!(harness.setup.clock.slept(), []);
    }

    let harness = Harness::<S>::new([FaultAction::status(429, &["retry-after: 100"], "{}"), success::<S>()]);
    harness.fail().await;
    harness.setup.clock.advance(Duration::from_secs(70));
    assert_eq!(harness.client.clone().delete(&harness.id).await.unwrap().outcome(), S::SUCCESS.1);
    assert_eq!(harness.setup.clock.slept(), [with_jitter(30)]);
}

/// Jitter adds up to a tenth, so that waiting calls do not resume at the same time. The test clock adds all of it.
fn with_jitter(seconds: u32) -> Duration {
    Duration::from_millis(1100) * seconds
}

/// A date in `Retry-After` is compared with the `Date` of the response, not with our clock.
pub async fn a_wrong_clock_does_not_change_a_wait<S: VendorUnderTest>() {
    // The test clock is at 2026-01-01: 31 years ahead of the first server, and 100 years behind the second.
    for (date, until) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:44 GMT"),
        ("Wed, 06 Nov 2126 08:49:37 GMT", "Wed, 06 Nov 2126 08:49:44 GMT"),
    ] {
        let headers = [format!("date: {date}"), format!("retry-after: {until}")];
        let headers = headers.each_ref().map(String::as_str);
        let harness = Harness::<S>::new([FaultAction::status(429, &headers, "{}"), success::<S>()]);
        assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
        assert_eq!(harness.setup.clock.elapsed(), with_jitter(7), "{headers:?}");
    }
}

/// The client waits for its own backoff.
pub async fn an_unreadable_retry_after_is_ignored<S: VendorUnderTest>() {
    for value in ["abc", "-1", "", "0", "1e9", "Sun, 06 Nov 1994 08:49:37 GMT", "Someday", "0x7f", "🕛"] {
        let header = format!("retry-after: {value}");
        let harness = Harness::<S>::new([FaultAction::status(429, &[&header], "{}"), success::<S>()]);
        assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
        assert_eq!(harness.setup.clock.slept(), [Duration::from_millis(500)], "{value:?}");
    }
}

/// Once the budget is used up, each call is one request.
pub async fn the_retry_budget_bounds_the_load_of_an_outage<S: VendorUnderTest>() {
    let harness = Harness::<S>::with([FaultAction::status(503, &[], "")], |setup| {
        setup.retry = RetryPolicy::default().with_budget(10);
    });
    for _ in 0..50 {
        assert_eq!(harness.fail().await.kind(), ErrorKind::Server);
    }
    assert_eq!(harness.request_count(), 50 + 10);
}

/// Each success adds a tenth of a retry.
pub async fn successes_refill_the_retry_budget<S: VendorUnderTest>() {
    let failure = || FaultAction::status(503, &[], "");
    let mut script = vec![failure(), failure(), failure()];
    script.extend(std::iter::repeat_with(success::<S>).take(10));
    script.extend([failure(), success::<S>()]);
    let harness = Harness::<S>::with(script, |setup| setup.retry = RetryPolicy::default().with_budget(1));
    assert_eq!(harness.fail().await.attempts().len(), 2);
    assert_eq!(harness.fail().await.attempts().len(), 1);
    for _ in 0..10 {
        assert_eq!(harness.delete().await.unwrap().attempts().len(), 1);
    }
    assert_eq!(harness.delete().await.unwrap().attempts().len(), 2);
}

pub async fn throttling_does_not_use_the_retry_budget<S: VendorUnderTest>() {
    let throttled = || FaultAction::status(429, &["retry-after: 1"], "{}");
    let script = (0..5).flat_map(|_| [throttled(), success::<S>()]);
    let harness = Harness::<S>::with(script, |setup| setup.retry = RetryPolicy::default().with_budget(1));
    for _ in 0..5 {
        assert_eq!(harness.delete().await.unwrap().attempts().len(), 2);
    }
}

/// It applies to that record only.
pub async fn retry_after_of_a_rejected_record_does_not_throttle_others<S: VendorUnderTest>() {
    let refusal = FaultAction::status(422, &["retry-after: 3600"], "{}");
    let harness = Harness::<S>::new([refusal, success::<S>()]);
    assert_eq!(harness.fail().await.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(harness.delete().await.unwrap().outcome(), S::SUCCESS.1);
}
