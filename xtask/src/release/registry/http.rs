//! As much of HTTP/1.1 as cargo needs: one call per connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;

const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 64 << 20;

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// An answer of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn read(connection: &mut TcpStream) -> io::Result<Self> {
        let mut received = Vec::new();
        let mut request = loop {
            match Self::parse_head(&received)? {
                Some((request, length)) => {
                    received.drain(..length);
                    break request;
                }
                None if received.len() > MAX_HEAD => return Err(io::ErrorKind::InvalidData.into()),
                None => receive(connection, &mut received)?,
            }
        };
        let length = request.header("content-length").map_or(Ok(0), str::parse).unwrap_or(usize::MAX);
        if length > MAX_BODY {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if request.header("expect").is_some() {
            connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        while received.len() < length {
            receive(connection, &mut received)?;
        }
        request.body = received;
        Ok(request)
    }

    /// The request without its body, and how long its head was; `None` while the head is not complete.
    fn parse_head(received: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut headers);
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        let httparse::Status::Complete(length) = head.parse(received).map_err(invalid)? else { return Ok(None) };
        let text = |header: &httparse::Header<'_>| {
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
        };
        let request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            path: head.path.unwrap_or_default().to_owned(),
            headers: head.headers.iter().map(text).collect(),
            body: Vec::new(),
        };
        Ok(Some((request, length)))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

fn receive(connection: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 16 << 10];
    match connection.read(&mut chunk)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => {
            received.extend_from_slice(&chunk[..length]);
            Ok(())
        }
    }
}

impl Reply {
    /// An answer with this status and text.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// An answer in JSON.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, body.to_string()).with_header("content-type", "application/json")
    }

    /// How a registry says no: cargo shows the text.
    #[must_use]
    pub fn refusal(status: u16, detail: &str) -> Self {
        Self::json(status, &serde_json::json!({ "errors": [{ "detail": detail }] }))
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn write(&self, connection: &mut TcpStream) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} -\r\nconnection: close\r\n", self.status);
        head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        connection.write_all(head.as_bytes())?;
        connection.write_all(&self.body)
    }
}
