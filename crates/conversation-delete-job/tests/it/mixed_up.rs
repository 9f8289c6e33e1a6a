//! A deleter of somebody else that mixes up records: nothing is reported of a record that is not its own.

use std::sync::Arc;

use async_trait::async_trait;
use conversation_delete_job::{RecordOutcome, StopHandle};
use delete_core::{Deleter, Deletion, Delivery, Error, ErrorKind, RecordId, Vendor};

use crate::ground::Ground;
use crate::vendor::{Reply, TestClient};

/// Reports the deletion of another record for the one of this id, and gives the results of a batch in another order.
struct MixedUp {
    client: TestClient,
    id: String,
}

#[async_trait]
impl Deleter for MixedUp {
    fn vendor(&self) -> Vendor {
        Deleter::vendor(&self.client)
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.client.parse_id(id)
    }

    fn max_batch(&self) -> usize {
        self.client.max_batch()
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let deletion = self.client.delete(id).await?;
        if id.to_string() != self.id {
            return Ok(deletion);
        }
        Ok(Deletion::new(deletion.vendor(), self.parse_id("another")?, deletion.outcome()))
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let mut results = self.client.delete_batch(ids).await;
        results.reverse();
        results
    }
}

#[tokio::test]
async fn the_deletion_of_another_record_leaves_its_own_in_doubt() {
    let ground = Ground::new(|_, _| Reply::Right);
    let ids = ground.plan(3, |_| true);
    let deleter = MixedUp { client: ground.vendor.client(), id: ids[1].clone() };
    ground.run_by(Arc::new(deleter), &StopHandle::default(), |lane| lane).await;
    let reports = ground.reports();
    let outcomes: Vec<_> = reports.iter().map(|report| report.outcome).collect();
    assert_eq!(outcomes, [RecordOutcome::Deleted, RecordOutcome::Failed, RecordOutcome::Deleted]);
    let error = reports[1].error.as_ref().unwrap();
    assert_eq!((error.kind, error.delivery), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
    assert!(error.message.contains("internal error"), "{error:?}");
}

#[tokio::test]
async fn the_results_of_a_batch_are_those_of_its_records() {
    let ground = Ground::new(|_, _| Reply::Right).with_batches(5);
    ground.plan(11, |_| true);
    let deleter = MixedUp { client: ground.vendor.client(), id: String::new() };
    ground.run_by(Arc::new(deleter), &StopHandle::default(), |lane| lane).await;
    let outcomes: Vec<_> = ground.reports().iter().map(|report| report.outcome).collect();
    let deleted = outcomes.iter().filter(|outcome| **outcome == RecordOutcome::Deleted).count();
    let failed = outcomes.iter().filter(|outcome| **outcome == RecordOutcome::Failed).count();
    assert!(failed > 0 && deleted + failed == 11, "{outcomes:?}");
    ground.assert_true("a batch in another order");
}
