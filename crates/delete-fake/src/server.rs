//! A fake on a loopback port.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::control::is_control;
use crate::fake::Shared;
use crate::http1::{self, Parsed};
use crate::message::{Delivery, FakeReply, FakeRequest};

/// A running server; dropping it closes the port and every connection.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepting: AbortHandle,
}

impl Server {
    /// Listens on `port` of 127.0.0.1; 0 picks a free one.
    pub(crate) async fn start(shared: Arc<Shared>, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, shared)).abort_handle();
        Ok(Self { address, accepting })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
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
                    // A client that hangs up is no event for a fake.
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
            let open = OpenRequest::new(shared, request);
            if !self.send(&open.reply, is_head, keep_alive).await? {
                break;
            }
        }
        Ok(())
    }

    /// The next request and whether the connection stays open after it; `None` at the end.
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
                    let reply = FakeReply::new(400).with_body("text/plain", format!("delete-fake: {problem}\n"));
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

    /// Sends a reply the way it wants to travel, and says whether the connection can go on.
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

/// Counts a request as open until its reply is on its way, however that ends. Control requests do not count.
struct OpenRequest<'a> {
    shared: &'a Shared,
    reply: FakeReply,
    counted: bool,
}

impl<'a> OpenRequest<'a> {
    fn new(shared: &'a Shared, request: FakeRequest) -> Self {
        let counted = !is_control(request.target());
        let mut engine = shared.lock();
        let reply = if counted { engine.open(request) } else { engine.handle(request) };
        drop(engine);
        Self { shared, reply, counted }
    }
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        if self.counted {
            self.shared.lock().close();
        }
    }
}
