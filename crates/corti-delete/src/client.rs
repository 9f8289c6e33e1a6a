use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, Pipeline};
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor};
use uuid::Uuid;

use crate::issuer::Expectation;
use crate::{ClientBuilder, Credentials, Environment, wire};

/// Deletes interactions at Corti, and finds them as a [`Reader`](crate::Reader). Cheap to clone; clones share
/// connections, the token and the vendor's wishes to wait.
///
/// A token that says of itself that it is of another tenant or environment is never sent: every call fails with
/// [`WrongTarget`](crate::ErrorKind::WrongTarget) instead.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) interactions: Collection,
    /// Those of the newer kind, which do not lie below their interaction.
    pub(crate) documents: Collection,
    pub(crate) expectation: Expectation,
}

impl Client {
    /// A builder for a client of this tenant. `credentials` are [`ClientCredentials`](crate::ClientCredentials) or an
    /// [`AccessToken`](crate::AccessToken).
    pub fn builder(
        environment: Environment,
        tenant: impl Into<String>,
        credentials: impl Into<Credentials>,
    ) -> ClientBuilder {
        ClientBuilder::new(environment, tenant.into(), credentials.into())
    }

    /// A client from `CORTI_ENVIRONMENT`, `CORTI_TENANT_NAME`, and `CORTI_CLIENT_ID` with `CORTI_CLIENT_SECRET` or
    /// `CORTI_ACCESS_TOKEN`; where they are set, `CORTI_BASE_URL` and `CORTI_AUTH_URL` stand in the place of the
    /// environment's addresses. They are read now.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming the variable, when one is missing or
    /// cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder_from_env()?.build()
    }

    /// A builder from the same variables, to set further options on.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn builder_from_env() -> Result<ClientBuilder, Error> {
        ClientBuilder::from_env().map_err(|error| error.for_vendor(wire::VENDOR))
    }

    delete_core::client_controls!();

    /// Deletes one interaction.
    ///
    /// 204 is [`Outcome::Deleted`](crate::Outcome::Deleted); another 2xx, which Corti does not document, is
    /// [`Outcome::Acknowledged`](crate::Outcome::Acknowledged). Not found after an ambiguous attempt, such as a 504, is
    /// [`Outcome::Gone`](crate::Outcome::Gone).
    ///
    /// Whether recordings, transcripts and documents fall with the interaction is not documented, and they cannot be
    /// looked at afterwards: [`delete_with_children`](Self::delete_with_children) deletes them first. It is not looked
    /// whether a transcript is still being made; [`LiveGuard`](crate::LiveGuard) does.
    ///
    /// ```
    /// use corti_delete::{Client, ClientCredentials, Environment, Outcome, Uuid};
    /// # use corti_delete::transport::{self, Method, Response};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), corti_delete::Error> {
    /// # let (client_id, client_secret) = ("client", "secret");
    /// # let interaction = Uuid::from_u128(1);
    /// let credentials = ClientCredentials::new(client_id, client_secret);
    /// let corti = Client::builder(Environment::Eu, "tenant", credentials)
    /// #     .transport(transport::from_fn(|request| async move {
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
    /// [`NotFound`](crate::ErrorKind::NotFound) for 404 at first contact: missing, deleted before, or of another
    /// client, tenant or environment; [`Unauthenticated`](crate::ErrorKind::Unauthenticated) when the token endpoint
    /// refuses the client, or a fresh token is refused; [`PaymentRequired`](crate::ErrorKind::PaymentRequired) for 429
    /// with the code A0021. See [`Error::delivery`] for what is known of the interaction then.
    ///
    /// # Cancellation
    /// Dropping the future while a request is under way leaves open whether the interaction was deleted.
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
