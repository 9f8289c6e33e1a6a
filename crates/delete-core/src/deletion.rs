use std::fmt;
use std::sync::{Arc, LazyLock};

use http::HeaderMap;

use crate::outcome::{Attempt, AttemptList, ErasureMode, Outcome};
use crate::{RecordId, Vendor};

/// The result of a delete call for one record, if the call did not fail.
///
/// It reports what the vendor responded and how the call went; it does not prove that the record is absent.
///
/// ```
/// use delete_core::{ConversationId, Deletion, Outcome, Vendor};
///
/// let id = ConversationId::new("c123456")?;
/// let deletion = Deletion::new(Vendor::new("example", "Example"), id, Outcome::Deleted).with_request_id("r-1");
/// assert_eq!(deletion.request_id(), Some("r-1"));
/// # Ok::<(), delete_core::Error>(())
/// ```
///
/// # JSON
/// With the feature `serde`, results, errors, ids and lookups are serialised with the words of `as_str`, RFC 3339 times and
/// durations in milliseconds. `attempts` is the number of requests, and `requests` lists them. A [`BatchDeletion`] is a
/// list. Reading them back ignores unknown fields and refuses unknown words. A vendor that was read is displayed by its name
/// for machines, and an opaque id spelled like a UUID becomes one: use [`Deleter::parse_id`](crate::Deleter::parse_id) where
/// that matters.
///
/// Text that was read is only as trustworthy as its source. A process keeps the first 64 different vendors that it reads and
/// refuses others.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "not every outcome is a success: check `outcome`"]
pub struct Deletion {
    id: RecordId,
    outcome: Outcome,
    call: Arc<DeleteCall>,
}

/// What the records of one delete call have in common, so that a result is cheap to clone and to keep.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DeleteCall {
    pub(crate) vendor: Vendor,
    pub(crate) erasure_mode: Option<ErasureMode>,
    pub(crate) request_id: Option<String>,
    pub(crate) endpoint: Option<Arc<str>>,
    pub(crate) attempts: AttemptList,
    /// `None` if none is kept.
    pub(crate) headers: Option<Arc<HeaderMap>>,
    pub(crate) is_body_incomplete: bool,
}

impl Deletion {
    /// A deletion of which nothing more is known than this.
    pub fn new(vendor: Vendor, id: impl Into<RecordId>, outcome: Outcome) -> Self {
        let call = DeleteCall {
            vendor,
            erasure_mode: None,
            request_id: None,
            endpoint: None,
            attempts: AttemptList::new(),
            headers: None,
            is_body_incomplete: false,
        };
        Self::from_call(id.into(), outcome, Arc::new(call))
    }

    pub(crate) fn from_call(id: RecordId, outcome: Outcome, call: Arc<DeleteCall>) -> Self {
        Self { id, outcome, call }
    }

    fn change(mut self, change: impl FnOnce(&mut DeleteCall)) -> Self {
        change(Arc::make_mut(&mut self.call));
        self
    }

    /// Sets the erasure mode that was requested.
    pub fn with_erasure_mode(self, mode: ErasureMode) -> Self {
        self.change(|call| call.erasure_mode = Some(mode))
    }

    /// Sets the vendor's id of the last request.
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        self.change(|call| call.request_id = Some(id.into()))
    }

    /// Sets the URL of the collection that the record was in. It must hold no secret.
    pub fn with_endpoint(self, url: impl Into<Arc<str>>) -> Self {
        self.change(|call| call.endpoint = Some(url.into()))
    }

    /// Sets the requests of the call, in order.
    pub fn with_attempts(self, attempts: impl Into<Vec<Attempt>>) -> Self {
        self.change(|call| call.attempts = attempts.into().into())
    }

    /// Sets the headers of the last response that are kept. Keep none that may hold a secret.
    pub fn with_headers(self, headers: impl Into<Arc<HeaderMap>>) -> Self {
        self.change(|call| call.headers = Some(headers.into()).filter(|headers| !headers.is_empty()))
    }

    /// Marks the body of the last response as incomplete.
    pub fn with_incomplete_body(self) -> Self {
        self.change(|call| call.is_body_incomplete = true)
    }

    /// The vendor that was called.
    pub fn vendor(&self) -> Vendor {
        self.call.vendor
    }

    /// The record.
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// The result for this record. Not every one is a success: see [`Outcome::is_success`].
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The erasure mode that was requested, at vendors that have two.
    pub fn erasure_mode(&self) -> Option<ErasureMode> {
        self.call.erasure_mode
    }

    /// The id that the vendor gave to the last request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.call.request_id.as_deref()
    }

    /// The URL of the collection that the record was in, which shows the server and the route.
    pub fn endpoint(&self) -> Option<&str> {
        self.call.endpoint.as_deref()
    }

    /// All requests of the call, in order. Those of a bulk call are the same for each of its records.
    pub fn attempts(&self) -> &[Attempt] {
        &self.call.attempts
    }

    /// The headers of the last response that are kept: its date and request ids, and what a vendor announces.
    pub fn headers(&self) -> &HeaderMap {
        self.call.headers.as_deref().unwrap_or_else(|| &NO_HEADERS)
    }

    /// The status of the last response.
    pub fn status(&self) -> Option<u16> {
        self.attempts().last().and_then(Attempt::status)
    }

    /// Whether the body of the last response was cut off. The status alone decided, so the outcome is valid.
    pub fn is_body_incomplete(&self) -> bool {
        self.call.is_body_incomplete
    }
}

static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

impl fmt::Debug for Deletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deletion")
            .field("vendor", &self.vendor())
            .field("id", &self.id)
            .field("outcome", &self.outcome)
            .field("erasure_mode", &self.erasure_mode())
            .field("request_id", &self.request_id())
            .field("endpoint", &self.endpoint())
            .field("attempts", &self.attempts())
            .field("headers", self.headers())
            .field("is_body_incomplete", &self.is_body_incomplete())
            .finish()
    }
}

/// The results of one call for several records, in the order of its ids.
///
/// ```
/// # use delete_core::{BatchDeletion, Deletion, Outcome, Vendor};
/// # use uuid::Uuid;
/// # let vendor = Vendor::new("example", "Example");
/// # let deletions = [Outcome::Deleted, Outcome::Unresolved].map(|outcome| Deletion::new(vendor, Uuid::nil(), outcome));
/// # let batch = BatchDeletion::new(deletions);
/// if !batch.is_success() {
///     println!("{} of {} records are unresolved", batch.count(Outcome::Unresolved), batch.deletions().len());
/// }
/// for deletion in batch {
///     println!("{}: {}", deletion.id(), deletion.outcome());
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(transparent))]
#[must_use = "not every outcome is a success: check `is_success`"]
pub struct BatchDeletion(Vec<Deletion>);

impl BatchDeletion {
    /// The results of a call.
    pub fn new(deletions: impl IntoIterator<Item = Deletion>) -> Self {
        Self(deletions.into_iter().collect())
    }

    /// The results, in the order of the ids.
    pub fn deletions(&self) -> &[Deletion] {
        &self.0
    }

    /// Whether every [`outcome`](Deletion::outcome) is a success.
    pub fn is_success(&self) -> bool {
        self.0.iter().all(|deletion| deletion.outcome().is_success())
    }

    /// The number of records with this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.0.iter().filter(|deletion| deletion.outcome() == outcome).count()
    }
}

impl IntoIterator for BatchDeletion {
    type Item = Deletion;
    type IntoIter = std::vec::IntoIter<Deletion>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a BatchDeletion {
    type Item = &'a Deletion;
    type IntoIter = std::slice::Iter<'a, Deletion>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
