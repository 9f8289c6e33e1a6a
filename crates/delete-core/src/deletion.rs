use std::sync::Arc;

use crate::outcome::{Attempt, ErasureMode, Outcome};
use crate::{RecordId, Vendor};

/// The report on one record of a delete call that did not fail.
///
/// It is evidence of what the vendor said, with the way there; it is not proof that the record is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub(crate) vendor: Vendor,
    pub(crate) id: RecordId,
    pub(crate) outcome: Outcome,
    pub(crate) erasure: Option<ErasureMode>,
    pub(crate) request_id: Option<String>,
    pub(crate) attempts: Arc<[Attempt]>,
    pub(crate) body_incomplete: bool,
}

impl Deletion {
    /// The vendor that was asked.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The record.
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// What the vendor said of it.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The erasure mode that was asked for, at vendors that know two.
    pub fn erasure_mode(&self) -> Option<ErasureMode> {
        self.erasure
    }

    /// The id that the vendor gave to the last request, for questions to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// All requests of the call, in order. Those of a bulk call are the same for each of its records.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The status of the last answer.
    pub fn status(&self) -> Option<u16> {
        self.attempts.last().and_then(Attempt::status)
    }

    /// Whether the answer's body broke off. The status alone decided, so the outcome stands.
    pub fn is_body_incomplete(&self) -> bool {
        self.body_incomplete
    }
}
