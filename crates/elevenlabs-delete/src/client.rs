use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{ConversationId, Deleter, Deletion, Error, RecordId};

use crate::wire;

/// A client for the conversations of one ElevenLabs workspace.
///
/// It deletes conversations, and lists and looks them up as a [`RecordReader`](crate::RecordReader). Clones are cheap and
/// share connections, limits and the vendor's `Retry-After`. Dropping the future of a delete while its request is in flight
/// leaves its outcome unknown.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) conversations: Collection,
}

impl Client {
    delete_core::client_controls!();

    /// Deletes one conversation, also one whose content retention has already removed.
    ///
    /// 204, and 200 with no body or with JSON that reports no error, are [`Deleted`](crate::Outcome::Deleted). Not found after
    /// an ambiguous attempt is [`Gone`](crate::Outcome::Gone). Only [`RejectActive`](crate::RejectActive) checks whether the
    /// call is over.
    ///
    /// # Errors
    /// * [`NotFound`](crate::ErrorKind::NotFound): the first attempt got 404 with the code `conversation_not_found` or
    ///   `conversation_history_not_found`. After any other 404, [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
    /// * [`MissingScope`](crate::ErrorKind::MissingScope): the key is valid, but lacks `convai_write` or is not a workspace
    ///   admin's.
    /// * [`Unauthenticated`](crate::ErrorKind::Unauthenticated): the key is wrong.
    /// * [`WrongTarget`](crate::ErrorKind::WrongTarget): the key names another residency, and nothing was sent.
    /// * Any other [`ErrorKind`](crate::ErrorKind); [`Error::delivery`] reports what is known of the request.
    pub async fn delete_conversation(&self, id: &ConversationId) -> Result<Deletion, Error> {
        self.pipeline.delete_record(&self.conversations, id.clone().into(), None, &wire::DELETE).await
    }
}

#[async_trait]
impl Deleter for Client {
    delete_core::deleter_methods!(wire::VENDOR, ConversationId);

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.delete_conversation(id.try_conversation().for_vendor(wire::VENDOR)?).await
    }
}
