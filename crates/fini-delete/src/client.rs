use std::collections::HashSet;

use async_trait::async_trait;
use delete_core::vendor_kit::{Collection, ErrorExt, Pipeline};
use delete_core::{ApiKey, Deleter, Deletion, Error, Outcome, RecordId, Vendor};
use uuid::Uuid;

use crate::seen::SeenIds;
use crate::{ClientBuilder, wire};

/// Deletes conversations at Fini, and finds them as a [`RecordReader`](crate::RecordReader). Cheap to clone; clones share
/// connections, the rate limit, `Retry-After`, and the memory of the conversations that they saw.
///
/// As a [`Deleter`] it uses the bulk route also for a single record, because only that route shows whether the record
/// was there.
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
    /// The most conversations that one bulk call takes.
    pub const MAX_BATCH: usize = wire::MAX_IDS;

    /// A builder for a client with this workspace API key. The key needs the scope `write`.
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

    /// Deletes one conversation through the single route.
    ///
    /// The outcome is [`Outcome::Acknowledged`](crate::Outcome::Acknowledged), because Fini returns the same for an id
    /// that never existed, or that belongs to another workspace. `delete_conversations(&[id])` costs as much and proves more.
    ///
    /// # Errors
    /// [`MissingScope`](crate::ErrorKind::MissingScope) when the key lacks `write`;
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated) for a bad key; never [`NotFound`](crate::ErrorKind::NotFound). See
    /// [`Error::delivery`] for what is known of the conversation then.
    ///
    /// # Cancellation
    /// Dropping the future while a request is in flight leaves it unknown whether the conversation was deleted.
    pub async fn delete_conversation(&self, id: Uuid) -> Result<Deletion, Error> {
        self.pipeline.delete_record(&self.single, id.into(), None, &wire::DELETE_ONE).await
    }

    /// Deletes 1 to 50 distinct conversations with one request. The outcomes are in the order of `ids`, one for each.
    ///
    /// * 200 with `success: true`: each is [`Outcome::Deleted`](crate::Outcome::Deleted); Fini returns this only if all
    ///   of them were there.
    /// * 406 on the first attempt: those that were accessible are removed, at least one was not there, and Fini does not
    ///   report which. Each is [`Outcome::Unresolved`](crate::Outcome::Unresolved); for a single id it is the error
    ///   [`NotFound`](crate::ErrorKind::NotFound). Every later response would be 406 too, so no part of the batch is sent
    ///   again.
    /// * 406 after an ambiguous attempt: each is [`Outcome::Gone`](crate::Outcome::Gone).
    ///
    /// ```
    /// use fini_delete::{ApiKey, Client, Outcome, Uuid};
    /// # use fini_delete::http::{self, Response};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), fini_delete::Error> {
    /// # let key = "fini_key";
    /// # let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    /// let fini = Client::builder(ApiKey::new(key)?)
    /// #     .transport(http::from_fn(|_| async { Ok(Response::new(200).with_body(r#"{"success":true}"#)) }))
    ///     .build()?;
    ///
    /// // The bulk route, 1 to 50 distinct ids: 200 means that all of them were there and are removed.
    /// let deletions = fini.delete_conversations(&ids).await?;
    /// assert!(deletions.iter().all(|deletion| deletion.outcome() == Outcome::Deleted));
    ///
    /// // The single route returns the same for an id that never existed.
    /// let deletion = fini.delete_conversation(ids[0]).await?;
    /// assert_eq!(deletion.outcome(), Outcome::Acknowledged);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for no id, more than 50, or one that occurs twice: nothing is sent.
    /// Else as for [`delete_conversation`](Self::delete_conversation), for all of them together.
    ///
    /// # Cancellation
    /// Dropping the future while a request is in flight leaves it unknown which conversations were deleted.
    pub async fn delete_conversations(&self, ids: &[Uuid]) -> Result<Vec<Deletion>, Error> {
        check_batch(ids).map_err(|error| error.for_vendor(wire::VENDOR))?;
        let records = ids.iter().copied().map(RecordId::from).collect();
        let rules = if ids.len() == 1 { &wire::DELETE_BATCH_OF_ONE } else { &wire::DELETE_BATCH };
        let deletions = self.pipeline.delete_records(&self.bulk, wire::bulk_body(ids), records, rules).await?;
        // Fini reports a deletion only if every id was accessible, so this credential has seen them.
        let deleted = deletions.iter().filter(|deletion| deletion.outcome() == Outcome::Deleted);
        self.seen.note(deleted.map(Deletion::id));
        Ok(deletions)
    }
}

fn check_batch(ids: &[Uuid]) -> Result<(), Error> {
    if ids.is_empty() || ids.len() > wire::MAX_IDS {
        let message = format!("a bulk call takes 1 to {} ids, not {}", wire::MAX_IDS, ids.len());
        return Err(Error::invalid_input(message));
    }
    let mut seen = HashSet::with_capacity(ids.len());
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(twice) => Err(Error::invalid_input(format!("the id {twice} occurs twice in a bulk call"))),
        None => Ok(()),
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
        let mut results = self.delete_batch(std::slice::from_ref(id)).await;
        results.pop().unwrap_or_else(|| Err(Error::invalid_input("no id").for_vendor(wire::VENDOR)))
    }

    fn max_batch(&self) -> usize {
        wire::MAX_IDS
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let uuids: Option<Vec<Uuid>> = ids.iter().map(RecordId::as_uuid).collect();
        let outcome = match uuids {
            Some(uuids) => self.delete_conversations(&uuids).await,
            None => Err(Error::invalid_input("Fini's conversation ids are UUIDs").for_vendor(wire::VENDOR)),
        };
        match outcome {
            Ok(deletions) => deletions.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error); ids.len()],
        }
    }
}
