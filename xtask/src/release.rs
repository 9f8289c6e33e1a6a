//! The release: planned, checked, rehearsed, published, verified.

pub mod checksum;
pub mod clock;
pub mod destination;
pub mod index;
pub mod limits;
pub mod package;
pub mod publish;
pub mod registry;
mod state;
mod upload;

pub use checksum::Checksum;
