use std::time::Duration;

use delete_core::testing::TestClock;
use delete_core::{Deleter, Error, Outcome, RecordReader, RetryPolicy};

/// A vendor crate under test.
pub trait VendorUnderTest: 'static {
    /// The builder of the client.
    type Builder: std::fmt::Debug;

    /// The client, as a program would hold it.
    type Client: Deleter + Clone + std::fmt::Debug + Send + Sync + 'static;

    /// What finds and looks, of the same vendor and credential.
    type Reader: RecordReader + Clone + std::fmt::Debug + Send + Sync + 'static;

    /// A key or token that can be sent.
    const KEY: &'static str;

    /// An id that can be sent.
    const ID: &'static str;

    /// The request, byte for byte, but for the line `host: …`: request line, headers in order, blank line, body.
    const REQUEST: &'static str;

    /// An id of another vendor's form.
    const FOREIGN_ID: &'static str;

    /// The whole answer of the vendor to a delete that worked, and what it means.
    const SUCCESS: (&'static str, Outcome);

    /// The whole answer of the vendor when there is no such record.
    const NOT_FOUND: &'static str;

    /// The body of the 200 that shows the record [`ID`](Self::ID) to a look. In each field that is not an id, a time or a
    /// status stands [`CANARY`](crate::CANARY), and the status is `shown`.
    const PRESENT: &'static str;

    /// Status and body of the answer to a look at a record that is not there.
    const ABSENT: (u16, &'static str);

    /// What finds and looks, made of the client.
    fn reader(client: &Self::Client) -> Self::Reader;

    /// A builder with `key`, and with the options of `setup`.
    ///
    /// # Errors
    /// What the key's type says.
    fn builder(key: &str, setup: &Setup) -> Result<Self::Builder, Error>;

    /// The client that the builder makes.
    ///
    /// # Errors
    /// What the vendor crate's builder says.
    fn build(builder: Self::Builder) -> Result<Self::Client, Error>;

    /// A client with `key`, and with the options of `setup`.
    ///
    /// # Errors
    /// As [`builder`](Self::builder) and [`build`](Self::build).
    fn client(key: &str, setup: &Setup) -> Result<Self::Client, Error> {
        Self::build(Self::builder(key, setup)?)
    }
}

/// What a case wants of a client.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where to send.
    pub base_url: String,
    /// Time that passes only in sleeps.
    pub clock: TestClock,
    /// How long an attempt may take, in real time.
    pub attempt_timeout: Duration,
    /// How often to try.
    pub retry: RetryPolicy,
}

impl Setup {
    /// The defaults of the crates, but for the clock.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            clock: TestClock::new(),
            attempt_timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
        }
    }
}
