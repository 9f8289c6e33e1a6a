//! The listener and the connections of a server, which can be closed at once from any thread.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The sockets of one server; `None` after it was stopped. A task that owned its socket would close it only when the
/// runtime comes to that.
#[derive(Clone)]
pub(super) struct Sockets(Arc<Mutex<Option<Open>>>);

struct Open {
    listener: TcpListener,
    streams: HashMap<u64, TcpStream>,
    accepted: u64,
}

impl Sockets {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self(Arc::new(Mutex::new(Some(Open { listener, streams: HashMap::new(), accepted: 0 }))))
    }

    /// Closes all of them.
    pub(super) fn close(&self) {
        self.lock().take();
    }

    pub(super) fn are_closed(&self) -> bool {
        self.lock().is_none()
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<Socket> {
        std::future::poll_fn(|cx| self.poll_accept(cx)).await
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Socket>> {
        let mut sockets = self.lock();
        let Some(open) = &mut *sockets else { return Poll::Ready(Err(closed())) };
        let (stream, _) = ready!(open.listener.poll_accept(cx))?;
        stream.set_nodelay(true)?;
        open.accepted += 1;
        open.streams.insert(open.accepted, stream);
        Poll::Ready(Ok(Socket { sockets: self.clone(), number: open.accepted }))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection. Dropping it closes the connection.
pub(super) struct Socket {
    sockets: Sockets,
    number: u64,
}

impl Socket {
    /// Lets the connection be reset, not closed in order, when it is dropped.
    pub(super) fn reset_on_close(&self) -> io::Result<()> {
        self.with(|stream| stream.set_zero_linger())
    }

    fn with<T>(&self, act: impl FnOnce(&TcpStream) -> io::Result<T>) -> io::Result<T> {
        let sockets = self.sockets.lock();
        let stream = sockets.as_ref().and_then(|open| open.streams.get(&self.number));
        stream.map_or_else(|| Err(closed()), act)
    }

    fn poll<T>(&self, act: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let mut sockets = self.sockets.lock();
        let stream = sockets.as_mut().and_then(|open| open.streams.get_mut(&self.number));
        stream.map_or_else(|| Poll::Ready(Err(closed())), |stream| act(Pin::new(stream)))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(open) = &mut *self.sockets.lock() {
            open.streams.remove(&self.number);
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(cx))
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the fake was stopped")
}
