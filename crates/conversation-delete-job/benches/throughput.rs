//! What a job costs over the same deletes without one: `cargo bench -p conversation-delete-job -- 1000000`, and with random ids, as Corti
//! and Fini have them, which are the worst case for an index: `cargo bench -p conversation-delete-job -- 1000000 --random`.
//!
//! The server is another process on loopback. It answers 204 to whatever it is asked.

use std::error::Error;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::ops::Add;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use conversation_delete_job::{
    Job, Lane, Limits, Planner, Progress, ProgressEvent, RunOptions, Status, StopHandle, Target,
};
use cpu_time::ProcessTime;
use delete_conformance::raw_http::{FaultAction, RawServer};
use delete_core::{DeleteAllOptions, Deleter, DeleterExt, Deletion, RecordId, SystemClock, Vendor};
use futures_util::stream::{self, StreamExt};
use tavus_delete::{ApiKey, BoundClient, Client, ConversationId, ErasureMode, RetryPolicy};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CONCURRENCY: usize = 64;

fn main() -> Result<()> {
    if std::env::args().any(|arg| arg == "--serve") {
        serve();
    }
    let count = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    let ids = if std::env::args().any(|arg| arg == "--random") { Ids::Random } else { Ids::InOrder };
    let server = Server::start()?;
    runtime()?.block_on(compare(&server.url, count, ids))
}

#[derive(Clone, Copy, Debug)]
enum Ids {
    InOrder,
    Random,
}

impl Ids {
    fn id(self, number: usize) -> Result<RecordId> {
        let text = match self {
            Self::InOrder => format!("c{number:07}"),
            Self::Random => {
                let (first, second) = (mix(number as u64), mix(!(number as u64)));
                uuid::Uuid::from_u64_pair(first, second).to_string()
            }
        };
        Ok(ConversationId::new(&text)?.into())
    }
}

/// Numbers that look random and are the same each time: SplitMix64.
fn mix(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// The bound is that of a run that is not interrupted. One that is interrupted half-way begins twice, and checks the plan
/// each time.
async fn compare(url: &str, count: usize, ids: Ids) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (path, interrupted) = (dir.path().join("bench.job"), dir.path().join("interrupted.job"));
    let client = Client::builder(ApiKey::new("key")?).base_url(url).retry(RetryPolicy::none()).build()?;

    let started = Instant::now();
    plan(&path, count, ids)?;
    println!("planning {count} ids ({ids:?}): {:.1} s", started.elapsed().as_secs_f64());
    std::fs::copy(&path, &interrupted)?;

    let watch = thread::spawn({
        let path = path.clone();
        move || watch(&path)
    });
    let (durable, first) = run(&path, &client, usize::MAX).await?;
    let longest = watch.join().unwrap_or_default();
    println!("durable run: {durable}; first request after {:.2} s", first.as_secs_f64());
    let begun = Instant::now();
    Status::read(&path)?;
    println!("status after it ran: {:.3} s", begun.elapsed().as_secs_f64());
    println!("status while it ran: at most {:.3} s", longest.as_secs_f64());
    println!("peak memory until here: {}", peak_memory());

    let plain = delete_plain(&client, count, ids).await?;
    println!("the same deletes without a job: {plain}");
    println!("speed with a job over speed without: {}", durable.speed_over(&plain));

    let (begun, _) = run(&interrupted, &client, count / 2).await?;
    let (resumed, first) = run(&interrupted, &client, usize::MAX).await?;
    println!("resumed after half of them: first request after {:.2} s", first.as_secs_f64());
    println!("speed with a job that was resumed over speed without: {}", (begun + resumed).speed_over(&plain));
    Ok(())
}

/// What a run took of this process, whose threads are counted together.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

impl Cost {
    fn since(wall: Instant, cpu: ProcessTime) -> Self {
        Self { wall: wall.elapsed(), cpu: cpu.elapsed() }
    }

    fn speed_over(&self, other: &Self) -> String {
        let ratio = |own: Duration, other: Duration| other.as_secs_f64() / own.as_secs_f64();
        format!("{:.2} (by CPU time {:.2})", ratio(self.wall, other.wall), ratio(self.cpu, other.cpu))
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s, {:.1} s of CPU time", self.wall.as_secs_f64(), self.cpu.as_secs_f64())
    }
}

