//! What became of children is in the file as soon as it is known, and before the outcome of their record.

use std::sync::Arc;

use async_trait::async_trait;
use conversation_delete_job::{ChildJournal, ChildReport, Ending, Failure, RecordOutcome, StopHandle, export};
use delete_core::{Deleter, Deletion, Delivery, Error, ErrorKind, RecordId, Vendor};
use rusqlite::Connection;
use tokio::sync::Notify;

use crate::ground::Ground;
use crate::vendor::{Reply, TestClient, VENDOR};

/// Deletes two children before each record, and reports them.
struct WithChildren {
    client: TestClient,
    journal: ChildJournal,
    outcome: RecordOutcome,
}

fn child(id: &str, outcome: RecordOutcome) -> ChildReport {
    let (kind, delivery, message) = (ErrorKind::Server, Delivery::MaybeDelivered, "a \"503\"".to_owned());
    let error = (outcome == RecordOutcome::Failed).then_some(Failure { kind, delivery, message });
    let (kind, id) = ("transcript".to_owned(), id.to_owned());
    ChildReport { kind, id, outcome, attempts: 1, status: Some(204), request_id: None, error }
}

#[async_trait]
impl Deleter for WithChildren {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.client.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.journal.write(id, child("t1", self.outcome));
        self.journal.write(id, child("t2", RecordOutcome::Deleted));
        self.client.delete(id).await
    }
}

async fn run(ground: &Ground, stop: &StopHandle, outcome: RecordOutcome) -> Ending {
    let (client, journal) = (ground.vendor.client(), ChildJournal::default());
    let deleter = Arc::new(WithChildren { client, journal: journal.clone(), outcome });
    ground.run_by(deleter, stop, |lane| lane.with_children(journal)).await
}

/// The children of each record that has some.
fn outcomes(ground: &Ground) -> Vec<Vec<ChildReport>> {
    let mut children = Vec::new();
    export(ground.path(), |report| {
        children.extend(Some(report.children).filter(|children| !children.is_empty()));
        true
    })
    .unwrap();
    children
}

#[tokio::test]
async fn children_survive_a_run_that_is_dropped_and_one_that_is_aborted() {
    for is_aborted in [false, true] {
        let (kill, stop) = (Arc::new(Notify::new()), StopHandle::default());
        let (notify, abort) = (Arc::clone(&kill), stop.clone());
        let ground = Ground::new(move |model, _| {
            if model.requests.len() == 3 {
                if is_aborted {
                    abort.abort()
                } else {
                    notify.notify_one()
                }
                return Reply::Dead;
            }
            Reply::Right
        });
        let ground = ground.taking(std::time::Duration::from_secs(1));
        ground.plan(5, |_| true);
        tokio::select! {
            biased;
            () = kill.notified() => {}
            ending = run(&ground, &stop, RecordOutcome::Deleted) => assert_eq!(ending, Ending::Interrupted, "aborted: {is_aborted}"),
        }
        ground.wait_for_end();
        let sent = ground.deletes().len();
        assert_eq!(outcomes(&ground).len(), sent, "aborted: {is_aborted}");
        assert!(ground.count("deleted") < sent);
    }
}

/// Whoever reads the file when a record has its outcome finds what became of its children.
#[tokio::test]
async fn children_are_in_the_file_before_the_outcome_of_their_record() {
    let ground = Ground::new(|_, _| Reply::Right);
    ground.plan(20, |_| true);
    let connection = Connection::open(ground.path()).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE early (record INTEGER);
             CREATE TRIGGER is_early BEFORE UPDATE OF outcome ON record
                 WHEN (SELECT COUNT(*) FROM child WHERE child.record = NEW.record) < 2
                 BEGIN INSERT INTO early VALUES (NEW.record); END;",
        )
        .unwrap();
    assert_eq!(run(&ground, &StopHandle::default(), RecordOutcome::Deleted).await, Ending::Finished);
    assert_eq!(connection.query_row("SELECT COUNT(*) FROM early", [], |row| row.get::<_, u64>(0)).unwrap(), 0);
    assert_eq!(outcomes(&ground).len(), 20);
}

#[tokio::test]
async fn a_later_report_on_a_child_replaces_the_earlier_one_and_keeps_its_position() {
    let ground = Ground::new(|model, _| if model.requests.len() == 1 { Reply::Status(401) } else { Reply::Right });
    ground.plan(1, |_| true);
    let refused = run(&ground, &StopHandle::default(), RecordOutcome::Failed).await;
    assert!(matches!(refused, Ending::CredentialRefused(_)), "{refused:?}");
    let children = |outcome| vec![child("t1", outcome), child("t2", RecordOutcome::Deleted)];
    assert_eq!(outcomes(&ground), [children(RecordOutcome::Failed)]);
    assert_eq!(run(&ground, &StopHandle::default(), RecordOutcome::Deleted).await, Ending::Finished);
    assert_eq!(outcomes(&ground), [children(RecordOutcome::Deleted)]);
}

/// A deleter that outlives its run writes nothing, and keeps no file open.
#[tokio::test]
async fn reports_outside_of_a_run_are_dropped() {
    let ground = Ground::new(|_, _| Reply::Right);
    let ids = ground.plan(1, |_| true);
    let journal = ChildJournal::default();
    let id = ground.vendor.client().parse_id(&ids[0]).unwrap();
    journal.write(&id, child("t1", RecordOutcome::Deleted));
    let clone = journal.clone();
    assert_eq!(ground.run_with(&StopHandle::default(), |lane| lane.with_children(clone)).await, Ending::Finished);
    journal.write(&id, child("t1", RecordOutcome::Deleted));
    assert_eq!(outcomes(&ground), Vec::<Vec<ChildReport>>::new());
    ground.wait_for_end();
}
