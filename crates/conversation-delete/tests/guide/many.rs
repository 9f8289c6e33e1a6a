use std::sync::Arc;

use conversation_delete::{
    DeleteAllOptions, Deleter, DeleterExt, ErasureMode, Error, RecordId, corti, elevenlabs, tavus,
};
use futures_util::stream;

pub fn deleters() -> Result<Vec<Arc<dyn Deleter>>, Error> {
    Ok(vec![
        Arc::new(corti::Client::from_env()?),
        Arc::new(elevenlabs::Client::from_env()?),
        Arc::new(tavus::Client::from_env()?.with_erasure_mode(ErasureMode::Hard)),
    ])
}

/// Deletes records at one vendor, at most 4 requests at once, and returns what is not known to be deleted.
pub async fn erase_all(deleter: &Arc<dyn Deleter>, ids: Vec<RecordId>) -> Vec<(RecordId, String)> {
    let mut results = deleter.delete_all(stream::iter(ids), DeleteAllOptions::new().with_concurrency(4));
    let mut problems = Vec::new();
    while let Some((id, result)) = results.next().await {
        match result {
            Ok(deletion) if deletion.outcome().is_success() => {}
            Ok(deletion) => problems.push((id, deletion.outcome().to_string())),
            Err(error) => problems.push((id, error.to_string())),
        }
    }
    problems
}
