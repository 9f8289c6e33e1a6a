//! A raw HTTP/1.1 server on loopback: whole requests in, any bytes out. It runs on threads of its own, for tests with and
//! without a runtime.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
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

/// The response to a request whose body has no end that could be found.
const BAD_LENGTH: &[u8] =
    b"HTTP/1.1 400 content-length is not a number\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A running server. Dropping it closes the port; an open connection ends with its client.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    is_stopped: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl RawServer {
    /// Starts a server on a free port of 127.0.0.1 that does with each request what this function returns.
    ///
    /// The function runs on the thread of the connection, so it may block.
    pub fn start(respond: impl Fn(RawRequest) -> FaultAction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, is_stopped) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let mut server =
            Self { address, connections: connections.clone(), is_stopped: is_stopped.clone(), acceptor: None };
        let respond = Arc::new(respond);
        server.acceptor = Some(thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if is_stopped.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let respond = respond.clone();
                thread::spawn(move || {
                    let served = serve(&stream, &*respond);
                    // A client that disconnects is not an error of the server.
                    if served.is_err_and(|error| error.kind() == io::ErrorKind::InvalidData) {
                        let _ = (&stream).write_all(BAD_LENGTH);
                    }
                });
            }
        }));
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
        // The connection wakes the thread that accepts, which then closes the port.
        if let (Ok(_), Some(acceptor)) = (TcpStream::connect(self.address), self.acceptor.take()) {
            let _ = acceptor.join();
        }
    }
}

fn serve(stream: &TcpStream, respond: &impl Fn(RawRequest) -> FaultAction) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
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
            FaultAction::Reset => return socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)),
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
    let length = request.header("content-length").map_or(Ok(0), str::parse);
    let length = length.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_is_not_a_number_is_named_and_a_dropped_server_has_closed_its_port() {
        let server = RawServer::start(|_| FaultAction::status(204, &[], ""));
        let response_to = |head: &str| {
            let mut client = TcpStream::connect(server.address()).unwrap();
            client.write_all(head.as_bytes()).unwrap();
            let mut line = String::new();
            BufReader::new(client).read_line(&mut line).unwrap();
            line
        };
        assert_eq!(response_to("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"), "HTTP/1.1 204 X\r\n");
        let refused = response_to("POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n{}");
        assert_eq!(refused, "HTTP/1.1 400 content-length is not a number\r\n");

        let address = server.address();
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
