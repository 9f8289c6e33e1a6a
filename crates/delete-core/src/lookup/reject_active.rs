use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::deleter::missing_result;
use crate::error::{Error, ErrorKind};
use crate::{Deleter, Deletion, RecordId, RecordReader, Vendor};

/// A [`Deleter`] that looks up each record first, and refuses one that is still active: a running call (ElevenLabs, Tavus), or
/// an interaction whose transcript is being made (Corti). No vendor documents what becomes of such a record after a delete: it
/// may be written again when the call ends.
///
/// ```
/// use delete_core::{Deleter, ErrorKind, RecordReader, RejectActive};
///
/// # async fn example(client: impl Deleter + RecordReader + Clone, id: delete_core::RecordId) -> Result<(), delete_core::Error> {
/// let deleter = RejectActive::new(client.clone(), client);
/// match deleter.delete(&id).await {
///     Err(error) if error.kind() == ErrorKind::StillActive => println!("not now: {error}"),
///     other => println!("{}", other?.outcome()),
/// }
/// # Ok(())
/// # }
/// ```
///
/// A record that does not exist is passed to the delete, which reports it. So is one that this credential may not read (403, or
/// a missing scope; see [`first_unchecked`](Self::first_unchecked)), because a credential may be meant for deleting alone. If the
/// lookup fails in any other way, nothing is deleted and the error is that of the lookup.
#[derive(Debug)]
pub struct RejectActive<D, R> {
    deleter: D,
    reader: R,
    first_unchecked: Mutex<Option<Error>>,
}

impl<D: Deleter, R: RecordReader> RejectActive<D, R> {
    /// Looks records up by `reader`, which must be of the same vendor and workspace as `deleter`.
    pub fn new(deleter: D, reader: R) -> Self {
        Self { deleter, reader, first_unchecked: Mutex::new(None) }
    }

    /// Why a record could not be looked up although its delete was sent; the first such error.
    pub fn first_unchecked(&self) -> Option<Error> {
        self.first_unchecked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why each of these is not deleted. After an error that is fatal for the client, no more lookups are made.
    async fn refusals(&self, ids: &[RecordId]) -> Vec<Option<Error>> {
        let mut refusals: Vec<Option<Error>> = Vec::with_capacity(ids.len());
        for id in ids {
            let lasting = refusals.last().and_then(Option::as_ref).filter(|error| error.is_fatal_for_client());
            let refusal = match lasting {
                Some(error) => Some(error.clone()),
                None => self.refusal(id).await,
            };
            refusals.push(refusal);
        }
        refusals
    }

    async fn refusal(&self, id: &RecordId) -> Option<Error> {
        match self.reader.active_status(id).await {
            Ok(None) => None,
            Ok(Some(status)) => {
                let message = format!("it is active (status {status})");
                Some(Error::builder(ErrorKind::StillActive, message).vendor(self.deleter.vendor()).build())
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            // Only these are about reading alone. Any other response may hide a record that is active.
            Err(error) if matches!(error.kind(), ErrorKind::MissingScope | ErrorKind::Forbidden) => {
                self.first_unchecked.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                None
            }
            Err(error) => Some(error.before_delete()),
        }
    }
}

#[async_trait]
impl<D: Deleter, R: RecordReader> Deleter for RejectActive<D, R> {
    fn vendor(&self) -> Vendor {
        self.deleter.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        match self.refusal(id).await {
            Some(refusal) => Err(refusal),
            None => self.deleter.delete(id).await,
        }
    }

    fn max_batch(&self) -> usize {
        self.deleter.max_batch()
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let refusals = self.refusals(ids).await;
        let wanted: Vec<RecordId> =
            ids.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none()).map(|(id, _)| id.clone()).collect();
        let mut results = match wanted.is_empty() {
            true => Vec::new(),
            false => self.deleter.delete_batch(&wanted).await,
        }
        .into_iter();
        let result = |refusal: Option<Error>| match refusal {
            Some(refusal) => Err(refusal),
            None => results.next().unwrap_or_else(|| Err(missing_result(self.vendor()))),
        };
        refusals.into_iter().map(result).collect()
    }
}
