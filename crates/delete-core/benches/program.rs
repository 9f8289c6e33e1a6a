//! What the program costs above bare reqwest, as a process, CPU time of user and system together. On Linux:
//!
//! ```sh
//! cargo build --release -p conversation-delete-cli
//! cargo bench -p delete-core --bench program -- 100000
//! ```
//!
//! Both read the same ids from stdin, delete them at the same concurrency from a fake of their own (another process), and
//! write a line for each. Only the ratio carries over to other machines.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use serde_json::Value;

const ROUNDS: usize = 3;
const CONCURRENCY: usize = 16;
const BASE_URL: &str = "TAVUS_BASE_URL";
const KEY: &str = "TAVUS_API_KEY";

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    if std::env::args().any(|arg| arg == "bare") {
        return tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(delete_bare());
    }
    let count = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program");
    fs::create_dir_all(&folder)?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let bare = Fake::start(&folder, count)?.cpu_of(Command::new(std::env::current_exe()?).arg("bare"))?;
        let arguments = ["delete", "tavus", "--hard", "--allow-active", "--ids-from", "-", "--yes", "--output", "json"];
        let mut program = Command::new(program()?);
        program.args(arguments).args(["--concurrency", &CONCURRENCY.to_string()]).env("XDG_STATE_HOME", &folder);
        let ours = Fake::start(&folder, count)?.cpu_of(&mut program)?;
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / count as f64;
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        println!("CPU time per delete: bare {:.1} us, program {:.1} us, ratio {ratio:.2}", each(bare), each(ours));
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median of {ROUNDS} rounds of {count} deletes at concurrency {CONCURRENCY}: {:.2}", ratios[ROUNDS / 2]);
    Ok(())
}

/// The release build of the program, beside the folder of this one.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let release = own.parent().and_then(Path::parent).ok_or("this program is in no folder of cargo")?;
    let program = release.join(format!("conversation-delete{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        return Err(format!("{} is missing: build it first", program.display()).into());
    }
    Ok(program)
}

/// The fakes, in a process of their own, and the ids of the records at that of Tavus.
struct Fake {
    process: Child,
    variables: Vec<(String, String)>,
    ids: PathBuf,
}

impl Fake {
    fn start(folder: &Path, count: usize) -> Result<Self> {
        let (variables, ids) = (folder.join("fake.env"), folder.join("ids.txt"));
        drop(fs::remove_file(&variables));
        let process = Command::new(program()?)
            .args(["fake", "--count", &count.to_string(), "--env-file"])
            .arg(&variables)
            .stdout(Stdio::null())
            .spawn()?;
        let mut fake = Self { process, variables: Vec::new(), ids };
        while fake.variable(BASE_URL).is_err() {
            thread::sleep(Duration::from_millis(100));
            let text = fs::read_to_string(&variables).unwrap_or_default();
            let pairs = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.split_once('='));
            fake.variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let url = format!("{}/__fake/records", fake.variable(BASE_URL)?);
        let records = runtime.block_on(async { reqwest::get(url).await?.bytes().await })?;
        let records: Vec<Value> = serde_json::from_slice(&records)?;
        let mut file = io::BufWriter::new(File::create(&fake.ids)?);
        for id in records.iter().filter_map(|record| record["id"].as_str()) {
            writeln!(file, "{id}")?;
        }
        file.flush()?;
        Ok(fake)
    }

    fn variable(&self, name: &str) -> Result<&str> {
        let value = self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
        value.ok_or_else(|| format!("the fake names no {name}").into())
    }

    /// The CPU time of a process that deletes the records.
    fn cpu_of(self, command: &mut Command) -> Result<Duration> {
        let before = cpu_of_children()?;
        let command = command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let status = command.stdin(File::open(&self.ids)?).stdout(Stdio::null()).status()?;
        if !status.success() {
            return Err(format!("a process failed: {status}").into());
        }
        Ok(cpu_of_children()? - before)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The CPU time of the processes that this one has waited for, which Linux counts in hundredths of a second.
fn cpu_of_children() -> Result<Duration> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = text.rsplit_once(')').ok_or("no fields")?;
    let ticks: u64 = fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(10 * ticks))
}

/// What a careful program would do itself: the headers of ours, no redirects, a time limit, the status checked, the body
/// read, and a line for each id.
async fn delete_bare() -> Result<()> {
    let (url, key) = (std::env::var(BASE_URL)?, std::env::var(KEY)?);
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("tavus-delete/", env!("CARGO_PKG_VERSION")))
        .build()?;
    let call = |id: String| {
        let request = client.delete(format!("{url}/v2/conversations/{id}?hard=true"));
        let request = request.header("x-api-key", &key).header("accept", "application/json");
        let request = request.header("accept-encoding", "identity").timeout(Duration::from_secs(30));
        async move {
            let response = request.send().await?.error_for_status()?;
            let status = response.status();
            response.bytes().await.map(|_| (id, status))
        }
    };
    let ids: Vec<String> = io::stdin().lock().lines().collect::<io::Result<_>>()?;
    let mut calls = stream::iter(ids).map(call).buffer_unordered(CONCURRENCY);
    let mut out = io::BufWriter::new(io::stdout().lock());
    while let Some(called) = calls.next().await {
        let (id, status) = called?;
        writeln!(out, "{id} {}", status.as_u16())?;
    }
    Ok(out.flush()?)
}
