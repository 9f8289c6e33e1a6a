//! What is held while a job runs is not sent any more.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conversation_delete_job::{Ending, RecordOutcome, Status};

use crate::ground::Ground;
use crate::vendor::Reply;

const SECOND: Duration = Duration::from_secs(1);

/// A vendor at whose `k`th request another process holds `id`, and the reply to that request.
fn holding_ground(k: usize, id: &'static str, reply: Reply) -> Ground {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&path);
    let ground = Ground::new(move |model, _| {
        if model.requests.len() != k {
            return Reply::Right;
        }
        Ground::hold(known.get().unwrap(), id);
        reply
    });
    path.set(ground.path()).unwrap();
    ground
}

#[tokio::test]
async fn a_hold_that_is_added_at_any_request_is_seen_before_the_next_one() {
    for batch in [1, 7] {
        for k in 1..20 {
            let ground = holding_ground(k, "r00030", Reply::Right).with_batches(batch);
            ground.plan(40, |_| true);
            assert_eq!(ground.run().await, Ending::Finished);
            let before: usize = ground.deletes().iter().take(k).map(Vec::len).sum();
            let was_sent = ground.deletes().concat().contains(&"r00030".to_owned());
            assert_eq!(was_sent, before > 30, "{k}, {batch} a request");
            let (held, deleted) = if was_sent { (0, 40) } else { (1, 39) };
            assert_eq!((ground.count("held"), ground.count("deleted")), (held, deleted), "{k}, {batch} a request");
            ground.assert_true("at the end");
            let counts = &Status::read(ground.path()).unwrap().targets[0].outcomes;
            assert_eq!(
                (counts.get(RecordOutcome::Held), counts.get(RecordOutcome::Deleted)),
                (held as u64, deleted as u64)
            );
            assert_eq!(ground.intents(), 0);
        }
    }
}

/// A record that is held before it is sent again: what its first request did is known, or it is not.
#[tokio::test]
async fn a_record_that_is_held_before_a_retry_is_not_sent_again() {
    let cases = [
        (Reply::Wait(429, 30), "held", None),
        (Reply::Status(503), "failed", Some("maybe_delivered")),
        (Reply::Late(503), "failed", Some("maybe_delivered")),
        (Reply::Lost, "failed", Some("maybe_delivered")),
        (Reply::Wait(503, 90), "failed", Some("maybe_delivered")),
    ];
    for (reply, outcome, delivery) in cases {
        for batch in [1, 50] {
            let ground = holding_ground(5, "r00004", reply).with_batches(batch).taking(SECOND / 10);
            let ground = if batch == 1 { ground } else { holding_batch(reply) };
            ground.plan(60, |_| true);
            assert_eq!(ground.run().await, Ending::Finished, "{reply:?}");
            let id = if batch == 1 { "r00004" } else { "r00020" };
            let report = ground.reports().into_iter().find(|report| report.id == id).unwrap();
            assert_eq!(report.outcome.as_str(), outcome, "{reply:?}, {batch} a request");
            assert_eq!(report.error.map(|error| error.delivery.as_str()), delivery, "{reply:?}");
            let sent = ground.deletes().concat().iter().filter(|sent| *sent == id).count();
            assert_eq!(sent, 1, "{reply:?}, {batch} a request");
            ground.assert_true("at the end");
        }
    }
}

/// The second request is the first of fifty.
fn holding_batch(reply: Reply) -> Ground {
    holding_ground(2, "r00020", reply).with_batches(50).taking(SECOND / 10)
}
