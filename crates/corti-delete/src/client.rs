use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor};
use uuid::Uuid;

use crate::token_claims::Expectation;
use crate::{ClientBuilder, Credentials, Environment, wire};

/// Deletes interactions at Corti, and lists and looks them up as a [`RecordReader`](crate::RecordReader). Cheap to clone; clones share
/// connections, the token and the vendor's `Retry-After`.
///
/// A token whose claims name another tenant or environment is never sent: every call fails with
/// [`WrongTarget`](crate::ErrorKind::WrongTarget) instead.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) interactions: Collection,
    /// Guided documents, which are not below their interaction.
    pub(crate) documents: Collection,
    pub(crate) expectation: Expectation,
}

impl Client {
    /// Returns a builder for a client of this tenant. `credentials` are [`ClientCredentials`](crate::ClientCredentials) or an
    /// [`AccessToken`](crate::AccessToken).
    pub fn builder(
        environment: Environment,
        tenant: impl Into<String>,
        credentials: impl Into<Credentials>,
    ) -> ClientBuilder {
        ClientBuilder::new(environment, tenant.into(), credentials.into())
    }

    /// Creates a client from the variables that [`ClientBuilder::from_env`] reads.
    ///
    /// # Errors
    /// As for [`ClientBuilder::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    delete_core::client_controls!();

    /// Deletes one interaction.
    ///
    /// 204 is [`Outcome::Deleted`](crate::Outcome::Deleted). Any other success status is undocumented, and so an
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse). If Corti reports in its own words that the interaction
    /// does not exist, after an ambiguous attempt such as a 504, it is [`Outcome::Gone`](crate::Outcome::Gone).
    ///
    /// Whether recordings, transcripts and documents are deleted with the interaction is not documented, and afterwards
    /// they cannot be looked up: [`delete_with_children`](Self::delete_with_children) deletes them first. This method does
    /// not check whether a transcript is still being produced; [`RejectActive`](crate::RejectActive) does.
    ///
    /// ```
    /// use corti_delete::{Client, ClientCredentials, Environment, Outcome, Uuid};
    /// # use corti_delete::http::{self, Method, Response};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), corti_delete::Error> {
    /// # let (client_id, client_secret) = ("client", "secret");
    /// # let interaction = Uuid::from_u128(1);
    /// let credentials = ClientCredentials::new(client_id, client_secret);
    /// let corti = Client::builder(Environment::Eu, "tenant", credentials)
    /// #     .transport(http::from_fn(|request| async move {
    /// #         Ok(match request.method() {
    /// #             Method::Post => Response::new(200).with_body(r#"{"access_token":"t","expires_in":300}"#),
    /// #             _ => Response::new(204),
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
    /// [`NotFound`](crate::ErrorKind::NotFound) for a 404 on the first attempt, in Corti's own words or without a body: the
    /// interaction is missing, was deleted before, or belongs to another client, tenant or environment;
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated) if the token endpoint refuses the client, or a fresh token
    /// is refused; [`PaymentRequired`](crate::ErrorKind::PaymentRequired) for 429 with the code A0021.
    /// [`Error::delivery`] reports what is known of the interaction then.
    ///
    /// # Cancellation
    /// Dropping the future while a request is in flight leaves it unknown whether the interaction was deleted.
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
        RecordId::parse_uuid(id).map_err(|error| error.for_vendor(wire::VENDOR))
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        match id.as_uuid() {
            Some(id) => self.delete_interaction(id).await,
            None => Err(Error::invalid_input("Corti's interaction ids are UUIDs").for_vendor(wire::VENDOR)),
        }
    }
}
