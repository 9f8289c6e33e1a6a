//! A vendor that refuses every request with 429.

use conversation_delete_fake::{Fault, Vendor};

use crate::support::World;

/// The waits are below a second, so that the test is short; the library's tests have those of any length.
#[test]
fn ids_that_are_all_throttled_stop_like_any_outage() {
    for wait in ["0", "3600"] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(100);
        world.fake.fault(Fault::reply(429).with_header("retry-after", wait));
        let args = ["--hard", "--allow-live", "--concurrency", "16"].map(str::to_owned);
        let run = world.delete(args.iter().chain(&ids));
        assert_eq!(run.code, Some(4), "{run:?}");
        let outcomes = run.outcomes();
        assert_eq!(outcomes.len(), 100);
        let count = |wanted: &str| outcomes.iter().filter(|(_, outcome)| outcome == wanted).count();
        assert!((1..=41).contains(&count("failed")), "{run:?}");
        assert_eq!(count("failed") + count("not_attempted"), 100, "{run:?}");
    }
}
