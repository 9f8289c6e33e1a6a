use std::time::Duration;

use conversation_delete::{Error, Filter, RecordId, RecordReader, RecordReaderExt, VerifyPolicy};

/// Lists what is older than 90 days. Delete it only after the list has ended: deletes shift the pages.
pub async fn old_records(reader: &dyn RecordReader) -> Result<Vec<RecordId>, Error> {
    let mut listing = reader.list(&Filter::new().older_than(Duration::from_secs(90 * 24 * 60 * 60)))?;
    let mut ids = Vec::new();
    while let Some(record) = listing.next().await {
        ids.push(record?.id().clone());
    }
    Ok(ids)
}

/// Looks up records after their delete, and returns those that are present or unknown.
pub async fn not_absent(reader: &dyn RecordReader, ids: &[RecordId], policy: VerifyPolicy) -> Vec<RecordId> {
    let presences = reader.confirm_absence(ids, policy).await;
    let left = ids.iter().zip(presences).filter(|(_, presence)| !presence.is_absent());
    left.map(|(id, _)| id.clone()).collect()
}
