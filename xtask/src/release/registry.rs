//! A sparse registry on loopback: what cargo publishes to it can be depended on and installed from it.
//!
//! It refuses some of what the public registry refuses (a version twice, a missing licence or description, a dependency
//! it does not hold, an upload without a token), records every attempt to upload, and lets a test spoil any call.

mod crate_store;
mod http;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

pub use crate_store::{Source, Upload};
pub use http::Reply;

use crate_store::CrateStore;
use http::Request;

/// A running registry. It ends with the process.
#[derive(Clone)]
pub struct Registry {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    store: Mutex<CrateStore>,
    spoiler: Mutex<Spoiler>,
}

type Spoiler = Box<dyn FnMut(&Call) -> Spoil + Send>;

/// What is asked of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// The index's configuration.
    Config,
    /// What the index holds of a crate. Requests by cargo are marked.
    Index {
        /// The name of the crate.
        name: String,
        /// Whether cargo asks.
        by_cargo: bool,
    },
    /// A new version.
    Upload {
        /// The name of the crate.
        name: String,
        /// Its version.
        version: String,
    },
    /// The file of a version.
    Download,
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// It is answered as it should be.
    Nothing,
    /// Nothing is done; the connection is closed without an answer.
    Drop,
    /// It is done; the connection is closed without an answer.
    DoThenDrop,
    /// It is done; this is the answer.
    DoThenReply(Reply),
    /// Nothing is done; this is the answer.
    Reply(Reply),
}

impl Registry {
    /// Starts an empty registry on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Where no port can be had.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let registry = Self {
            address: listener.local_addr()?,
            shared: Arc::new(Shared { store: Mutex::default(), spoiler: Mutex::new(Box::new(|_| Spoil::Nothing)) }),
        };
        let serving = registry.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let registry = serving.clone();
                thread::spawn(move || registry.serve(connection));
            }
        });
        Ok(registry)
    }

    /// The URL of the index, as cargo wants it in `registries.NAME.index`.
    #[must_use]
    pub fn index_url(&self) -> String {
        format!("sparse+http://{}/index/", self.address)
    }

    /// Puts a crate of somebody else into the registry: `entry` is its line of the index.
    pub fn add(&self, entry: serde_json::Value, source: Source) {
        self.store().add(entry, source);
    }

    /// What was taken, in order.
    #[must_use]
    pub fn uploads(&self) -> Vec<Upload> {
        self.store().uploads().to_vec()
    }

    /// What somebody tried to upload, by name and version, in order: also what was refused, spoiled or there already.
    #[must_use]
    pub fn attempts(&self) -> Vec<(String, String)> {
        self.store().attempts().to_vec()
    }

    /// The names of the crates whose files were downloaded, in order.
    #[must_use]
    pub fn downloads(&self) -> Vec<String> {
        self.store().downloads().to_vec()
    }

    /// Yanks all versions of a crate.
    pub fn yank(&self, name: &str) {
        self.store().yank(name);
    }

    /// From now on, every call is spoiled as this says.
    pub fn spoil(&self, spoiler: impl FnMut(&Call) -> Spoil + Send + 'static) {
        *lock(&self.shared.spoiler) = Box::new(spoiler);
    }

    /// A connection that breaks is the caller's affair: it hears nothing.
    fn serve(&self, mut connection: TcpStream) {
        let Ok(request) = Request::read(&mut connection) else { return };
        let Some(call) = Call::of(&request) else {
            let _broken = Reply::new(404, "there is nothing here").write(&mut connection);
            return;
        };
        if let Call::Upload { name, version } = &call {
            self.store().note_attempt(name, version);
        }
        let spoil = (lock(&self.shared.spoiler))(&call);
        let reply = match spoil {
            Spoil::Drop => return,
            Spoil::DoThenDrop => {
                self.answer(&call, &request);
                return;
            }
            Spoil::DoThenReply(reply) => {
                self.answer(&call, &request);
                reply
            }
            Spoil::Reply(reply) => reply,
            Spoil::Nothing => self.answer(&call, &request),
        };
        let _broken = reply.write(&mut connection);
    }

    fn answer(&self, call: &Call, request: &Request) -> Reply {
        match call {
            Call::Config => {
                let base = format!("http://{}", self.address);
                Reply::json(200, &serde_json::json!({ "dl": format!("{base}/download"), "api": base }))
            }
            Call::Index { .. } => self.store().index(&request.path),
            Call::Upload { .. } if request.header("authorization").is_none() => {
                Reply::refusal(403, "no token was sent")
            }
            Call::Upload { .. } => self.store().upload(&request.body),
            Call::Download => self.store().download(&request.path),
        }
    }

    fn store(&self) -> MutexGuard<'_, CrateStore> {
        lock(&self.shared.store)
    }
}

impl Call {
    fn of(request: &Request) -> Option<Self> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/index/config.json") => Some(Self::Config),
            ("GET", path) if path.starts_with("/index/") => {
                let by_cargo = request.header("user-agent").is_none_or(|agent| agent.starts_with("cargo"));
                Some(Self::Index { name: crate_store::name_at(path)?.to_owned(), by_cargo })
            }
            ("GET", path) if path.starts_with("/download/") => Some(Self::Download),
            ("PUT", "/api/v1/crates/new") => {
                let (name, version) = crate_store::name_and_version(&request.body)?;
                Some(Self::Upload { name, version })
            }
            _ => None,
        }
    }
}

/// A thread that panicked while it held the lock is a bug of that thread, not of this one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
