use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, Pipeline};
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor};
use uuid::Uuid;

use crate::token_claims::TokenClaimsCheck;
use crate::wire;
use crate::wire::for_corti;

/// Deletes interactions at Corti, and lists and looks them up as a [`RecordReader`](crate::RecordReader).
///
/// Cheap to clone. Clones share connections, the token, the retry budget and the vendor's `Retry-After`.
///
/// A token whose claims name another tenant or environment is never sent: every call fails with
/// [`WrongTarget`](crate::ErrorKind::WrongTarget).
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) interactions: Collection,
    /// Guided documents, which are not below their interaction.
    pub(crate) documents: Collection,
    pub(crate) token_claims: TokenClaimsCheck,
}

impl Client {
    delete_core::client_controls!();

    /// Deletes one interaction.
    ///
    /// 204 is [`Deleted`](crate::Outcome::Deleted). Not found in Corti's own words after an ambiguous attempt, such as a
    /// 504, is [`Gone`](crate::Outcome::Gone).
    ///
    /// No source documents whether recordings, transcripts and documents are deleted with the interaction, and without it
    /// they cannot be looked up: [`delete_cascade`](Self::delete_cascade) deletes them first. A transcript that is still
    /// being produced is not noticed; [`RejectActive`](crate::RejectActive) checks for it.
    ///
    /// ```
    /// use corti_delete::{Client, ClientCredentials, Environment, Outcome, Uuid};
    /// # use corti_delete::http::{self, Method};
    /// # use corti_delete::testing::response;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), corti_delete::Error> {
    /// # let (client_id, client_secret) = ("client", "secret");
    /// # let interaction = Uuid::from_u128(1);
    /// let credentials = ClientCredentials::new(client_id, client_secret);
    /// let corti = Client::builder(Environment::Eu, "tenant", credentials)
    /// #     .transport(http::from_fn(|request| async move {
    /// #         Ok(match *request.method() {
    /// #             Method::POST => response(200, r#"{"access_token":"t","expires_in":300}"#),
    /// #             _ => response(204, ""),
    /// #         })
    /// #     }))
    ///     .build()?;
    /// let deletion = corti.delete_interaction(interaction).await?;
    /// assert_eq!(deletion.outcome(), Outcome::Deleted);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for a 404 on the first attempt, in Corti's own words or without a body:
    /// the interaction does not exist, or belongs to another client, tenant or environment;
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) for any other success status;
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated) if the client or a fresh token is refused;
    /// [`PaymentRequired`](crate::ErrorKind::PaymentRequired) for 429 with the code A0021. [`Error::delivery`] reports
    /// what is known of the interaction then.
    ///
    /// # Cancellation
    /// Dropping the future while a request is in flight leaves the outcome unknown.
    pub async fn delete_interaction(&self, id: Uuid) -> Result<Deletion, Error> {
        self.pipeline.delete_record(&self.interactions, id.into(), None, &wire::DELETE).await
    }
}

#[async_trait]
impl Deleter for Client {
    fn vendor(&self) -> Vendor {
        wire::VENDOR
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        RecordId::parse_uuid(id).map_err(for_corti)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        match id.as_uuid() {
            Some(id) => self.delete_interaction(id).await,
            None => Err(for_corti(Error::invalid_input("Corti's interaction ids are UUIDs"))),
        }
    }
}
