//! Finding records and looking them up: reads, which change nothing at the vendor.

mod credential_check;
mod filter;
mod listing;
mod presence;
mod reader;
mod reject_active;

pub use credential_check::CredentialCheck;
pub use filter::{Filter, KnownFilters};
pub use listing::{CursorCycleCheck, Listing, Page, PageDedup, Pager, RecordMeta};
pub use presence::{PendingChecks, Presence, VerifyPolicy};
pub use reader::RecordReader;
pub use reject_active::RejectActive;
