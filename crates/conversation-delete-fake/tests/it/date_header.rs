//! Every response has the computer's time as its `Date`, unless a test wants none or a wrong one.

use std::time::{Duration, SystemTime};

use conversation_delete_fake::{Fake, FakeRequest, Fault, Vendor};

/// How many seconds the `Date` of a response is ahead of this machine's clock.
fn seconds_ahead(fake: &Fake, target: &str) -> Option<i64> {
    let reply = fake.handle(FakeRequest::new("GET", target));
    let date = httpdate::parse_http_date(reply.header("date")?).unwrap();
    let unix = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    Some(unix(date) - unix(SystemTime::now()))
}

fn assert_ahead(fake: &Fake, expected: i64) {
    let ahead = seconds_ahead(fake, "/").unwrap();
    // The test may be held up between the two times.
    assert!((expected - 30..=expected + 1).contains(&ahead), "{:?}: {ahead}, not {expected}", fake.vendor());
}

#[test]
fn the_date_is_right_or_as_wrong_as_a_test_wants_it() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        assert_ahead(&fake, 0);
        for (value, ahead) in [("ahead", 3600), ("behind", -3600), ("present", 0)] {
            fake.set_option("date_header", value).unwrap();
            assert_ahead(&fake, ahead);
        }
        fake.advance(Duration::from_secs(1000));
        assert_ahead(&fake, 0);
        fake.set_option("date_header", "missing").unwrap();
        assert_eq!(seconds_ahead(&fake, "/"), None, "{vendor:?}");
    }
}

#[test]
fn a_fault_decides_about_its_own_date() {
    let fake = Fake::in_process(Vendor::Tavus);
    fake.fault(Fault::reply(503).with_header("Date", "Thu, 01 Jan 1970 00:00:00 GMT"));
    let reply = fake.handle(FakeRequest::new("GET", "/v2/conversations"));
    let dates: Vec<_> = reply.headers().filter(|(name, _)| *name == "date").collect();
    assert_eq!(dates, [("date", "Thu, 01 Jan 1970 00:00:00 GMT")]);
}

#[test]
fn the_control_api_has_no_date() {
    assert_eq!(seconds_ahead(&Fake::in_process(Vendor::Fini), "/__fake/stats"), None);
}
