//! What our clients cost above bare reqwest: both make the same calls to the same server, in turn, in one run.
//!
//! Run it with `cargo bench -p delete-core`. It prints CPU time per delete (this process only: the server is another)
//! and the ratios of ours to bare; only the ratios carry over to other machines. `-- bare` and `-- ours` run one round of
//! one of them, for a profiler.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use delete_conformance::raw_http::{FaultAction, RawServer};
use delete_core::{ApiKey, ConversationId, DeleteAllOptions, Deleter, DeleterExt, ErasureMode, RecordId};
use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

const DELETES: usize = 20_000;
const ROUNDS: usize = 15;
const CONCURRENCY: usize = 64;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let command = std::env::args().nth(1);
    if command.as_deref() == Some("serve") {
        serve();
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let server = Server::start()?;
    match command.as_deref() {
        Some("bare") => runtime.block_on(delete_bare(&server.url)).map(drop),
        Some("ours") => runtime.block_on(delete_ours(&server.url)).map(drop),
        _ => runtime.block_on(compare(&server.url)),
    }
}

async fn compare(url: &str) -> Result<()> {
    delete_bare(url).await?;
    delete_ours(url).await?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        rounds.push((delete_bare(url).await?, delete_ours(url).await?));
    }
    let median = |value: fn(&(Cost, Cost)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("{DELETES} deletes at concurrency {CONCURRENCY}, medians of {ROUNDS} rounds, each bare and then ours");
    println!("                 CPU per delete   wall per delete");
    let (bare_cpu, bare_wall) = (median(|(bare, _)| bare.cpu_us()), median(|(bare, _)| bare.wall_us()));
    println!("  bare reqwest   {bare_cpu:>11.1} us   {bare_wall:>12.1} us");
    let (ours_cpu, ours_wall) = (median(|(_, ours)| ours.cpu_us()), median(|(_, ours)| ours.wall_us()));
    println!("  tavus-delete   {ours_cpu:>11.1} us   {ours_wall:>12.1} us");
    // Within a round both had the same machine.
    let cpu = median(|(bare, ours)| ours.cpu_us() / bare.cpu_us());
    let wall = median(|(bare, ours)| ours.wall_us() / bare.wall_us());
    println!("  ratio          {cpu:>11.2}      {wall:>12.2}");

    let bulk = delete_bulk(url).await?;
    println!("fini-delete in bulk: {DELETES} ids in {} requests", DELETES.div_ceil(50));
    println!("  ratio to bare  {:>11.2}      {:>12.2}", bulk.cpu_us() / bare_cpu, bulk.wall_us() / bare_wall);
    Ok(())
}

#[derive(Clone, Copy)]
struct Cost {
    cpu: Duration,
    wall: Duration,
}

impl Cost {
    async fn of<F: Future<Output = Result<()>>>(work: F) -> Result<Self> {
        let (cpu, wall) = (ProcessTime::now(), Instant::now());
        work.await?;
        Ok(Self { cpu: cpu.elapsed(), wall: wall.elapsed() })
    }

    fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / DELETES as f64
    }

    fn wall_us(&self) -> f64 {
        self.wall.as_secs_f64() * 1e6 / DELETES as f64
    }
}

/// What a careful program would do without us: no redirects, no proxy, the same headers, the status checked, the body
/// read.
async fn delete_bare(url: &str) -> Result<Cost> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("tavus-delete/", env!("CARGO_PKG_VERSION")))
        .build()?;
    let call = |number: usize| {
        let url = format!("{url}/v2/conversations/c{number}?hard=true");
        let request = client.delete(url).header("x-api-key", "key").header("accept", "application/json");
        let request = request.header("accept-encoding", "identity");
        async move {
            let response = request.timeout(Duration::from_secs(30)).send().await?.error_for_status()?;
            response.bytes().await.map(drop)
        }
    };
    Cost::of(async {
        let mut calls = stream::iter(0..DELETES).map(call).buffer_unordered(CONCURRENCY);
        while let Some(result) = calls.next().await {
            result?;
        }
        Ok(())
    })
    .await
}

async fn delete_ours(url: &str) -> Result<Cost> {
    let client =
        tavus_delete::Client::builder(ApiKey::new("key")?).base_url(url).build()?.with_erasure_mode(ErasureMode::Hard);
    let ids = (0..DELETES).filter_map(|number| ConversationId::new(&format!("c{number}")).ok()).map(RecordId::from);
    Cost::of(delete_all(&client, ids)).await
}

async fn delete_bulk(url: &str) -> Result<Cost> {
    let client = fini_delete::Client::builder(ApiKey::new("key")?).base_url(url).no_rate_limit().build()?;
    let ids = (0..DELETES).map(|number| RecordId::from(Uuid::from_u128(number as u128)));
    Cost::of(delete_all(&client, ids)).await
}

async fn delete_all(
    client: &(impl Deleter + Clone + 'static),
    ids: impl Iterator<Item = RecordId> + Send + 'static,
) -> Result<()> {
    let mut results = client.delete_all(stream::iter(ids), DeleteAllOptions::new().with_concurrency(CONCURRENCY));
    while let Some((_, result)) = results.next().await {
        drop(result?);
    }
    Ok(())
}

/// The server, in a process of its own.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Result<Self> {
        let program = std::env::current_exe()?;
        let mut process = Command::new(program).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Responds to each request at once with 204, or with Fini's success if the request has a body, until it is killed.
fn serve() -> ! {
    let server = RawServer::start(|request| {
        let is_bulk = request.line().starts_with("DELETE /v2/hc-interactions/public ");
        let response: &[u8] = if is_bulk {
            b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"success\":true}"
        } else {
            b"HTTP/1.1 204 No Content\r\n\r\n"
        };
        FaultAction::Respond(response.to_vec())
    });
    println!("{}", server.url());
    loop {
        std::thread::park();
    }
}
