use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{ApiKey, ConversationId, Deleter, Deletion, ErasureMode, Error, RecordId, Vendor};

use crate::{ClientBuilder, wire};

/// Deletes conversations at Tavus, and finds them as a [`RecordReader`](crate::RecordReader). Cheap to clone; clones share
/// connections and the vendor's `Retry-After`.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) conversations: Collection,
}

impl Client {
    /// A builder for a client with this key.
    pub fn builder(key: ApiKey) -> ClientBuilder {
        ClientBuilder::new(key)
    }

    /// Creates a client from the variables that [`ClientBuilder::from_env`] reads.
    ///
    /// # Errors
    /// As for [`ClientBuilder::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    delete_core::client_controls!();

    pub(crate) fn new(pipeline: Pipeline, conversations: Collection) -> Self {
        Self { pipeline, conversations }
    }

    /// Deletes one conversation, irrevocably with its assets ([`ErasureMode::Hard`]) or softly ([`ErasureMode::Soft`]).
    ///
    /// 204 is [`Outcome::Deleted`](crate::Outcome::Deleted); 200, which Tavus does not document for this call, is
    /// [`Outcome::Acknowledged`](crate::Outcome::Acknowledged). Not found in the vendor's own words after an ambiguous
    /// attempt is [`Outcome::Gone`](crate::Outcome::Gone).
    ///
    /// This removes data. To hang up on a running call, use [`end_conversation`](Self::end_conversation), which removes
    /// nothing. This does not check whether the call is over; [`RejectActive`](crate::RejectActive) does.
    ///
    /// ```
    /// use tavus_delete::{ApiKey, Client, Erasure, Outcome};
    /// # use tavus_delete::http::{self, Response};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tavus_delete::Error> {
    /// # let key = "tavus-key";
    /// let tavus = Client::builder(ApiKey::new(key)?)
    /// #     .transport(http::from_fn(|request| async move {
    /// #         assert_eq!(request.path_and_query(), "/v2/conversations/c123456?hard=true");
    /// #         Ok(Response::new(204))
    /// #     }))
    ///     .build()?;
    /// let deletion = tavus.delete_conversation(&"c123456".parse()?, ErasureMode::Hard).await?;
    /// assert_eq!(deletion.outcome(), Outcome::Deleted);
    /// assert_eq!(deletion.erasure_mode(), Some(ErasureMode::Hard));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when Tavus knows no such conversation on the first attempt (400
    /// "Invalid conversation_id", or 404); [`Unauthenticated`](crate::ErrorKind::Unauthenticated) for a bad key (also for one
    /// that is restricted to other addresses). See [`Error::delivery`] for what is known of the conversation then.
    ///
    /// # Cancellation
    /// If the future is dropped while a request is in flight, it is unknown whether the conversation was deleted.
    pub async fn delete_conversation(&self, id: &ConversationId, erasure: ErasureMode) -> Result<Deletion, Error> {
        let conversations = self.conversations.clone().with_query(wire::query(erasure));
        self.pipeline.delete_record(&conversations, id.clone().into(), Some(erasure), &wire::DELETE).await
    }

    /// Ends a running call, and removes nothing: the conversation and what was recorded of it stay, and its
    /// transcript is made afterwards. To remove it, use [`delete_conversation`](Self::delete_conversation) once it is
    /// over.
    ///
    /// A conversation that has already ended (400 "already ended") is a success.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when Tavus knows no such conversation; else as for
    /// [`delete_conversation`](Self::delete_conversation).
    ///
    /// # Cancellation
    /// If the future is dropped while the request is in flight, it is unknown whether the conversation was ended.
    pub async fn end_conversation(&self, id: &ConversationId) -> Result<(), Error> {
        let conversations = self.conversations.clone().with_suffix(wire::END);
        self.pipeline.end_record(&conversations, &id.clone().into(), &wire::END_ONE).await
    }

    /// This client bound to an erasure mode, as a [`Deleter`].
    pub fn with_erasure_mode(&self, erasure: ErasureMode) -> BoundClient {
        BoundClient { client: self.clone(), erasure }
    }
}

/// A [`Client`] that deletes in one erasure mode, chosen by [`Client::with_erasure_mode`].
#[derive(Clone, Debug)]
pub struct BoundClient {
    client: Client,
    erasure: ErasureMode,
}

impl BoundClient {
    /// The client, which also finds conversations.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The mode it deletes in.
    pub fn erasure_mode(&self) -> ErasureMode {
        self.erasure
    }
}

#[async_trait]
impl Deleter for BoundClient {
    fn vendor(&self) -> Vendor {
        wire::VENDOR
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        let id = ConversationId::new(id).map_err(|error| error.for_vendor(wire::VENDOR))?;
        Ok(id.into())
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        match id.as_conversation() {
            Some(id) => self.client.delete_conversation(id, self.erasure).await,
            None => Err(Error::invalid_input("a UUID is not a Tavus conversation id").for_vendor(wire::VENDOR)),
        }
    }
}
