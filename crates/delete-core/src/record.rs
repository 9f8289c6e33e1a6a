//! What is deleted: a vendor's record, its id and its status.

mod id;
mod status;
mod vendor;

pub use id::{ConversationId, RecordId};
pub use status::Status;
pub use vendor::Vendor;
