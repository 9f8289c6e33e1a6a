use std::fmt;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::TransportError;

/// The body of a response: bytes at hand, or a stream of them.
///
/// `Debug` shows at most its length: a body may quote a record or a credential.
pub struct Body(Source);

enum Source {
    Whole(Bytes),
    Stream(BoxStream<'static, Result<Bytes, TransportError>>),
}

impl Body {
    /// Creates a body without bytes.
    pub const fn empty() -> Self {
        Self(Source::Whole(Bytes::new()))
    }

    /// Creates a body that arrives in pieces. An error means that the body was interrupted before its end.
    pub fn from_stream(stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(Source::Stream(stream.boxed()))
    }

    /// Returns the bytes if they are at hand.
    pub(crate) fn as_whole(&self) -> Option<&Bytes> {
        match &self.0 {
            Source::Whole(bytes) => Some(bytes),
            Source::Stream(_) => None,
        }
    }

    /// Returns the next piece, or `None` at the end.
    ///
    /// # Errors
    /// When the body is interrupted before its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match &mut self.0 {
            Source::Whole(bytes) if bytes.is_empty() => Ok(None),
            Source::Whole(bytes) => Ok(Some(std::mem::take(bytes))),
            Source::Stream(stream) => stream.next().await.transpose(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Source::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(Source::Whole(bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_byte() {
        let response = http::Response::new(Body::from("s3cret"));
        assert!(format!("{response:?}").contains("Body(6 bytes)"), "{response:?}");
        let stream = Body::from_stream(futures_util::stream::iter([Ok(Bytes::from_static(b"s3cret"))]));
        assert_eq!(format!("{stream:?}"), "Body(stream)");
    }
}
