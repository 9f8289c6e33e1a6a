//! A fake on a port.

mod sockets;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::http1::{self, Parsed};
use crate::message::{Delivery, FakeReply, FakeRequest};
use crate::shared::Shared;
use sockets::{Socket, Sockets};

/// A running server. Once it is dropped the port and every connection are closed, and no request is handled.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    sockets: Sockets,
    accepting: AbortHandle,
}

impl Server {
    /// Listens on `address`; port 0 picks a free one.
    pub(crate) async fn start(shared: Arc<Shared>, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let sockets = Sockets::new(listener);
        let accepting = tokio::spawn(accept(sockets.clone(), Arc::clone(&shared))).abort_handle();
        Ok(Self { address, shared, sockets, accepting })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // With the state locked, so that no request is half handled.
        let engine = self.shared.lock();
        self.sockets.close();
        drop(engine);
        self.accepting.abort();
    }
}

/// The connections live in a set of this task, so that they end with it.
async fn accept(sockets: Sockets, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match sockets.accept().await {
            Ok(socket) => {
                let (sockets, shared) = (sockets.clone(), Arc::clone(&shared));
                connections.spawn(async move {
                    // A client that hangs up is not an error of the fake.
                    let _ = Connection::new(socket).serve(&sockets, &shared).await;
                });
            }
            Err(_) if sockets.are_closed() => return,
            // Out of file descriptors, most likely: let some connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

struct Connection {
    stream: Socket,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(stream: Socket) -> Self {
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    async fn serve(mut self, sockets: &Sockets, shared: &Shared) -> io::Result<()> {
        while let Some((request, keep_alive)) = self.next_request().await? {
            let is_head = request.method() == "HEAD";
            let _open = shared.open(request.target());
            let Some(reply) = shared.handle_unless(request, || sockets.are_closed()) else { break };
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
            Delivery::Reset => self.stream.reset_on_close().map(|()| false),
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
