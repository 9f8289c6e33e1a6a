//! One request and one reply, as plain data without any network.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// A request as the fake saw it: the target is the raw text of the request line, nothing decoded or tidied.
#[derive(Clone)]
pub struct FakeRequest {
    method: String,
    target: String,
    // One text for all headers keeps a kept request small: `name\0value\0name\0value\0`.
    headers: String,
    body: Vec<u8>,
}

impl FakeRequest {
    /// A request without headers and body.
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self { method: method.into(), target: target.into(), headers: String::new(), body: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.push_header(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same request without its body.
    pub(crate) fn without_body(&self) -> Self {
        let (method, target, headers) = (self.method.clone(), self.target.clone(), self.headers.clone());
        Self { method, target, headers, body: Vec::new() }
    }

    /// How much memory the request takes, about.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.method.len() + self.target.len() + self.headers.len() + self.body.len()
    }

    /// Adds a header; the name is kept in lower case.
    pub(crate) fn push_header(&mut self, name: &str, value: &str) {
        self.headers.extend(name.chars().map(|c| c.to_ascii_lowercase()));
        self.headers.push('\0');
        self.headers.push_str(value);
        self.headers.push('\0');
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The raw target: path and query as they stood in the request line.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All headers in the order of arrival, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut parts = self.headers.split_terminator('\0');
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
    }

    /// The body; empty if there was none.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// Shows neither headers nor body, which may hold a credential.
impl fmt::Debug for FakeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} bytes of body)", self.method, self.target, self.body.len())
    }
}

/// The response of the fake to a request, and how it travels.
#[derive(Clone, PartialEq, Eq)]
pub struct FakeReply {
    status: u16,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    body: Vec<u8>,
    delay: Duration,
    delivery: Delivery,
}

/// Shows neither headers nor body, as for a request: a body may hold a token.
impl fmt::Debug for FakeReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes of body, {:?})", self.status, self.body.len(), self.delivery)
    }
}

/// How a reply travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// As it should.
    #[default]
    Whole,
    /// The first half of the body, of which more was announced; then the connection is closed.
    Truncated,
    /// Status line and headers dribble in over this time.
    SlowHead(Duration),
    /// No reply: the connection is closed in order (FIN).
    Closed,
    /// No reply: the connection is reset (RST).
    Reset,
}

impl FakeReply {
    /// A reply without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, delivery: Delivery::Whole }
    }

    /// A reply with a JSON text.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status).with_body("application/json", body)
    }

    /// A reply with a value as JSON.
    pub(crate) fn of(status: u16, value: &impl Serialize) -> Self {
        // This fails only for keys that are not text, and no type here has any.
        Self::json(status, serde_json::to_vec(value).unwrap_or_default())
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn with_body(mut self, content_type: impl Into<Cow<'static, str>>, body: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(name, _)| name != "content-type");
        self.body = body.into();
        self.with_header("content-type", content_type)
    }

    /// Adds a header; `name` in lower case.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a header instead of those of the same name; `name` in lower case.
    #[must_use]
    pub(crate) fn with_only_header(mut self, name: String, value: String) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.with_header(name, value)
    }

    /// Makes the reply wait before it travels.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets how the reply travels.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers; `content-length` is among them only if a fault sets it.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long the reply waits.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// How the reply travels.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The status, if the client gets to see one.
    pub(crate) fn visible_status(&self) -> Option<u16> {
        (!matches!(self.delivery, Delivery::Closed | Delivery::Reset)).then_some(self.status)
    }

    /// What a truncated reply sends of its body.
    pub(crate) fn first_half(&self) -> &[u8] {
        &self.body[..self.body.len() / 2]
    }
}

/// A JSON object with its members in the order given, as the vendors' documentation shows them.
pub(crate) fn object(members: &[(&str, serde_json::Value)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", serde_json::Value::from(*name))).collect();
    format!("{{{}}}", members.join(","))
}
