//! How fast a job asks, and when it asks nothing.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::stage::{Act, SECOND, Stage};

/// A store of so many requests, refilled so fast.
struct Bucket {
    size: f64,
    rate: f64,
    state: Mutex<Option<(f64, Instant)>>,
}

impl Bucket {
    fn new(size: f64, rate: f64) -> Self {
        Self { size, rate, state: Mutex::new(None) }
    }

    fn takes(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap();
        let (left, since) = state.unwrap_or((self.size, now));
        let left = (left + now.duration_since(since).as_secs_f64() * self.rate).min(self.size);
        let takes = left >= 1.0;
        *state = Some((if takes { left - 1.0 } else { left }, now));
        takes
    }
}

#[tokio::test]
async fn most_of_what_a_bucket_allows_is_used_and_little_is_refused() {
    // After a wait of a minute, three fifths are enough: each visit to the limit costs that much.
    for (retry_after, latency, concurrency, part) in
        [(None, 0, 4, 0.9), (Some(1), 0, 16, 0.9), (Some(1), 100, 64, 0.9), (Some(60), 0, 64, 0.6)]
    {
        let bucket = Bucket::new(20.0, 20.0);
        let stage = Stage::new(move |_, now| if bucket.takes(now) { Act::Right } else { Act::Throttle(retry_after) });
        let stage = stage.taking(Duration::from_millis(latency)).with_concurrency(concurrency);
        let count = 6_000;
        stage.plan(count);
        stage.run().await;
        let heard = stage.heard();
        let refused = heard - count;
        let rate = count as f64 / stage.clock.elapsed().as_secs_f64();
        let case = format!("{retry_after:?}, {latency} ms, {concurrency}: {rate:.2}/s, {refused} of {heard} refused");
        println!("{case}");
        assert!(rate >= part * 20.0, "{case}");
        assert!(refused * 100 <= heard, "{case}");
    }
}

#[tokio::test]
async fn nothing_is_sent_inside_an_announced_wait() {
    let announced: Mutex<Option<Instant>> = Mutex::new(None);
    let stage = Stage::new(move |state, now| {
        let mut until = announced.lock().unwrap();
        assert!(until.is_none_or(|until| now >= until), "inside of the wait");
        if state.heard.len() % 50 == 0 {
            *until = Some(now + 30 * SECOND);
            return Act::Throttle(Some(30));
        }
        Act::Right
    });
    stage.plan(300);
    stage.run().await;
    assert!(stage.clock.elapsed() > Duration::from_secs(150));
}

#[tokio::test]
async fn an_outage_makes_no_failures() {
    let stage = Stage::new(|state, now| {
        let since = now.duration_since(state.heard[0].1);
        if (SECOND..3600 * SECOND).contains(&since) { Act::Dead } else { Act::Right }
    });
    stage.plan(500);
    stage.run().await;
    assert!(stage.outcomes().iter().all(|(_, outcome)| matches!(outcome.as_deref(), Some("deleted" | "gone"))));
    assert!(stage.heard() < 600, "{}", stage.heard());
}

/// Seconds after `from` of each request.
fn seconds_after(stage: &Stage, from: Duration) -> Vec<f64> {
    let state = stage.state.lock().unwrap();
    let begin = state.heard[0].1 + from;
    state.heard.iter().filter_map(|(_, at)| at.checked_duration_since(begin)).map(|at| at.as_secs_f64()).collect()
}

#[tokio::test]
async fn after_a_vendor_was_unavailable_requests_begin_slowly_and_are_soon_back() {
    const BEGIN: Duration = Duration::from_secs(60);
    const END: Duration = Duration::from_secs(660);
    for act in [Act::Dead, Act::Status(503), Act::Closed(600), Act::Throttle(Some(600))] {
        let bucket = Bucket::new(40.0, 40.0);
        let stage = Stage::new(move |state, now| {
            let since = now.duration_since(state.heard[0].1);
            let is_open = !(BEGIN..END).contains(&since);
            match is_open {
                false => act,
                true if bucket.takes(now) => Act::Right,
                true => Act::Throttle(None),
            }
        });
        stage.plan(4_500);
        stage.run().await;
        let after = seconds_after(&stage, END);
        let within = |from: f64, to: f64| after.iter().filter(|at| (from..to).contains(&(**at - after[0]))).count();
        assert!(within(0.0, 1.0) <= 6, "{act:?}: {} in the first second", within(0.0, 1.0));
        assert!(within(1.0, 2.0) <= 12, "{act:?}: {} in the second", within(1.0, 2.0));
        assert!(within(8.0, 18.0) >= 320, "{act:?}: {} in ten seconds", within(8.0, 18.0));
        assert!(within(0.0, 30.0) <= 30 * 42, "{act:?}");
    }
}
