//! A sparse registry on loopback: cargo publishes to it and takes crates from it.
//!
//! It refuses a version that it has, records every upload, and injects the faults of a test.

mod crate_store;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::{Value, json};

pub use crate_store::index_entry;
use crate_store::{CrateStore, parts, text};

/// A running registry. It ends with the process.
#[derive(Clone)]
pub struct Registry {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    store: CrateStore,
    calls: Vec<Call>,
    injector: Injector,
}

type Injector = Box<dyn FnMut(&Call) -> Option<Fault> + Send>;

/// A request to the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// For the configuration of the index.
    Config,
    /// By cargo, for the versions of this crate.
    Index(String),
    /// By anybody else, for the same.
    Lookup(String),
    /// To publish a version of this crate.
    Upload(String),
    /// For the file of this crate in this version.
    Download(String, String),
}

/// How a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has no effect; the connection is closed without a response.
    Drop,
    /// It has its effect; the connection is closed without a response.
    ApplyThenDrop,
    /// It has its effect; this is the response.
    ApplyThenReply(Reply),
    /// It has no effect; this is the response.
    Reply(Reply),
}

/// A response: status and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(pub u16, pub Vec<u8>);

impl Registry {
    /// Starts an empty registry on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let shared = Shared { store: CrateStore::default(), calls: Vec::new(), injector: Box::new(|_| None) };
        let registry = Self { address: listener.local_addr()?, shared: Arc::new(Mutex::new(shared)) };
        let serving = registry.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let registry = serving.clone();
                // A broken connection is the client's affair.
                thread::spawn(move || registry.serve(&connection).ok());
            }
        });
        Ok(registry)
    }

    /// The URL of the index, as cargo wants it in `registries.NAME.index`.
    #[must_use]
    pub fn index_url(&self) -> String {
        format!("sparse+http://{}/index/", self.address)
    }

    /// Adds a crate of somebody else, by its index line and its file.
    pub fn add(&self, entry: Value, file: Vec<u8>) {
        self.lock().store.add(entry, file);
    }

    /// The crates of accepted uploads in order, with the checksums of their files.
    #[must_use]
    pub fn uploads(&self) -> Vec<(String, String)> {
        self.lock().store.uploads.clone()
    }

    /// All requests in order, also those that were refused or failed.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// Yanks all versions of a crate.
    pub fn yank(&self, name: &str) {
        self.lock().store.yank(name);
    }

    /// Asks at each request from now on how it fails.
    pub fn inject(&self, injector: impl FnMut(&Call) -> Option<Fault> + Send + 'static) {
        self.lock().injector = Box::new(injector);
    }

    fn serve(&self, connection: &TcpStream) -> io::Result<()> {
        let request = Request::read(connection)?;
        let mut shared = self.lock();
        let Some(call) = request.call() else { return Reply::not_found().write(connection) };
        shared.calls.push(call.clone());
        let fault = (shared.injector)(&call);
        let is_applied = !matches!(fault, Some(Fault::Drop | Fault::Reply(_)));
        let applied = is_applied.then(|| self.apply(&mut shared.store, call, &request));
        drop(shared);
        let reply = match fault {
            None => applied,
            Some(Fault::Drop | Fault::ApplyThenDrop) => None,
            Some(Fault::Reply(reply) | Fault::ApplyThenReply(reply)) => Some(reply),
        };
        reply.map_or(Ok(()), |reply| reply.write(connection))
    }

    fn apply(&self, store: &mut CrateStore, call: Call, request: &Request) -> Reply {
        let body = match call {
            Call::Config => {
                let base = format!("http://{}", self.address);
                Some(json!({ "dl": format!("{base}/download"), "api": base }).to_string().into())
            }
            Call::Index(_) | Call::Lookup(_) => store.index(request.path.trim_start_matches("/index/")),
            Call::Download(name, version) => store.file(&name, &version).cloned(),
            Call::Upload(_) => match store.accept(&request.body) {
                Ok(()) => Some(json!({ "warnings": {} }).to_string().into()),
                Err(reason) => return Reply::refusal(400, &reason),
            },
        };
        body.map_or_else(Reply::not_found, |body| Reply(200, body))
    }

    /// A thread that panicked while it held the lock is a bug of that thread, not of this one.
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// Reads one request. The largest package that the public registry accepts is smaller than this limit.
    fn read(connection: &TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(connection.take(64 << 20));
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = BTreeMap::new();
        for line in reader.by_ref().lines() {
            let line = line?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = Vec::new();
        reader.take(length).read_to_end(&mut body)?;
        Ok(Self { method, path, headers, body })
    }

    fn call(&self) -> Option<Call> {
        let path: Vec<&str> = self.path.split('/').skip(1).collect();
        match (self.method.as_str(), path.as_slice()) {
            ("GET", ["index", "config.json"]) => Some(Call::Config),
            ("GET", ["index", .., name]) => {
                let is_cargo = self.headers.get("user-agent").is_some_and(|agent| agent.starts_with("cargo"));
                Some(if is_cargo { Call::Index((*name).to_owned()) } else { Call::Lookup((*name).to_owned()) })
            }
            ("GET", ["download", name, version, _]) => Some(Call::Download((*name).to_owned(), (*version).to_owned())),
            ("PUT", ["api", "v1", "crates", "new"]) => Some(Call::Upload(text(&parts(&self.body)?.0["name"]))),
            _ => None,
        }
    }
}

impl Reply {
    /// A refusal whose text cargo shows.
    #[must_use]
    pub fn refusal(status: u16, detail: &str) -> Self {
        Self(status, json!({ "errors": [{ "detail": detail }] }).to_string().into())
    }

    fn not_found() -> Self {
        Self(404, b"not found".to_vec())
    }

    fn write(&self, mut connection: &TcpStream) -> io::Result<()> {
        let Self(status, body) = self;
        write!(connection, "HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len())?;
        connection.write_all(body)
    }
}
