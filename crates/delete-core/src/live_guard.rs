use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::deleter::untold;
use crate::error::{Error, ErrorKind};
use crate::{Deleter, Deletion, Reader, RecordId, Vendor};

/// A [`Deleter`] that looks at each record first, and refuses one that is not over yet: a call that goes on
/// (ElevenLabs, Tavus), an interaction whose transcript is being made (Corti). What such a record becomes after a delete
/// is documented by no vendor: it may be written again when the call ends.
///
/// ```
/// use delete_core::{Deleter, ErrorKind, LiveGuard, Reader};
///
/// # async fn example(client: impl Deleter + Reader + Clone, id: delete_core::RecordId) -> Result<(), delete_core::Error> {
/// let guarded = LiveGuard::new(client.clone(), client);
/// match guarded.delete(&id).await {
///     Err(error) if error.kind() == ErrorKind::StillActive => println!("not now: {error}"),
///     other => println!("{}", other?.outcome()),
/// }
/// # Ok(())
/// # }
/// ```
///
/// A record that is not there is left to the delete to tell. So is one that the vendor does not let this credential read
/// (see [`unseen`](Self::unseen)), because a credential may be good for deleting alone. Where the look fails in a way
/// that may pass, or the credential is refused, nothing is deleted and the error is that of the look.
#[derive(Debug)]
pub struct LiveGuard<D, R> {
    deleter: D,
    reader: R,
    unseen: Mutex<Option<Error>>,
}

impl<D: Deleter, R: Reader> LiveGuard<D, R> {
    /// Guards the deletes of `deleter` by looks of `reader`, which must be of the same vendor and workspace.
    pub fn new(deleter: D, reader: R) -> Self {
        Self { deleter, reader, unseen: Mutex::new(None) }
    }

    /// Why a record could not be looked at, where one was deleted all the same; the first of them.
    pub fn unseen(&self) -> Option<Error> {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why each of these is not deleted. What every other look would meet too is not asked for again.
    async fn refusals(&self, ids: &[RecordId]) -> Vec<Option<Error>> {
        let mut refusals: Vec<Option<Error>> = Vec::with_capacity(ids.len());
        for id in ids {
            let lasting = refusals.last().and_then(Option::as_ref).filter(|error| error.affects_every_call());
            let refusal = match lasting {
                Some(error) => Some(error.clone()),
                None => self.refusal(id).await,
            };
            refusals.push(refusal);
        }
        refusals
    }

    async fn refusal(&self, id: &RecordId) -> Option<Error> {
        match self.reader.live_status(id).await {
            Ok(None) => None,
            Ok(Some(status)) => {
                let message = format!("it is not over yet (status {status})");
                Some(Error::new(ErrorKind::StillActive, message).for_vendor(self.deleter.vendor()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) if leaves_it_open(&error) => {
                self.unseen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                None
            }
            Err(error) => Some(error.before_delete()),
        }
    }
}

/// Whether the vendor did not show the record, for good, while a delete may still be taken. An answer that cannot be
/// understood may show a record that is not over.
fn leaves_it_open(error: &Error) -> bool {
    let is_about_looks = error.kind() == ErrorKind::MissingScope || !error.affects_every_call();
    is_about_looks && error.shows_nothing() && !error.is_retryable()
}

#[async_trait]
impl<D: Deleter, R: Reader> Deleter for LiveGuard<D, R> {
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
            None => results.next().unwrap_or_else(|| Err(untold(self.vendor()))),
        };
        refusals.into_iter().map(result).collect()
    }
}
