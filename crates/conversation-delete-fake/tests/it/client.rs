//! A fake that runs, and the plainest client there is.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Deref;

use conversation_delete_fake::{Fake, RecordState, Role, Vendor};
use serde_json::Value;
use tokio::runtime::Runtime;

/// A fake with the runtime that serves it.
pub(crate) struct Running {
    fake: Fake,
    _runtime: Runtime,
}

impl Deref for Running {
    type Target = Fake;

    fn deref(&self) -> &Fake {
        &self.fake
    }
}

pub(crate) fn start(vendor: Vendor) -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fake = runtime.block_on(Fake::start(vendor)).unwrap();
    Running { fake, _runtime: runtime }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| *known == name)
            .map(|(_, v)| v)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether all of the body came that was announced.
    pub(crate) fn is_whole(&self) -> bool {
        self.header("content-length").is_none_or(|length| length.parse() == Ok(self.body.len()))
    }
}

/// A request with its head as given and a body.
pub(crate) struct Ask<'a> {
    method: &'a str,
    target: &'a str,
    headers: Vec<(&'a str, String)>,
    body: &'a str,
}

pub(crate) fn ask<'a>(method: &'a str, target: &'a str) -> Ask<'a> {
    Ask { method, target, headers: Vec::new(), body: "" }
}

impl<'a> Ask<'a> {
    pub(crate) fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: &'a str) -> Self {
        self.body = body;
        self.header("content-type", content_type)
    }

    pub(crate) fn json(self, body: &'a str) -> Self {
        self.body("application/json", body)
    }

    /// With the credential that the vendor's clients send for this role.
    pub(crate) fn auth(self, fake: &Fake, role: Role) -> Self {
        let key = fake.key(role);
        match fake.vendor() {
            Vendor::Corti => self.header("authorization", format!("Bearer {key}")).header("tenant-name", "base"),
            Vendor::Fini => self.header("authorization", format!("Bearer {key}")),
            Vendor::ElevenLabs => self.header("xi-api-key", key),
            _ => self.header("x-api-key", key),
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: fake\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        text.push_str("Connection: close\r\n\r\n");
        text.push_str(self.body);
        text.into_bytes()
    }

    /// The answer; an error where the connection broke before the end of a head.
    pub(crate) fn try_send(&self, fake: &Fake) -> io::Result<Answer> {
        let bytes = exchange(fake, &self.bytes())?;
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head[9..12].parse().map_err(io::Error::other)?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }

    pub(crate) fn send(&self, fake: &Fake) -> Answer {
        self.try_send(fake).unwrap()
    }
}

pub(crate) fn connect(fake: &Fake) -> TcpStream {
    let origin = fake.origin().unwrap();
    TcpStream::connect(origin.strip_prefix("http://").unwrap()).unwrap()
}

/// Sends bytes and reads until the server closes.
pub(crate) fn exchange(fake: &Fake, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = connect(fake);
    stream.write_all(bytes)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Sends a delete or get of one record with full rights.
pub(crate) fn call(fake: &Fake, method: &str, target: &str) -> Answer {
    ask(method, target).auth(fake, Role::Full).send(fake)
}

/// The path of one record.
pub(crate) fn record_path(fake: &Fake, id: &str) -> String {
    match fake.vendor() {
        Vendor::Corti => format!("/v2/interactions/{id}"),
        Vendor::Fini => format!("/v2/hc-interactions/{id}/public"),
        Vendor::ElevenLabs => format!("/v1/convai/conversations/{id}"),
        _ => format!("/v2/conversations/{id}"),
    }
}

pub(crate) fn is(fake: &Fake, id: &str, state: RecordState) -> bool {
    fake.state_of(id) == Some(state)
}
