#![doc = include_str!("../README.md")]

mod backend;
mod bucket;
mod clock;
mod control;
mod corti;
mod cursor;
mod dates;
mod elevenlabs;
mod engine;
mod fake;
mod fakes;
mod faults;
mod fini;
mod http1;
mod ids;
mod keys;
mod log;
mod message;
mod options;
mod records;
mod server;
mod shared;
mod target;
mod tavus;
mod transport;
mod vendor;
mod world;

pub use backend::Route;
pub use fake::Fake;
pub use fakes::Fakes;
pub use faults::{Fault, FaultHandle, RetryAfter};
pub use keys::Role;
pub use log::{RequestRecord, Stats};
pub use message::{Delivery, FakeReply, FakeRequest};
pub use options::{OptionError, OptionSpec, OptionValues};
pub use records::{ChildKind, ChildView, RecordState, RecordView, Seed};
pub use transport::FakeTransport;
pub use vendor::Vendor;

/// A name that every record of the fakes holds, so that a test can prove that nothing of a record's content reaches a
/// log, a file or a screen.
pub const CANARY_NAME: &str = "Canary Quillfeather";

/// A sentence that every transcript of the fakes holds; see [`CANARY_NAME`].
pub const CANARY_TEXT: &str = "canary: my knee hurts when it rains in Odense";
