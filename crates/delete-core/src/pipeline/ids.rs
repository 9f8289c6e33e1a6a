//! The ids of a vendor's records, from text and from [`RecordId`].

use uuid::Uuid;

use super::Pipeline;
use crate::error::{Error, ErrorExt};
use crate::{ConversationId, RecordId};

impl Pipeline {
    /// Reads an opaque id, for [`Deleter::parse_id`](crate::Deleter::parse_id).
    ///
    /// # Errors
    /// As for [`ConversationId::new`], with the vendor's name.
    pub fn parse_conversation_id(&self, id: &str) -> Result<RecordId, Error> {
        ConversationId::new(id).map(RecordId::from).map_err(|error| error.for_vendor(self.vendor()))
    }

    /// Reads a UUID in any of its spellings, for [`Deleter::parse_id`](crate::Deleter::parse_id).
    ///
    /// # Errors
    /// As for [`RecordId::parse_uuid`], with the vendor's name.
    pub fn parse_uuid(&self, id: &str) -> Result<RecordId, Error> {
        RecordId::parse_uuid(id).map_err(|error| error.for_vendor(self.vendor()))
    }

    /// Returns the opaque id.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if `id` is a UUID.
    pub fn conversation_id<'a>(&self, id: &'a RecordId) -> Result<&'a ConversationId, Error> {
        id.as_conversation().ok_or_else(|| self.foreign_id(format!("{id} is a UUID, not a conversation id")))
    }

    /// Returns the UUID.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if `id` is not one.
    pub fn uuid(&self, id: &RecordId) -> Result<Uuid, Error> {
        id.as_uuid().ok_or_else(|| self.foreign_id(format!("{id} is not a UUID")))
    }

    fn foreign_id(&self, message: String) -> Error {
        Error::invalid_input(message).for_vendor(self.vendor())
    }
}
