//! `--rate` is a limit for all requests of a credential, whichever part of a run sends them.

use std::time::{Duration, Instant};

use conversation_delete_fake::Vendor;

use crate::support::World;

const RATE: u32 = 20;

/// The least time in which so many requests may be sent.
fn least_time(requests: usize) -> Duration {
    Duration::from_secs(1) * u32::try_from(requests - 1).unwrap() / RATE
}

#[test]
fn checks_lookups_scans_and_children_are_counted_as_deletes_are() {
    for (vendor, records, args) in [
        (Vendor::Corti, 4, &["--children", "--verify", "--wait", "0"][..]),
        (Vendor::Fini, 30, &["--verify", "--one-by-one"]),
        (Vendor::ElevenLabs, 15, &["--verify", "--wait", "0"]),
        (Vendor::Tavus, 15, &["--verify", "--wait", "0", "--hard"]),
    ] {
        let world = World::new(vendor);
        let ids = world.fake.seed(records);
        let mut arguments = vec!["--rate".to_owned(), RATE.to_string(), "--concurrency".to_owned(), "16".to_owned()];
        arguments.extend(args.iter().map(|arg| (*arg).to_owned()));
        arguments.extend(ids);
        let begun = Instant::now();
        let run = world.delete(arguments);
        let took = begun.elapsed();
        run.has_summary(&[("deleted", records as u64), ("verified", records as u64)]);
        let requests = world.fake.requests();
        let requests = requests.iter().filter(|request| !request.path().contains("token")).count();
        assert!(requests > 2 * records, "{vendor:?}: {requests}");
        assert!(took >= least_time(requests), "{vendor:?}: {requests} requests in {took:?}");
    }
}
