use super::*;

#[test]
fn spans_bars_and_powers_of_ten() {
    for (seconds, text) in [(5, "5s"), (65, "1m 5s"), (3_660, "1h 1m"), (90_000, "1d 1h")] {
        assert_eq!(span(Duration::from_secs(seconds)), text);
    }
    let powers: Vec<u64> = (0..2_000).filter(|number| is_power_of_ten(*number)).collect();
    assert_eq!(powers, [1, 10, 100, 1_000]);
    for (done, total, text) in [
        (0, 0, "[--------------------]"),
        (0, 3, "[--------------------]"),
        (1, 3, "[######--------------]"),
        (3, 3, "[####################]"),
        (4, 3, "[####################]"),
    ] {
        assert_eq!(bar(done, total), text);
    }
}

#[test]
fn a_wait_beyond_midnight_is_shown_with_its_date() {
    let now = timestamp::parse("2026-11-28T23:59:30Z").unwrap();
    for (wait, text) in [(29, "23:59:59 UTC"), (30, "2026-11-29 00:00:00 UTC"), (3 * 86_400, "2026-12-01 23:59:30 UTC")]
    {
        assert_eq!(clock_time(now, Duration::from_secs(wait)).as_deref(), Some(text));
    }
}

#[test]
fn a_line_has_count_rate_and_time_left() {
    let state = State { done: 20, lookups_before: 20, ..State::default() };
    let line = |state: &State| state.line(100, Duration::from_secs(10), Instant::now());
    assert_eq!(line(&state), "20 of 100 ids, 2.0/s, about 40s left; looked up 20 before and 0 after");
    assert_eq!(State::default().line(0, Duration::ZERO, Instant::now()), "0 of 0 ids, 0.0/s");
}
