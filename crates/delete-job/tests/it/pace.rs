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
    for retry_after in [None, Some(1)] {
        let bucket = Bucket::new(20.0, 20.0);
        let stage = Stage::new(move |_, now| if bucket.takes(now) { Act::Right } else { Act::Throttle(retry_after) });
        let count = 6000;
        stage.plan(count);
        stage.run().await;
        let heard = stage.heard();
        let refused = heard - count;
        let seconds = stage.clock.elapsed().as_secs_f64();
        let rate = count as f64 / seconds;
        println!("{retry_after:?}: {rate:.2} a second, {refused} of {heard} refused");
        assert!(rate >= 0.9 * 20.0, "{rate}");
        assert!(refused as f64 <= 0.02 * heard as f64, "{refused} of {heard}");
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
