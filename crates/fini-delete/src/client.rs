use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{BatchDeletion, Deleter, Deletion, Delivery, Error, ErrorKind, Outcome, RecordId, RecordUuid};

use crate::seen::SeenIds;
use crate::wire;

/// A client for the conversations of one Fini workspace.
///
/// It deletes conversations, and lists and looks them up as a [`RecordReader`](crate::RecordReader). As a [`Deleter`] it
/// uses the bulk route even for one record, because only that route shows whether the record was there. Clones are cheap
/// and share connections, limits, the vendor's `Retry-After`, and the memory of the conversations they saw. Dropping the
/// future of a delete while its request is in flight leaves its outcome unknown.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) single: Collection,
    /// Also the route of the list.
    pub(crate) bulk: Collection,
    /// In Unix milliseconds.
    pub(crate) history_start: i64,
    pub(crate) seen: SeenIds,
}

impl Client {
    /// The most conversations that one bulk call takes ("Provide between 1 and 50 UUIDs in one request").
    pub const MAX_BATCH: usize = 50;

    delete_core::client_controls!();

    /// Deletes one conversation through the single route.
    ///
    /// The outcome is only [`Outcome::Acknowledged`]: Fini returns the same for an id that does not exist.
    /// `delete_conversations(&[id])` costs as much and proves more.
    ///
    /// # Errors
    /// * [`MissingScope`](crate::ErrorKind::MissingScope): the key lacks `write`.
    /// * [`Unauthenticated`](crate::ErrorKind::Unauthenticated): the key is wrong or revoked.
    /// * Any other [`ErrorKind`](crate::ErrorKind) except [`NotFound`](crate::ErrorKind::NotFound); [`Error::delivery`]
    ///   reports what is known of the request.
    pub async fn delete_conversation(&self, id: impl Into<RecordUuid>) -> Result<Deletion, Error> {
        self.pipeline.delete_record(&self.single, id.into().into(), None, &wire::DELETE_ONE).await
    }

    /// Deletes 1 to 50 distinct conversations with one request, and returns their results in the order of `ids`.
    ///
    /// * 200 with `success: true` is [`Outcome::Deleted`] for each: Fini returns it only if all of them were there.
    /// * 406 on the first attempt is [`Outcome::Unresolved`] for each: those that were accessible are removed, at least one
    ///   was not there, and every later response would be 406 too. For a single id it is the error
    ///   [`NotFound`](crate::ErrorKind::NotFound).
    /// * 406 after an ambiguous attempt is [`Outcome::Gone`] for each.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for no id, more than 50, or one that occurs twice: nothing is sent.
    /// Otherwise as for [`delete_conversation`](Self::delete_conversation), for all of them together.
    pub async fn delete_conversations(&self, ids: &[impl Into<RecordUuid> + Copy]) -> Result<BatchDeletion, Error> {
        let ids: Vec<RecordUuid> = ids.iter().map(|id| (*id).into()).collect();
        check_batch(&ids).for_vendor(wire::VENDOR)?;
        let records = ids.iter().copied().map(RecordId::from).collect();
        let rules = if ids.len() == 1 { &wire::DELETE_BATCH_OF_ONE } else { &wire::DELETE_BATCH };
        let deletions = self.pipeline.delete_records(&self.bulk, wire::bulk_body(&ids), records, rules).await?;
        // Fini reports a deletion only if every id was accessible, so this credential has seen them.
        let deleted = deletions.deletions().iter().filter(|deletion| deletion.outcome() == Outcome::Deleted);
        self.seen.insert(deleted.map(Deletion::id));
        Ok(deletions)
    }
}

fn check_batch(ids: &[RecordUuid]) -> Result<(), Error> {
    if ids.is_empty() || ids.len() > Client::MAX_BATCH {
        let message = format!("a bulk call takes 1 to {} ids, not {}", Client::MAX_BATCH, ids.len());
        return Err(Error::invalid_input(message));
    }
    match ids.iter().enumerate().find(|(number, id)| ids[..*number].contains(id)) {
        Some((_, twice)) => Err(Error::invalid_input(format!("the id {twice} occurs twice in a bulk call"))),
        None => Ok(()),
    }
}

#[async_trait]
impl Deleter for Client {
    delete_core::deleter_methods!(wire::VENDOR, RecordUuid);

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let deletions = self.delete_conversations(&[id.try_uuid().for_vendor(wire::VENDOR)?]).await?;
        deletions.into_iter().next().ok_or_else(|| {
            let error = Error::builder(ErrorKind::UnexpectedResponse, "the call has no result for this conversation");
            error.vendor(wire::VENDOR).delivery(Delivery::MaybeDelivered).build()
        })
    }

    fn max_batch(&self) -> usize {
        Self::MAX_BATCH
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let uuids: Result<Vec<_>, Error> = ids.iter().map(RecordId::try_uuid).collect();
        let deletions = async { self.delete_conversations(&uuids.for_vendor(wire::VENDOR)?).await };
        match deletions.await {
            Ok(deletions) => deletions.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error); ids.len()],
        }
    }
}
