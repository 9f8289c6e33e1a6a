//! The outcome of a record, why it failed, and how many records have each outcome.

use delete_core::{Delivery, Error, ErrorKind, Outcome, text};

/// The outcome of one record of a job. There are no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordOutcome {
    /// [`Outcome::Deleted`].
    Deleted,
    /// [`Outcome::Acknowledged`].
    Acknowledged,
    /// [`Outcome::Gone`].
    Gone,
    /// [`Outcome::Unresolved`].
    Unresolved,
    /// The vendor reported on the first attempt that this credential sees no such record.
    NotFound,
    /// The delete failed; [`Failure::may_have_taken_effect`] is whether the record may be deleted all the same.
    Failed,
    /// It is not an id, and was never sent.
    Refused,
    /// It must not be deleted.
    Held,
    /// It has no outcome yet: null in the job file.
    #[default]
    NotAttempted,
}

impl RecordOutcome {
    /// Every outcome, in the order of a summary.
    pub const ALL: [Self; 9] = [
        Self::Deleted,
        Self::Acknowledged,
        Self::Gone,
        Self::Unresolved,
        Self::NotFound,
        Self::Failed,
        Self::Refused,
        Self::Held,
        Self::NotAttempted,
    ];

    /// The name for machines, as in JSON and in the job file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => Outcome::Deleted.as_str(),
            Self::Acknowledged => Outcome::Acknowledged.as_str(),
            Self::Gone => Outcome::Gone.as_str(),
            Self::Unresolved => Outcome::Unresolved.as_str(),
            Self::NotFound => ErrorKind::NotFound.as_str(),
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Held => "held",
            Self::NotAttempted => "not_attempted",
        }
    }

    /// Returns the outcome of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// Whether the record is as good as deleted.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Deleted | Self::Acknowledged | Self::Gone)
    }
}

impl From<Outcome> for RecordOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Deleted => Self::Deleted,
            Outcome::Acknowledged => Self::Acknowledged,
            Outcome::Gone => Self::Gone,
            Outcome::Unresolved => Self::Unresolved,
        }
    }
}

/// Why a request failed, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind of the error.
    pub kind: ErrorKind,
    /// Whether the request reached the vendor.
    pub delivery: Delivery,
    /// The error and its causes, on one line.
    pub message: String,
}

impl Failure {
    /// Whether the record may be deleted all the same.
    pub fn may_have_taken_effect(&self) -> bool {
        match self.delivery {
            Delivery::MaybeDelivered => true,
            Delivery::Answered => self.kind == ErrorKind::UnexpectedResponse,
            Delivery::NotSent => false,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), delivery: error.delivery(), message: text::error_chain(error) }
    }
}

/// Whether a delete with this outcome was sent, so that a verification looks the record up.
pub(crate) fn was_sent(outcome: RecordOutcome, error: Option<&Failure>) -> bool {
    match outcome {
        RecordOutcome::Failed => error.is_some_and(|error| error.delivery != Delivery::NotSent),
        RecordOutcome::Refused | RecordOutcome::Held | RecordOutcome::NotAttempted => false,
        _ => true,
    }
}

/// The result for one child of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildReport {
    /// The kind of child, such as `transcript`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its outcome.
    pub outcome: RecordOutcome,
    /// The requests that were sent for it.
    pub attempts: u64,
    /// The HTTP status of the last response.
    pub status: Option<u16>,
    /// The vendor's name for the last request.
    pub request_id: Option<String>,
    /// Why it failed.
    pub error: Option<Failure>,
}

/// How many records have each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; RecordOutcome::ALL.len()]);

impl Counts {
    /// Returns how many records have this outcome.
    pub fn get(&self, outcome: RecordOutcome) -> u64 {
        self.0[outcome as usize]
    }

    /// Counts one more record.
    pub fn add(&mut self, outcome: RecordOutcome) {
        self.add_many(outcome, 1);
    }

    /// Counts `records` more records.
    pub fn add_many(&mut self, outcome: RecordOutcome, records: u64) {
        self.0[outcome as usize] += records;
    }

    /// Returns each outcome and how many records have it, in the order of [`RecordOutcome::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (RecordOutcome, u64)> + use<> {
        RecordOutcome::ALL.into_iter().zip(self.0)
    }

    /// Returns how many records there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
