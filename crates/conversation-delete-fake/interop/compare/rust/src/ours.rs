//! The crates of this repository, with their default policies.

use std::fmt::Debug;

use crate::{AnyError, Job, Report};

pub(crate) async fn corti(job: &Job, id: &str) -> Result<Report, AnyError> {
    let credentials = corti_delete::ClientCredentials::new("comparison", job.key.as_str());
    let builder = corti_delete::Client::builder(corti_delete::Environment::Eu, "base", credentials);
    let client = builder.base_url(&job.url).auth_url(&job.url).build()?;
    let Ok(id) = id.parse::<corti_delete::RecordUuid>() else { return Ok(refused()) };
    let mut report = refused();
    for _ in 0..job.repeat {
        report = reported(job, &client, client.delete_interaction(id).await);
    }
    Ok(report)
}

pub(crate) async fn fini(job: &Job, id: &str) -> Result<Report, AnyError> {
    let client = fini_delete::Client::builder(fini_delete::ApiKey::new(&job.key)?).base_url(&job.url).build()?;
    let Ok(id) = id.parse::<fini_delete::RecordUuid>() else { return Ok(refused()) };
    let result = client.delete_conversations(&[id]).await;
    Ok(reported(job, &client, result.map(|batch| batch.deletions()[0].clone())))
}

pub(crate) async fn elevenlabs(job: &Job, id: &str) -> Result<Report, AnyError> {
    let key = elevenlabs_delete::ApiKey::new(&job.key)?;
    let client = elevenlabs_delete::Client::builder(key).base_url(&job.url).build()?;
    let Ok(id) = id.parse() else { return Ok(refused()) };
    Ok(reported(job, &client, client.delete_conversation(&id).await))
}

pub(crate) async fn tavus(job: &Job, id: &str) -> Result<Report, AnyError> {
    let client = tavus_delete::Client::builder(tavus_delete::ApiKey::new(&job.key)?).base_url(&job.url).build()?;
    let Ok(id) = id.parse() else { return Ok(refused()) };
    Ok(reported(job, &client, client.delete_conversation(&id, tavus_delete::ErasureMode::Soft).await))
}

fn refused() -> Report {
    Report::error(None, "InvalidId")
}

fn reported(job: &Job, client: &impl Debug, result: Result<corti_delete::Deletion, corti_delete::Error>) -> Report {
    if job.debug.is_some() {
        eprintln!("{client:?} {result:?}");
    }
    match result {
        Ok(deletion) => Report::success(format!("{:?}", deletion.outcome())),
        Err(error) => Report::error(error.status(), format!("{:?}", error.kind())),
    }
}
