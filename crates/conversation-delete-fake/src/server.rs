//! A fake on a port.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::http1::{self, Parsed};
use crate::message::{Delivery, FakeReply, FakeRequest};
use crate::shared::Shared;

/// A running server, on a thread of its own: it needs no runtime of its user, and ends without one. Once it is dropped
/// the port and every connection are closed, and no request is handled.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `address`; port 0 picks a free one.
    pub(crate) fn start(shared: Arc<Shared>, address: SocketAddr) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("conversation-delete-fake".to_owned()).spawn(move || {
            let served = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
                runtime.block_on(async {
                    let listener = TcpListener::bind(address).await?;
                    // Whoever started the server waits for this.
                    let _ = report.send(listener.local_addr());
                    futures_util::future::select(stopped, pin!(accept(listener, shared))).await;
                    Ok(())
                })
            });
            if let Err(error) = served {
                let _ = report.send(Err(error));
            }
        })?;
        let address = started.recv().map_err(io::Error::other)??;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic there has been reported by the thread itself.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The connections live in a set of this task, so that they end with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    // A client that hangs up is not an error of the fake.
                    let _ = Connection::new(stream).serve(&shared).await;
                });
            }
            // Out of file descriptors, most likely: let some connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    async fn serve(mut self, shared: &Shared) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        while let Some((request, keep_alive)) = self.next_request().await? {
            let is_head = request.method() == "HEAD";
            let _open = shared.open(request.target());
            let reply = shared.handle(request);
            // A length that a fault set may not be that of the body: what follows could not be read.
            let keep_alive = keep_alive && reply.header("content-length").is_none();
            if !self.send(&reply, is_head, keep_alive).await? {
                break;
            }
        }
        Ok(())
    }

    /// Reads the next request and whether the connection stays open after it; `None` at the end.
    async fn next_request(&mut self) -> io::Result<Option<(FakeRequest, bool)>> {
        loop {
            match http1::parse(&self.buffer) {
                Parsed::Request { request, length, keep_alive } => {
                    self.buffer.drain(..length);
                    return Ok(Some((request, keep_alive)));
                }
                Parsed::Partial { expects_continue } => {
                    if expects_continue {
                        self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
                    }
                    if self.read_more().await? == 0 {
                        return Ok(None);
                    }
                }
                Parsed::Malformed(problem) => {
                    let reply =
                        FakeReply::new(400).with_body("text/plain", format!("conversation-delete-fake: {problem}\n"));
                    self.write(&reply, false, false).await?;
                    return Ok(None);
                }
            }
        }
    }

    /// Large bodies are read in large steps, because each step parses from the start.
    async fn read_more(&mut self) -> io::Result<usize> {
        self.buffer.reserve(self.buffer.len().max(4096));
        self.stream.read_buf(&mut self.buffer).await
    }

    /// Sends a reply as its delivery says, and returns whether the connection can go on.
    async fn send(&mut self, reply: &FakeReply, is_head: bool, keep_alive: bool) -> io::Result<bool> {
        if !reply.delay().is_zero() {
            tokio::time::sleep(reply.delay()).await;
        }
        match reply.delivery() {
            Delivery::Closed => Ok(false),
            Delivery::Reset => self.stream.set_zero_linger().map(|()| false),
            Delivery::Truncated => self.write(reply, is_head, keep_alive).await.map(|()| false),
            Delivery::SlowHead(over) => self.write_slowly(reply, is_head, keep_alive, over).await.map(|()| keep_alive),
            Delivery::Whole => self.write(reply, is_head, keep_alive).await.map(|()| keep_alive),
        }
    }

    async fn write(&mut self, reply: &FakeReply, is_head: bool, keep_alive: bool) -> io::Result<()> {
        let (mut bytes, body) = http1::write(reply, is_head, keep_alive);
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes).await
    }

    async fn write_slowly(
        &mut self,
        reply: &FakeReply,
        is_head: bool,
        keep_alive: bool,
        over: Duration,
    ) -> io::Result<()> {
        const PIECES: usize = 10;
        let (head, body) = http1::write(reply, is_head, keep_alive);
        for piece in head.chunks(head.len().div_ceil(PIECES)) {
            tokio::time::sleep(over / 10).await;
            self.stream.write_all(piece).await?;
        }
        self.stream.write_all(body).await
    }
}
