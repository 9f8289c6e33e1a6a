//! Finding records and looking them up: reads, which change nothing at the vendor.

mod conversation;
mod credential_check;
mod filter;
pub mod lenient;
mod listing;
mod pagination;
mod presence;
mod reader;
mod record_meta;
mod reject_active;
mod status_filter;
mod verify;

pub(crate) use conversation::SingleConversation;
pub use conversation::{active_status, listed_conversation, listed_uuid};
pub use credential_check::CredentialCheck;
pub use filter::{Filter, check_filter_value, select};
pub use listing::{Listing, Page, Pager, select_page};
pub use pagination::{PageCursor, PageDedup};
pub use presence::Presence;
pub use reader::RecordReader;
pub use record_meta::RecordMeta;
pub use reject_active::RejectActive;
pub use status_filter::StatusFilter;
pub use verify::{RecordReaderExt, VerifyPolicy};
