use super::*;

#[test]
fn even_an_endless_wait_is_kept() {
    let now = Instant::now();
    let mut pacer = Pacer::new(Limits::default(), now);
    pacer.throttled(now, now, Some(Duration::MAX), false);
    assert!(pacer.wait(now + Duration::from_secs(365 * 24 * 60 * 60), 1) > Duration::from_secs(365 * 24 * 60 * 60));
}

#[test]
fn the_documented_window_is_kept() {
    let start = Instant::now();
    let limits = Limits { window: Some((3, Duration::from_secs(60))), ..Limits::default() };
    let mut pacer = Pacer::new(limits, start);
    let mut now = start;
    let mut sent = Vec::new();
    while sent.len() < 10 {
        now += pacer.wait(now, 1);
        pacer.sent(now, 1);
        sent.push(now);
    }
    assert!(sent.windows(4).all(|four| four[3] - four[0] >= Duration::from_secs(60)));
}

#[test]
fn a_window_has_room_for_all_requests_of_a_call() {
    let start = Instant::now();
    let limits = Limits { window: Some((5, Duration::from_secs(60))), ..Limits::default() };
    let mut pacer = Pacer::new(limits, start);
    let mut now = start;
    let mut sent = Vec::new();
    for _ in 0..10 {
        now += pacer.wait(now, 2);
        pacer.sent(now, 2);
        sent.extend([now, now]);
    }
    assert!(sent.windows(6).all(|six| six[5] - six[0] >= Duration::from_secs(60)));
}

#[test]
fn odd_limits_are_no_trap() {
    let now = Instant::now();
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        let limits = Limits { concurrency: 0, rate: Some(rate), window: Some((0, Duration::MAX)) };
        let mut pacer = Pacer::new(limits, now);
        pacer.sent(now, 2);
        assert!(pacer.concurrency() == 1 && pacer.wait(now, 1) > Duration::from_secs(1_000_000));
    }
}

/// Sends as fast as the pace allows until `end`, over a line that takes 25 ms. How many got through.
fn drive(pacer: &mut Pacer, now: &mut Instant, end: Instant, is_well: bool) -> u64 {
    let mut through = 0;
    while *now < end {
        let wait = pacer.wait(*now, 1);
        if !wait.is_zero() {
            *now += wait;
            continue;
        }
        let sent_at = *now;
        pacer.sent(sent_at, 1);
        *now += Duration::from_millis(25);
        if is_well {
            pacer.answered(*now, 1, sent_at);
            through += 1;
        } else {
            pacer.throttled(*now, sent_at, None, false);
        }
    }
    through
}

#[test]
fn it_is_soon_as_fast_as_before_once_the_vendor_is_well_again() {
    let mut now = Instant::now();
    let mut pacer = Pacer::new(Limits { concurrency: 1, ..Limits::default() }, now);
    let mut until = now;
    for (seconds, is_well) in [(5, true), (3, false), (60, true), (60, false)] {
        until += Duration::from_secs(seconds);
        drive(&mut pacer, &mut now, until, is_well);
    }
    let begun = now;
    let through = drive(&mut pacer, &mut now, begun + Duration::from_secs(60), true);
    assert!(through > 60 * 5, "{through}");
}

#[test]
fn a_vendor_that_only_throttles_is_asked_ever_more_rarely() {
    for is_about_concurrency in [true, false] {
        let mut now = Instant::now();
        let begun = now;
        let mut pacer = Pacer::new(Limits::default(), now);
        let mut asked = 0;
        while now < begun + Duration::from_secs(600) {
            now += pacer.wait(now, 1);
            pacer.sent(now, 1);
            asked += 1;
            pacer.throttled(now + Duration::from_millis(25), now, None, is_about_concurrency);
            now += Duration::from_millis(25);
        }
        assert!(asked < 40, "{asked}");
    }
}

#[test]
fn too_many_at_once_lowers_what_is_under_way() {
    let now = Instant::now();
    let mut pacer = Pacer::new(Limits { concurrency: 8, ..Limits::default() }, now);
    pacer.throttled(now, now, None, true);
    assert_eq!(pacer.concurrency(), 4);
    for second in 1..200 {
        pacer.wait(now + Duration::from_secs(second), 1);
    }
    assert_eq!(pacer.concurrency(), 8);
}

#[test]
fn few_requests_are_due_soon_after_an_outage() {
    let mut now = Instant::now();
    let mut pacer = Pacer::new(Limits::default(), now);
    pacer.sent(now, 1);
    pacer.back_off(now, Duration::from_secs(2));
    now += pacer.wait(now, 1);
    pacer.sent(now, 1);
    assert_eq!(pacer.within(Duration::from_millis(250)), 1);
}
