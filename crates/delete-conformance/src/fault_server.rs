use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What the server does with one request, after reading all of it.
#[derive(Clone, Debug)]
pub enum FaultAction {
    /// Writes these bytes and keeps the connection open.
    Respond(String),
    /// Writes these bytes and closes the connection. A larger `Content-Length` makes the body a truncated one.
    RespondAndClose(String),
    /// Writes this head, then an endless body until the client disconnects.
    RespondEndlessly(String),
    /// Closes the connection without a response.
    Close,
    /// Resets the connection.
    Reset,
    /// Writes these bytes, which may be empty, and nothing more, and keeps the connection open.
    Stall(String),
}

impl FaultAction {
    /// A complete response with this status, these header lines and this body.
    pub fn status(status: u16, headers: &[&str], body: &str) -> Self {
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        Self::Respond(format!("HTTP/1.1 {status} X\r\n{lines}content-length: {}\r\n\r\n{body}", body.len()))
    }
}

/// A server on loopback that runs one [`FaultAction`] for each request, and records the requests. Dropping it stops it.
#[derive(Debug)]
pub struct FaultServer {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
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
    pub async fn start(actions: impl IntoIterator<Item = FaultAction>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Script { actions: actions.into_iter().collect(), requests: Vec::new() };
        let state = Arc::new(State { script: Mutex::new(script), arrived: Notify::new() });
        let task = tokio::spawn(accept(listener, state.clone()));
        Self { address, state, task }
    }

    /// Returns the base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, state.clone()));
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    while let Some(request) = read_request(&mut stream).await {
        let action = state.next(request);
        state.arrived.notify_one();
        match action {
            FaultAction::Respond(bytes) => {
                if stream.write_all(bytes.as_bytes()).await.is_err() {
                    return;
                }
            }
            FaultAction::RespondAndClose(bytes) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
                return;
            }
            FaultAction::RespondEndlessly(head) => {
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {}
                return;
            }
            FaultAction::Close => return,
            FaultAction::Reset => {
                let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                return;
            }
            FaultAction::Stall(bytes) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
                // Returns once the client disconnects.
                let _ = stream.read(&mut [0]).await;
                return;
            }
        }
    }
}

impl State {
    fn next(&self, request: String) -> FaultAction {
        let mut script = self.script.lock().unwrap();
        script.requests.push(request);
        if script.actions.len() > 1 { script.actions.remove(0) } else { script.actions[0].clone() }
    }
}

/// Reads one request, head and body. `None` if the client disconnected.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        read.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            if body.len() >= announced_length(head) {
                return Some(text.into_owned());
            }
        }
    }
}

fn announced_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.map_or(0, |length| length.trim().parse().unwrap())
}
