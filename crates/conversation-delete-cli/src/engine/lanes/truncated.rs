//! Responses that were cut off after a status that alone decided.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor};

use crate::notice::notice;
use crate::report::count;

/// A [`Deleter`] that warns of the first truncated response: where it happens, it happens often.
pub(super) struct WarnTruncated<D> {
    deleter: D,
    responses: AtomicU64,
}

impl<D: Deleter> WarnTruncated<D> {
    pub(super) fn new(deleter: D) -> Self {
        Self { deleter, responses: AtomicU64::new(0) }
    }

    /// Reports how many there were, if there was more than one.
    pub(super) fn report(&self) {
        let responses = self.responses.load(Ordering::Relaxed);
        if responses > 1 {
            let responses = count(responses, "response");
            notice(&format!("warning: {responses} were cut off; their status alone decided"));
        }
    }

    fn inspect(&self, id: &RecordId, result: &Result<Deletion, Error>) -> bool {
        let is_truncated = result.as_ref().is_ok_and(Deletion::is_body_incomplete);
        if is_truncated && self.responses.fetch_add(1, Ordering::Relaxed) == 0 {
            notice(&format!("warning: a response was cut off, for the first time at {id}; its status alone decided"));
        }
        is_truncated
    }
}

#[async_trait]
impl<D: Deleter> Deleter for WarnTruncated<D> {
    fn vendor(&self) -> Vendor {
        self.deleter.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    fn max_batch(&self) -> usize {
        self.deleter.max_batch()
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let result = self.deleter.delete(id).await;
        self.inspect(id, &result);
        result
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let results = self.deleter.delete_batch(ids).await;
        // All of a batch share one response.
        let _ = ids.iter().zip(&results).any(|(id, result)| self.inspect(id, result));
        results
    }
}
