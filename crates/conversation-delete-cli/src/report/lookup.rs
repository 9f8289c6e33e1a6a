//! What the lookups of `verify` reported.

use conversation_delete_job::{EntryReport, LookupCounts, PresenceReport, PresenceSource, PresenceState, RecordReport};
use delete_core::Delivery;

use super::display::visible;
use super::lines::{CountMembers, LookupMembers};
use super::presence::{PresencePair, Sighting};
use super::record::Failure;

/// What became of one id that was to be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupOutcome {
    Absent,
    Present,
    Unknown,
    Refused,
    NotAttempted,
}

impl LookupOutcome {
    /// All of them, in the order of the summary.
    pub(crate) const ALL: [Self; 5] = [Self::Absent, Self::Present, Self::Unknown, Self::Refused, Self::NotAttempted];

    /// The name in the summary.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => PresenceState::Absent.as_str(),
            Self::Present => PresenceState::Present.as_str(),
            Self::Unknown => PresenceState::Unknown.as_str(),
            Self::Refused => "refused",
            Self::NotAttempted => "not_attempted",
        }
    }
}

impl From<PresenceState> for LookupOutcome {
    fn from(state: PresenceState) -> Self {
        match state {
            PresenceState::Absent => Self::Absent,
            PresenceState::Present => Self::Present,
            PresenceState::Unknown => Self::Unknown,
        }
    }
}

/// The report on one id that was to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LookupRecord {
    pub(crate) id: String,
    pub(crate) outcome: LookupOutcome,
    /// The members of its line. What was not looked up is unknown.
    pub(super) presence: PresencePair,
    /// Why the presence is unknown.
    pub(super) error: Option<Failure>,
}

impl LookupRecord {
    /// What a job holds of an entry of its input.
    pub(crate) fn of_entry(entry: EntryReport) -> Self {
        match entry {
            EntryReport::Record(report) => Self::stored(report),
            EntryReport::Refused(refused) => {
                let error = Failure::refused(visible(&refused.reason));
                Self::unknown(refused.text, LookupOutcome::Refused, error)
            }
        }
    }

    fn stored(report: RecordReport) -> Self {
        let Some(after) = report.after else { return Self::not_attempted(report.id) };
        let outcome = after.state.into();
        let error = failure(&after);
        let presence = PresencePair { before: None, after: Some(Sighting::stored(after)) };
        Self { id: report.id, outcome, presence, error }
    }

    fn not_attempted(id: String) -> Self {
        let error = Failure {
            kind: LookupOutcome::NotAttempted.as_str().into(),
            delivery: Delivery::NotSent.as_str().into(),
            message: "it was not looked up: the run stopped before".to_owned(),
        };
        Self::unknown(id, LookupOutcome::NotAttempted, error)
    }

    fn unknown(id: String, outcome: LookupOutcome, error: Failure) -> Self {
        let after = Sighting {
            state: PresenceState::Unknown.as_str(),
            status: None,
            time: None,
            source: PresenceSource::Lookup.as_str(),
            reason: Some(error.message.clone()),
        };
        Self { id, outcome, presence: PresencePair { before: None, after: Some(after) }, error: Some(error) }
    }

    /// Whether a person should see it.
    pub(super) fn is_problem(&self) -> bool {
        matches!(self.outcome, LookupOutcome::Present | LookupOutcome::Unknown | LookupOutcome::Refused)
    }

    /// The vendor's word for the status of the record.
    pub(super) fn status(&self) -> Option<&str> {
        self.presence.after.as_ref()?.status.as_deref()
    }
}

/// Why a lookup reported nothing. A job of an older format does not hold the kind.
fn failure(presence: &PresenceReport) -> Option<Failure> {
    let (kind, delivery) = (presence.error_kind?, presence.delivery?);
    let message = presence.reason.as_deref().map(visible).unwrap_or_default();
    Some(Failure { kind: kind.as_str().into(), delivery: delivery.as_str().into(), message })
}

/// How many ids there are of each outcome of a lookup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LookupTally([u64; LookupOutcome::ALL.len()]);

impl LookupTally {
    pub(crate) fn add(&mut self, outcome: LookupOutcome) {
        self.add_many(outcome, 1);
    }

    fn add_many(&mut self, outcome: LookupOutcome, ids: u64) {
        self.0[outcome as usize] += ids;
    }

    pub(crate) fn count(&self, outcome: LookupOutcome) -> u64 {
        self.0[outcome as usize]
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The members of a line with these counts.
    pub(crate) fn members(&self) -> (CountMembers, LookupMembers) {
        let counts = CountMembers {
            refused: self.count(LookupOutcome::Refused),
            not_attempted: self.count(LookupOutcome::NotAttempted),
            ..CountMembers::default()
        };
        let [absent, present, unknown] =
            [LookupOutcome::Absent, LookupOutcome::Present, LookupOutcome::Unknown].map(|one| Some(self.count(one)));
        (counts, LookupMembers { absent, present, unknown })
    }
}

impl From<LookupCounts> for LookupTally {
    /// The counts of a target of a job.
    fn from(counts: LookupCounts) -> Self {
        let mut tally = Self::default();
        tally.add_many(LookupOutcome::Absent, counts.absent);
        tally.add_many(LookupOutcome::Present, counts.present);
        tally.add_many(LookupOutcome::Unknown, counts.unknown);
        tally.add_many(LookupOutcome::NotAttempted, counts.open);
        tally
    }
}

impl std::iter::Sum for LookupTally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        let add = |mut sum: Self, tally: Self| {
            LookupOutcome::ALL.into_iter().for_each(|outcome| sum.add_many(outcome, tally.count(outcome)));
            sum
        };
        tallies.fold(Self::default(), add)
    }
}
