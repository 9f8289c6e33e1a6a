//! Deletes one record for each line of stdin with a Rust client, and prints what it reported.
//!
//! A line is a job: `{"client", "url", "id", "repeat", "debug"}`. The report is a line that begins with RESULT.

mod others;
mod ours;

use std::error::Error;
use std::io::{BufRead, stdin};

use serde::{Deserialize, Serialize};

type AnyError = Box<dyn Error>;

#[derive(Deserialize)]
struct Job {
    client: String,
    url: String,
    /// The secret of the scenario.
    #[serde(skip)]
    key: String,
    id: Option<String>,
    repeat: usize,
    /// What to log: nothing, or everything.
    debug: Option<String>,
}

#[derive(Default, Serialize)]
struct Report {
    result: &'static str,
    value: String,
    status: Option<u16>,
    kind: String,
}

impl Report {
    fn success(value: impl Into<String>) -> Self {
        Self { result: "success", value: value.into(), ..Self::default() }
    }

    fn error(status: Option<u16>, kind: impl Into<String>) -> Self {
        Self { result: "error", status, kind: kind.into(), ..Self::default() }
    }

    /// The types do not let a caller write this call.
    fn not_possible() -> Self {
        Self { result: "not possible", ..Self::default() }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let key = std::env::var("COMPARE_KEY")?;
    for line in stdin().lock().lines() {
        let mut job: Job = serde_json::from_str(&line?)?;
        job.key.clone_from(&key);
        if job.debug.is_some() {
            tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).init();
        }
        println!("RESULT {}", serde_json::to_string(&run(&job).await?)?);
    }
    Ok(())
}

async fn run(job: &Job) -> Result<Report, AnyError> {
    let Some(id) = &job.id else { return Ok(Report::not_possible()) };
    match job.client.as_str() {
        "corti-delete" => ours::corti(job, id).await,
        "fini-delete" => ours::fini(job, id).await,
        "elevenlabs-delete" => ours::elevenlabs(job, id).await,
        "tavus-delete" => ours::tavus(job, id).await,
        "elevenlabs_rs" => others::elevenlabs_rs(job, id).await,
        "reqwest" => others::reqwest_defaults(job).await,
        "url-push" => others::url_push(id),
        "url-format" => others::url_format(id),
        unknown => Err(format!("there is no client {unknown}").into()),
    }
}
