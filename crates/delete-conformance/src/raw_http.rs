//! A raw HTTP/1.1 server on loopback: whole requests in, any bytes out. It runs on threads of its own, for tests with and
//! without a runtime.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct RawRequest {
    /// Everything up to the empty line, which is included.
    pub head: String,
    /// As much as `content-length` announces.
    pub body: Vec<u8>,
}

impl RawRequest {
    /// Returns the first line, such as `DELETE /records/r1 HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// Returns the first value of a header; the case of `name` does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What the server does with one request, after reading all of it.
#[derive(Clone, Debug)]
pub enum FaultAction {
    /// Writes these bytes and keeps the connection open.
    Respond(Vec<u8>),
    /// Writes these bytes one by one, a millisecond apart, and keeps the connection open.
    RespondInPieces(Vec<u8>),
    /// Writes these bytes and closes the connection. A larger `Content-Length` makes the body a truncated one.
    RespondAndClose(Vec<u8>),
    /// Writes this head, then an endless body until the client disconnects.
    RespondEndlessly(Vec<u8>),
    /// Closes the connection without a response.
    Close,
    /// Resets the connection.
    Reset,
    /// Writes these bytes, which may be empty, and nothing more, and keeps the connection open.
    Stall(Vec<u8>),
}

impl FaultAction {
    /// A complete response with this status, these header lines and this body.
    pub fn status(status: u16, headers: &[&str], body: &str) -> Self {
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        Self::Respond(format!("HTTP/1.1 {status} X\r\n{lines}content-length: {}\r\n\r\n{body}", body.len()).into())
    }
}

/// A running server. Dropping it closes the port; an open connection ends with its client.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    is_stopped: Arc<AtomicBool>,
}

impl RawServer {
    /// Starts a server on a free port of 127.0.0.1 that does with each request what this function returns.
    ///
    /// The function runs on the thread of the connection, so it may block.
    pub fn start(respond: impl Fn(RawRequest) -> FaultAction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, connections: Arc::default(), is_stopped: Arc::default() };
        let (connections, is_stopped) = (server.connections.clone(), server.is_stopped.clone());
        let respond = Arc::new(respond);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if is_stopped.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let respond = respond.clone();
                // A client that disconnects is not an error of the server.
                thread::spawn(move || drop(serve(stream, &*respond)));
            }
        });
        server
    }

    /// Returns `127.0.0.1` and the port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, respond: &impl Fn(RawRequest) -> FaultAction) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(&stream);
    let mut writer = &stream;
    while let Some(request) = read_request(&mut reader)? {
        match respond(request) {
            FaultAction::Respond(bytes) => writer.write_all(&bytes)?,
            FaultAction::RespondInPieces(bytes) => {
                for byte in bytes {
                    writer.write_all(&[byte])?;
                    thread::sleep(Duration::from_millis(1));
                }
            }
            FaultAction::RespondAndClose(bytes) => return writer.write_all(&bytes),
            FaultAction::RespondEndlessly(head) => {
                writer.write_all(&head)?;
                loop {
                    writer.write_all(&[b'x'; 16 * 1024])?;
                }
            }
            FaultAction::Close => return Ok(()),
            FaultAction::Reset => return socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
            FaultAction::Stall(bytes) => {
                writer.write_all(&bytes)?;
                // Returns once the client disconnects.
                return reader.read(&mut [0]).map(drop);
            }
        }
    }
    Ok(())
}

/// Reads one request, head and body. `None` if the client disconnected.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<RawRequest>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    let mut request = RawRequest { head: String::from_utf8_lossy(&head).into_owned(), body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}
