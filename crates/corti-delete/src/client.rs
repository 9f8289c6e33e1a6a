use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{Deleter, Deletion, Error, RecordId, RecordUuid};

use crate::token_claims::TokenClaimsCheck;
use crate::wire;

/// A client for the interactions of one Corti tenant.
///
/// It deletes interactions and their children, and lists and looks them up as a [`RecordReader`](crate::RecordReader).
/// Clones are cheap and share connections, the token, limits and the vendor's `Retry-After`.
///
/// A token whose claims name another tenant or environment is never sent: every call fails with
/// [`WrongTarget`](crate::ErrorKind::WrongTarget).
///
/// Dropping the future of a delete while its request is in flight leaves its outcome unknown.
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
    /// 204 is [`Deleted`](crate::Outcome::Deleted), and not found in Corti's own words after an ambiguous attempt
    /// [`Gone`](crate::Outcome::Gone).
    ///
    /// No source documents whether recordings, transcripts and documents are deleted with the interaction, and without it
    /// they cannot be looked up: [`delete_cascade`](Self::delete_cascade) deletes them first. Only
    /// [`RejectActive`](crate::RejectActive) notices a transcript that is still being produced.
    ///
    /// # Errors
    /// * [`NotFound`](crate::ErrorKind::NotFound): the first attempt got a 404, in Corti's own words or without a body. The
    ///   interaction does not exist, or belongs to another client, tenant or environment.
    /// * [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse): any other success status.
    /// * [`Unauthenticated`](crate::ErrorKind::Unauthenticated): the client or a fresh token is refused.
    /// * [`PaymentRequired`](crate::ErrorKind::PaymentRequired): 429 with the code A0021.
    /// * Any other [`ErrorKind`](crate::ErrorKind); [`Error::delivery`] reports what is known of the request.
    pub async fn delete_interaction(&self, id: impl Into<RecordUuid>) -> Result<Deletion, Error> {
        self.pipeline.delete_record(&self.interactions, id.into().into(), None, &wire::DELETE).await
    }
}

#[async_trait]
impl Deleter for Client {
    delete_core::deleter_methods!(wire::VENDOR, RecordUuid);

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.delete_interaction(id.try_uuid().for_vendor(wire::VENDOR)?).await
    }
}