fn plan(path: &Path, count: usize, ids: Ids) -> Result<()> {
    let mut planner = Planner::create(path, "bench")?;
    let target = planner.target(&target())?;
    for number in 0..count {
        planner.add(target, &ids.id(number)?)?;
    }
    planner.finish()?;
    Ok(())
}

fn target() -> Target {
    Target {
        vendor: "tavus".to_owned(),
        origin: "http://127.0.0.1".to_owned(),
        base_url: Some("http://127.0.0.1".to_owned()),
        auth_url: None,
        place: None,
        credential: "bench".to_owned(),
        mode: Some(ErasureMode::Hard),
        options: String::new(),
    }
}

/// What a run of at most so many requests took, and how long it was before the first one.
async fn run(path: &Path, client: &Client, most: usize) -> Result<(Cost, Duration)> {
    let (started, cpu) = (Instant::now(), ProcessTime::now());
    let first = Arc::new(OnceLock::new());
    let stop = StopHandle::default();
    let deleter = Arc::new(Timed {
        client: client.with_erasure_mode(ErasureMode::Hard),
        first: Arc::clone(&first),
        left: AtomicUsize::new(most),
        stop: stop.clone(),
    });
    let job = Job::open(path)?;
    let number = job.targets()?[0].0;
    let limits = Limits { concurrency: CONCURRENCY, ..Limits::default() };
    let lane = Lane::new(number, target(), deleter, Arc::new(client.clone())).with_limits(limits);
    let endings = job.run(vec![lane], Arc::new(SystemClock), &RunOptions::default(), &stop, &Silent).await?;
    println!("ending: {:?}", endings[0]);
    let first = first.get().copied().unwrap_or(started);
    Ok((Cost::since(started, cpu), first - started))
}

async fn delete_plain(client: &Client, count: usize, ids: Ids) -> Result<Cost> {
    let (started, cpu) = (Instant::now(), ProcessTime::now());
    let deleter = client.with_erasure_mode(ErasureMode::Hard);
    let ids = stream::iter((0..count).filter_map(move |number| ids.id(number).ok()));
    let failed = deleter
        .delete_all(ids, DeleteAllOptions::new().with_concurrency(CONCURRENCY))
        .filter(|(_, result)| std::future::ready(result.is_err()))
        .count();
    println!("failed without a job: {}", failed.await);
    Ok(Cost::since(started, cpu))
}

/// Asks again and again how far the job is, until all have their outcome. Gives the longest time that took.
fn watch(path: &Path) -> Duration {
    let mut longest = Duration::ZERO;
    loop {
        let started = Instant::now();
        let Ok(status) = Status::read(path) else { return longest };
        longest = longest.max(started.elapsed());
        if status.targets[0].outcomes.get(conversation_delete_job::RecordOutcome::NotAttempted) == 0 {
            return longest;
        }
        thread::sleep(Duration::from_millis(500));
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known here".to_owned(), |line| line.trim().to_owned())
}

/// Notes when the first request leaves, and halts the run after so many.
struct Timed {
    client: BoundClient,
    first: Arc<OnceLock<Instant>>,
    left: AtomicUsize,
    stop: StopHandle,
}

#[async_trait]
impl Deleter for Timed {
    fn vendor(&self) -> Vendor {
        self.client.vendor()
    }

    fn parse_id(&self, id: &str) -> std::result::Result<RecordId, delete_core::Error> {
        self.client.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> std::result::Result<Deletion, delete_core::Error> {
        self.first.get_or_init(Instant::now);
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.drain();
        }
        self.client.delete(id).await
    }
}

struct Silent;

impl Progress for Silent {
    fn on_event(&self, _: ProgressEvent<'_>) {}
}

struct Server {
    url: String,
    process: Child,
}

impl Server {
    fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?).arg("--serve").stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().ok_or("no stdout")?;
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url)?;
        Ok(Self { url: url.trim().to_owned(), process })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Responds to each request at once with 204, until it is killed.
fn serve() -> ! {
    let server = RawServer::start(|_| FaultAction::Respond(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()));
    println!("{}", server.url());
    loop {
        thread::park();
    }
}
