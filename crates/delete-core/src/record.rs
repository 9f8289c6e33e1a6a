//! What is deleted: a vendor's record, its id and its status.

mod id;
mod status;
mod uuid;
mod vendor;

pub use id::{ConversationId, RecordId};
pub use status::Status;
pub use uuid::RecordUuid;
pub use vendor::Vendor;
