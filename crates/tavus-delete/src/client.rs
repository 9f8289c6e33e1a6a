use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{ConversationId, Deleter, Deletion, ErasureMode, Error, RecordId};

use crate::wire;

/// A client for the conversations of one Tavus account.
///
/// It deletes and ends conversations, and lists and looks them up as a [`RecordReader`](crate::RecordReader). Clones are
/// cheap and share connections, limits and the vendor's `Retry-After`. Dropping the future of a delete or an end while its
/// request is in flight leaves its outcome unknown.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) conversations: Collection,
    /// The same, with the parameter of a delete in either mode.
    pub(crate) hard: Collection,
    pub(crate) soft: Collection,
}

impl Client {
    delete_core::client_controls!();

    /// Deletes one conversation: [`ErasureMode::Hard`] irrevocably and with its assets, or [`ErasureMode::Soft`].
    ///
    /// 204 is [`Deleted`](crate::Outcome::Deleted), 200 (not documented) [`Acknowledged`](crate::Outcome::Acknowledged), and
    /// not found after an ambiguous attempt [`Gone`](crate::Outcome::Gone). Only [`RejectActive`](crate::RejectActive) checks
    /// whether the call is still running.
    ///
    /// # Errors
    /// * [`NotFound`](crate::ErrorKind::NotFound): the first attempt got 400 "Invalid conversation_id", or 404.
    /// * [`Unauthenticated`](crate::ErrorKind::Unauthenticated): the key is wrong, or restricted to other addresses.
    /// * Any other [`ErrorKind`](crate::ErrorKind); [`Error::delivery`] reports what is known of the request.
    pub async fn delete_conversation(&self, id: &ConversationId, mode: ErasureMode) -> Result<Deletion, Error> {
        let conversations = match mode {
            ErasureMode::Hard => &self.hard,
            ErasureMode::Soft => &self.soft,
        };
        self.pipeline.delete_record(conversations, id.clone().into(), Some(mode), &wire::DELETE).await
    }

    /// Ends a running call and deletes nothing. It succeeds for a call that has already ended (400 "already ended").
    ///
    /// # Errors
    /// As for [`delete_conversation`](Self::delete_conversation).
    pub async fn end_conversation(&self, id: &ConversationId) -> Result<(), Error> {
        let conversations = self.conversations.clone().with_suffix("end");
        self.pipeline.end_record(&conversations, &id.clone().into(), &wire::END).await
    }

    /// Returns a [`Deleter`] that deletes in this mode.
    pub fn with_erasure_mode(&self, mode: ErasureMode) -> BoundClient {
        BoundClient { client: self.clone(), mode }
    }
}

/// A [`Client`] that deletes in one erasure mode, made by [`Client::with_erasure_mode`].
#[derive(Clone, Debug)]
pub struct BoundClient {
    client: Client,
    mode: ErasureMode,
}

impl BoundClient {
    /// Returns the client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the mode in which this client deletes.
    pub fn erasure_mode(&self) -> ErasureMode {
        self.mode
    }
}

#[async_trait]
impl Deleter for BoundClient {
    delete_core::deleter_methods!(wire::VENDOR, ConversationId);

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.client.delete_conversation(id.try_conversation().for_vendor(wire::VENDOR)?, self.mode).await
    }
}
