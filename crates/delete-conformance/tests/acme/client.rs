use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{ConversationId, Deleter, Deletion, Error, RecordId};

use crate::wire;

#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) conversations: Collection,
}

impl Client {
    delete_core::client_controls!();

    /// Deletes one conversation.
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
