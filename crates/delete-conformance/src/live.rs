//! One suite for two subjects: it holds the fake of a vendor, and the vendor itself, to the rows of `FIDELITY.md`, and cannot
//! tell the two apart. `cargo xtask live VENDOR` runs it; the README says what it sends and writes.

// Other than the rest of this crate it talks to vendors, so nothing here may panic.
#![warn(clippy::unwrap_used, clippy::expect_used)]

mod case;
mod command;
mod facts;
mod report;
mod shape;
mod subject;
mod suite;
mod values;
mod vendor;
mod vendors;
mod wire;

pub use case::{Ask, Case, Fact, Variant};
pub use command::command;
pub use report::{CaseReport, Expected, Observed, Report};
pub use subject::Lookup;
pub use suite::{MAX_DELETES, Options, RunError, run};
pub use vendor::Vendor;
pub use vendors::{VENDORS, vendor_named};
