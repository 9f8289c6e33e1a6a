use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{ApiKey, ConversationId, Deleter, Deletion, Error, RecordId, Vendor};

use crate::{ClientBuilder, wire};

/// Deletes conversations of ElevenLabs agents, and finds them as a [`RecordReader`](crate::RecordReader). Cheap to clone; clones
/// share connections and the vendor's `Retry-After`.
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

    /// Deletes one conversation.
    ///
    /// 204, and 200 with no body or with JSON that reports no error, are [`Outcome::Deleted`](crate::Outcome::Deleted).
    /// Not found after an ambiguous attempt is [`Outcome::Gone`](crate::Outcome::Gone).
    ///
    /// This does not check whether the call is over; [`RejectActive`](crate::RejectActive) does. A conversation that retention
    /// has emptied is deleted like any other.
    ///
    /// ```
    /// use elevenlabs_delete::{ApiKey, Client, Outcome, Residency};
    /// # use elevenlabs_delete::http::{self, Response};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), elevenlabs_delete::Error> {
    /// # let key = "elevenlabs-key";
    /// let elevenlabs = Client::builder(ApiKey::new(key)?)
    ///     .residency(Residency::Eu)
    /// #     .transport(http::from_fn(|request| async move {
    /// #         let expected = "https://api.eu.residency.elevenlabs.io/v1/convai/conversations/conv_01";
    /// #         assert_eq!(request.url(), expected);
    /// #         Ok(Response::new(200).with_body("null"))
    /// #     }))
    ///     .build()?;
    /// let deletion = elevenlabs.delete_conversation(&"conv_01".parse()?).await?;
    /// assert_eq!(deletion.outcome(), Outcome::Deleted);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for 404 with the code `conversation_not_found` or
    /// `conversation_history_not_found` on the first attempt; any other 404 or 2xx is
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
    /// [`MissingScope`](crate::ErrorKind::MissingScope) when the key is valid but lacks `convai_write` or is not a
    /// workspace admin's; [`Unauthenticated`](crate::ErrorKind::Unauthenticated) for a bad key;
    /// [`WrongTarget`](crate::ErrorKind::WrongTarget) for a key of another residency, which is never sent. See
    /// [`Error::delivery`] for what is known of the conversation then.
    ///
    /// # Cancellation
    /// If the future is dropped while a request is in flight, it is unknown whether the conversation was deleted.
    pub async fn delete_conversation(&self, id: &ConversationId) -> Result<Deletion, Error> {
        self.pipeline.delete_record(&self.conversations, id.clone().into(), None, &wire::DELETE).await
    }
}

#[async_trait]
impl Deleter for Client {
    fn vendor(&self) -> Vendor {
        wire::VENDOR
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        let id = ConversationId::new(id).map_err(|error| error.for_vendor(wire::VENDOR))?;
        Ok(id.into())
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        match id.as_conversation() {
            Some(id) => self.delete_conversation(id).await,
            None => Err(Error::invalid_input("a UUID is not an ElevenLabs conversation id").for_vendor(wire::VENDOR)),
        }
    }
}
