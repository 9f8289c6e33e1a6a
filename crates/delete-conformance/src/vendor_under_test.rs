use std::time::Duration;

use delete_core::testing::TestClock;
use delete_core::{Deleter, Error, Outcome, RecordReader, RetryPolicy};

/// A vendor crate, and the requests and responses that its vendor documents.
///
/// Responses are complete: status line, headers, blank line and body.
pub trait VendorUnderTest: 'static {
    /// The builder of the client.
    type Builder: std::fmt::Debug;

    /// The client, in the form that deletes.
    type Client: Deleter + Clone + std::fmt::Debug + Send + Sync + 'static;

    /// The client, in the form that lists and looks up.
    type Reader: RecordReader + Clone + std::fmt::Debug + Send + Sync + 'static;

    /// A valid key or token.
    const KEY: &'static str;

    /// A valid id.
    const ID: &'static str;

    /// The request that deletes [`ID`](Self::ID) with [`KEY`](Self::KEY), byte for byte, without the header `host`.
    const REQUEST: &'static str;

    /// An id of another vendor, which is not valid here.
    const FOREIGN_ID: &'static str;

    /// The response to a successful delete, and its outcome.
    const SUCCESS: (&'static str, Outcome);

    /// The response to the delete of a record that does not exist.
    const NOT_FOUND: &'static str;

    /// The body of the 200 to a lookup of [`ID`](Self::ID), with the status `shown`. Every field that is not an id, a time
    /// or a status holds [`CANARY`](crate::CANARY).
    const PRESENT: &'static str;

    /// Status and body of the response to a lookup of a record that does not exist.
    const ABSENT: (u16, &'static str);

    /// Returns the reader that belongs to the client.
    fn reader(client: &Self::Client) -> Self::Reader;

    /// Creates a builder with this key and this setup.
    ///
    /// # Errors
    /// If the key is not valid.
    fn builder(key: &str, setup: &Setup) -> Result<Self::Builder, Error>;

    /// Builds the client.
    ///
    /// # Errors
    /// Those of the vendor crate's builder.
    fn build(builder: Self::Builder) -> Result<Self::Client, Error>;

    /// Creates a client with this key and this setup.
    ///
    /// # Errors
    /// As for [`builder`](Self::builder) and [`build`](Self::build).
    fn client(key: &str, setup: &Setup) -> Result<Self::Client, Error> {
        Self::build(Self::builder(key, setup)?)
    }
}

/// The options that a case sets.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The base URL.
    pub base_url: String,
    /// A clock on which time passes only in sleeps.
    pub clock: TestClock,
    /// The timeout of one attempt, in real time.
    pub attempt_timeout: Duration,
    /// The retry policy.
    pub retry: RetryPolicy,
}

impl Setup {
    /// Creates a setup with the default options, except for the clock.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            clock: TestClock::new(),
            attempt_timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
        }
    }
}
