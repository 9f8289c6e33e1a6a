use conversation_delete::{Error, RecordId, RecordUuid, fini};

/// Deletes 1 to 50 conversations by one request, and returns those that are not known to be deleted.
pub async fn erase_batch(client: &fini::Client, ids: &[RecordUuid]) -> Result<Vec<RecordId>, Error> {
    let batch = client.delete_conversations(ids).await?;
    let unresolved = batch.into_iter().filter(|deletion| !deletion.outcome().is_success());
    Ok(unresolved.map(|deletion| deletion.id().clone()).collect())
}
