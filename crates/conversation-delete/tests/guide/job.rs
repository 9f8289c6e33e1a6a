use std::path::Path;
use std::sync::Arc;

use conversation_delete::{ErasureMode, RecordId, SystemClock, tavus};
use conversation_delete_job::{
    Ending, Job, JobError, Lane, Plan, Planner, Progress, RunOptions, StopHandle, Target, Verify,
};

/// What the client reaches. A run refuses another target than the planned one.
pub fn target(origin: &str, key_fingerprint: &str) -> Target {
    Target {
        vendor: "tavus".to_owned(),
        origin: origin.to_owned(),
        base_url: Some(origin.to_owned()),
        auth_url: None,
        place: None, // the tenant or region, at vendors that have one
        credential: key_fingerprint.to_owned(),
        mode: Some(ErasureMode::Hard),
        options: String::new(),
    }
}

/// Writes a new job file. Nothing is sent.
pub fn plan(file: &Path, target: &Target, ids: &[RecordId], held: &[RecordId]) -> Result<Plan, JobError> {
    let mut planner = Planner::create(file, "erasure-service 1.2")?;
    let number = planner.target(target)?;
    for id in ids {
        planner.add(number, id)?;
    }
    for id in held {
        planner.hold(id)?;
    }
    planner.finish()
}

/// Runs the job, or resumes it after a crash: each record is looked up, deleted, and looked up again. The client should try each
/// call once (`RetryPolicy::none()`), because the job retries.
pub async fn run(
    file: &Path,
    client: tavus::Client,
    target: Target,
    stop: &StopHandle,
    progress: &dyn Progress,
) -> Result<Vec<Ending>, JobError> {
    let job = Job::open(file)?;
    let number = job.targets()?[0].0;
    let deleter = Arc::new(client.with_erasure_mode(ErasureMode::Hard));
    let lane = Lane::new(number, target, deleter, Arc::new(client)).with_reject_active(true);
    let options = RunOptions { verify: Verify::Lookup, ..RunOptions::default() };
    job.run(vec![lane], Arc::new(SystemClock), &options, stop, progress).await
}
