//! A vendor that refuses every request with 429.

use conversation_delete_fake::{Fault, Vendor};

use crate::support::World;

/// The library's tests have waits of any length.
#[test]
fn ids_that_are_all_throttled_stop_like_any_outage() {
    for count in [1, 100] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        world.fake.fault(Fault::reply(429).with_header("retry-after", "3600"));
        let args = ["--hard", "--allow-live", "--concurrency", "16"].map(str::to_owned);
        let run = world.delete(args.iter().chain(&ids));
        assert_eq!(run.code, Some(4), "{run:?}");
        assert_eq!(run.outcomes(), ids.into_iter().map(|id| (id, "not_attempted".to_owned())).collect::<Vec<_>>());
    }
}
