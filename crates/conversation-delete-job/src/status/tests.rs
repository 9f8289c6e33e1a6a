use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::Planner;

/// A job of so many records.
fn job(records: u64) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.job");
    let mut planner = Planner::create(&path, "test").unwrap();
    let target = Target {
        vendor: "vendor".to_owned(),
        origin: "https://vendor.test".to_owned(),
        base_url: Some("https://vendor.test".to_owned()),
        auth_url: None,
        place: None,
        credential: String::new(),
        mode: None,
        options: String::new(),
    };
    let number = planner.target(&target).unwrap();
    for id in 0..records {
        let id = delete_core::ConversationId::new(&format!("c{id}")).unwrap();
        assert!(planner.add(number, &id.into()).unwrap());
    }
    planner.finish().unwrap();
    (folder, path)
}

/// What a run would write, a record for each: its outcome, and what was seen before and after.
const SEEN: [(&str, Option<&str>, Option<&str>); 11] = [
    ("deleted", Some("present"), Some("absent")),
    ("gone", Some("present"), Some("absent")),
    ("deleted", None, Some("absent")),
    ("acknowledged", Some("absent"), Some("absent")),
    ("deleted", Some("present"), Some("unknown")),
    ("deleted", Some("present"), None),
    ("deleted", Some("present"), Some("present")),
    ("failed", Some("present"), Some("present")),
    ("unresolved", None, Some("present")),
    ("not_found", Some("absent"), Some("present")),
    ("not_found", Some("absent"), Some("absent")),
];

#[test]
fn proof_is_of_what_is_done_and_all_that_is_still_there_is_told() {
    let (_folder, path) = job(SEEN.len() as u64);
    let connection = Connection::open(&path).unwrap();
    for (number, (outcome, before, after)) in SEEN.iter().enumerate() {
        connection
            .execute(
                "UPDATE record SET outcome = ?1, presence_before = ?2, presence_after = ?3, delivery = 'answered'
                 WHERE record = ?4",
                (outcome, before, after, number as i64 + 1),
            )
            .unwrap();
    }
    connection
        .execute_batch(
            "DELETE FROM tally;
             INSERT INTO tally (target, outcome, count) SELECT target, outcome, COUNT(*) FROM record GROUP BY 1, 2;",
        )
        .unwrap();
    let status = Status::read(&path).unwrap();
    let target = &status.targets[0];
    assert_eq!((target.verified, target.unseen, target.unverified, target.still_present), (2, 1, 4, 4));
    assert_eq!(target.lookups, LookupCounts { absent: 5, present: 4, unknown: 1, open: 1 });
}

#[test]
fn all_counts_are_of_one_moment() {
    let (_folder, path) = job(400);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;").unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let is_done = &is_over;
        scope.spawn(move || {
            for record in 1..=400 {
                connection
                    .execute_batch(&format!(
                        "BEGIN IMMEDIATE;
                         UPDATE record SET outcome = 'deleted', presence_before = 'present', presence_after = 'absent'
                             WHERE record = {record};
                         UPDATE tally SET count = count - 1 WHERE outcome = 'open';
                         INSERT INTO tally (target, outcome, count) VALUES (1, 'deleted', 1)
                             ON CONFLICT (target, outcome) DO UPDATE SET count = count + 1;
                         COMMIT;"
                    ))
                    .unwrap();
            }
            is_done.store(true, Ordering::SeqCst);
        });
        while !is_over.load(Ordering::SeqCst) {
            let target = Status::read(&path).unwrap().targets.remove(0);
            let deleted = target.outcomes.get(crate::RecordOutcome::Deleted);
            assert_eq!((target.verified, target.lookups.absent, target.unverified), (deleted, deleted, 0));
        }
    });
}
