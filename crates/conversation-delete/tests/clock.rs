//! Filters by age depend on our clock.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime};

use conversation_delete::http::{self, Transport};
use conversation_delete::testing::{ResponseExt, TestClock, response};
use conversation_delete::{ApiKey, ClockSkew, ErrorKind, Filter, RecordReader};
use conversation_delete::{corti, elevenlabs, fini, tavus};

/// The start of the test clock.
const NOW: u64 = 1_767_225_600;

/// Responds with an empty list and a `Date` that is `ahead` seconds ahead of our clock.
fn empty_lists(body: &'static str, ahead: i64) -> impl Transport {
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.checked_add_signed(ahead).unwrap());
    let date = httpdate::fmt_http_date(date);
    http::from_fn(move |_| {
        let response = response(200, body).with_header("date", &date);
        async { Ok(response) }
    })
}

fn readers(ahead: i64) -> Vec<Box<dyn RecordReader>> {
    let key = || ApiKey::new("key").unwrap();
    let token = corti::AccessToken::new("token").unwrap();
    vec![
        Box::new(
            corti::Client::builder(corti::Environment::Eu, "base", token)
                .transport(empty_lists(r#"{"interactions":[]}"#, ahead))
                .clock(TestClock::new())
                .build()
                .unwrap(),
        ),
        Box::new(
            fini::Client::builder(key())
                .transport(empty_lists(r#"{"interactions":[],"hasMore":false}"#, ahead))
                // Its waits would advance our clock.
                .no_rate_limit()
                .clock(TestClock::new())
                .build()
                .unwrap(),
        ),
        Box::new(
            elevenlabs::Client::builder(key())
                .transport(empty_lists(r#"{"conversations":[],"has_more":false}"#, ahead))
                .clock(TestClock::new())
                .build()
                .unwrap(),
        ),
        Box::new(
            tavus::Client::builder(key())
                .transport(empty_lists(r#"{"data":[],"total_count":0}"#, ahead))
                .clock(TestClock::new())
                .build()
                .unwrap(),
        ),
    ]
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_list_by_age_is_refused_if_the_clocks_differ_unless_ours_is_trusted() {
    let day = Duration::from_secs(24 * 60 * 60);
    let by_age = [
        Filter::new().older_than(day),
        Filter::new().newer_than(day),
        Filter::new().older_than(day).with_until(at(NOW)),
    ];
    for (ahead, is_refused) in [(0, false), (299, false), (-299, false), (302, true), (-302, true), (86_400, true)] {
        for reader in readers(ahead) {
            for filter in &by_age {
                let mut listing = reader.list(filter).unwrap();
                match listing.next().await {
                    Some(Err(error)) if is_refused => {
                        assert_eq!(error.kind(), ErrorKind::ClockSkew);
                        assert!(error.vendor().is_some() && !error.may_have_taken_effect(), "{error}");
                        assert!(!listing.is_complete() && listing.next().await.is_none());
                    }
                    None if !is_refused => assert!(listing.is_complete()),
                    other => panic!("{other:?} with a clock {ahead} s ahead"),
                }
                let mut trusted = reader.list(&filter.clone().trust_clock()).unwrap();
                assert!(trusted.next().await.is_none() && trusted.is_complete());
            }
            let mut absolute = reader.list(&Filter::new().with_since(at(1)).with_until(at(NOW))).unwrap();
            assert!(absolute.next().await.is_none() && absolute.is_complete());
        }
    }
}

#[tokio::test]
async fn the_clock_skew_is_reported() {
    for (ahead, seconds) in [(0, 0), (3601, 3600), (-3601, 3600)] {
        for reader in readers(ahead) {
            assert_eq!(reader.clock_skew(), None);
            reader.check_credential().await.unwrap();
            let skew: ClockSkew = reader.clock_skew().unwrap();
            assert_eq!(skew.magnitude(), Duration::from_secs(seconds));
            assert_eq!(skew.is_ahead(), ahead < 0, "our clock is ahead of one that is behind");
        }
    }
}
