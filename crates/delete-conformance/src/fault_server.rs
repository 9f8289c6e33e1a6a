use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::raw_http::{FaultAction, RawRequest, RawServer};

/// A server on loopback that runs one [`FaultAction`] for each request, and records the requests. Dropping it stops it.
#[derive(Debug)]
pub struct FaultServer {
    server: RawServer,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    script: Mutex<Script>,
    arrived: Notify,
}

#[derive(Debug)]
struct Script {
    actions: Vec<FaultAction>,
    requests: Vec<String>,
}

impl FaultServer {
    /// Starts a server that runs these actions in turn, and the last one for every further request.
    pub fn start(actions: impl IntoIterator<Item = FaultAction>) -> Self {
        let script = Script { actions: actions.into_iter().collect(), requests: Vec::new() };
        let state = Arc::new(State { script: Mutex::new(script), arrived: Notify::new() });
        let shared = state.clone();
        Self { server: RawServer::start(move |request| shared.next(request)), state }
    }

    /// Returns `127.0.0.1` and the port.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns all complete requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<String> {
        self.state.script.lock().unwrap().requests.clone()
    }

    /// Returns all requests so far, without the header `host`.
    pub fn requests_without_host(&self) -> Vec<String> {
        let without =
            |request: &String| request.split_inclusive("\r\n").filter(|line| !line.starts_with("host: ")).collect();
        self.requests().iter().map(without).collect()
    }

    /// Waits until the next request has been read.
    pub async fn arrival(&self) {
        self.state.arrived.notified().await;
    }
}

impl State {
    fn next(&self, request: RawRequest) -> FaultAction {
        let mut script = self.script.lock().unwrap();
        script.requests.push(request.head + &String::from_utf8_lossy(&request.body));
        self.arrived.notify_one();
        if script.actions.len() > 1 { script.actions.remove(0) } else { script.actions[0].clone() }
    }
}
