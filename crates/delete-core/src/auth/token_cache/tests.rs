use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use futures_util::future::join;

use super::*;
use crate::testing::TestClock;

/// A cache of numbers, each of which counts the fetches and lives for 300 s.
struct Numbers {
    clock: TestClock,
    cache: TokenCache<usize>,
    fetches: Arc<AtomicUsize>,
    /// Fetches from this one on fail.
    fails_from: usize,
}

impl Numbers {
    fn new(fails_from: usize) -> Self {
        Self { clock: TestClock::new(), cache: TokenCache::new(), fetches: Arc::default(), fails_from }
    }

    async fn get(&self) -> Result<usize, Error> {
        let fetch = |_: Instant| {
            let (fetches, fails_from, now) = (Arc::clone(&self.fetches), self.fails_from, self.clock.now());
            async move {
                let number = fetches.fetch_add(1, SeqCst) + 1;
                tokio::task::yield_now().await;
                match number < fails_from {
                    true => Ok(Token::new(number, Some(Duration::from_secs(300)), now)),
                    false => Err(Error::builder(ErrorKind::Server, "x").build()),
                }
            }
            .boxed()
        };
        let (attempt_timeout, total_timeout) = (Duration::from_secs(30), Duration::from_secs(60));
        let deadline = self.clock.now() + total_timeout;
        let caller = Caller { clock: &self.clock, deadline, attempt_timeout, total_timeout, fetch: &fetch };
        self.cache.get(&caller).await
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn fetches(&self) -> usize {
        self.fetches.load(SeqCst)
    }
}

#[tokio::test]
async fn callers_share_a_fetch_and_its_failure() {
    let numbers = Numbers::new(2);
    let (first, second) = join(numbers.get(), numbers.get()).await;
    assert_eq!((first.unwrap(), second.unwrap()), (1, 1));
    let failing = Numbers::new(0);
    let (first, second) = join(failing.get(), failing.get()).await;
    assert!(first.is_err() && second.is_err());
    assert_eq!((numbers.fetches(), failing.fetches()), (1, 1));
}

#[tokio::test]
async fn one_caller_replaces_a_value_within_its_margin_and_the_others_use_the_old_one() {
    let numbers = Numbers::new(3);
    assert_eq!(numbers.get().await.unwrap(), 1);
    numbers.pass(239);
    assert_eq!(numbers.get().await.unwrap(), 1);
    numbers.pass(1);
    let (first, second) = join(numbers.get(), numbers.get()).await;
    assert_eq!((first.unwrap(), second.unwrap(), numbers.fetches()), (2, 1, 2));
    assert_eq!(numbers.cache.recent(), [Some(2), Some(1)]);
}

#[tokio::test]
async fn a_failed_refresh_keeps_the_value_until_its_end_and_is_not_repeated_at_once() {
    let numbers = Numbers::new(2);
    assert_eq!(numbers.get().await.unwrap(), 1);
    numbers.pass(240);
    for fetches in [2, 2] {
        assert_eq!(numbers.get().await.unwrap(), 1);
        assert_eq!(numbers.fetches(), fetches);
    }
    numbers.pass(5);
    assert_eq!((numbers.get().await.unwrap(), numbers.fetches()), (1, 3));
    numbers.pass(55);
    assert!(numbers.get().await.is_err());
}

#[tokio::test]
async fn a_rejected_value_is_dropped_unless_it_was_replaced() {
    let numbers = Numbers::new(9);
    assert_eq!(numbers.get().await.unwrap(), 1);
    numbers.cache.forget(&1);
    assert_eq!(numbers.get().await.unwrap(), 2);
    numbers.cache.forget(&1);
    assert_eq!((numbers.get().await.unwrap(), numbers.fetches()), (2, 2));
}

#[test]
fn a_short_lifetime_is_renewed_at_its_half() {
    let now = Instant::now();
    for (lifetime, renew_after, ends_after) in [(None, 30, 60), (Some(40), 20, 40), (Some(86_401), 86_340, 86_400)] {
        let token = Token::new((), lifetime.map(Duration::from_secs), now);
        assert_eq!(token.renew_at, now + Duration::from_secs(renew_after));
        assert_eq!(token.ends_at, now + Duration::from_secs(ends_after));
    }
}
