use std::fmt;
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::{RecordId, Status};

/// What a look-up says of a record: a separate axis from what a delete call said of it.
///
/// `Absent` means that this credential sees no such record now. Another tenant, region or key would say the same, so it
/// is proof of a deletion only together with an earlier `Present` of the same credential.
#[derive(Clone, Debug)]
pub enum Presence {
    /// The vendor says, in its own way for it, that there is no such record.
    Absent,
    /// The vendor shows the record.
    Present {
        /// What it says of its life, where it says anything.
        status: Option<Status>,
    },
    /// Nothing can be said, for this reason: the credential may not read, the vendor failed, no answer came.
    Unknown(Error),
}

impl Presence {
    /// The name for machines: `absent`, `present`, `unknown`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present { .. } => "present",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether the vendor says that there is no such record.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the vendor does not show the record, although it was looked for: it is absent, or it is not in a list whose
    /// silence is not proof. Many of these in a row look like the wrong workspace.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Present { .. } => false,
            Self::Unknown(error) => error.kind() == ErrorKind::NotFound,
        }
    }

    /// Whether the vendor shows the record.
    pub const fn is_present(&self) -> bool {
        matches!(self, Self::Present { .. })
    }

    /// Whether another look may say something else within a short time: a deletion that shows late, a failure that
    /// passes.
    pub(crate) fn may_change(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::Present { .. } => true,
            Self::Unknown(error) => error.is_retryable(),
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often to look for a record that should be gone, and how long to wait in between.
///
/// No vendor documents how fast a deletion shows in its reads. The default is four looks: at once, and after waits of
/// 1, 2 and 4 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyPolicy {
    count: u32,
    first_wait: Duration,
}

impl VerifyPolicy {
    /// At most `count` looks (0 counts as 1), with a wait in between that begins at `first_wait` and doubles.
    pub const fn new(count: u32, first_wait: Duration) -> Self {
        Self { count: if count == 0 { 1 } else { count }, first_wait }
    }

    /// One look, whatever it says.
    pub const fn once() -> Self {
        Self::new(1, Duration::ZERO)
    }

    /// The waits between the looks, in order.
    pub fn waits(self) -> impl Iterator<Item = Duration> {
        (0..self.count - 1).map(move |made| self.first_wait.saturating_mul(2_u32.saturating_pow(made)))
    }
}

impl Default for VerifyPolicy {
    fn default() -> Self {
        Self::new(4, Duration::from_secs(1))
    }
}

/// What is known of several records while they are looked at again and again.
pub struct PendingChecks<'a> {
    ids: &'a [RecordId],
    seen: Vec<Presence>,
}

impl<'a> PendingChecks<'a> {
    /// What a first look at `ids` said, in their order.
    pub fn new(ids: &'a [RecordId], seen: Vec<Presence>) -> Self {
        Self { ids, seen }
    }

    /// Those that another look may tell more about.
    pub fn open(&self) -> Vec<RecordId> {
        let open = self.ids.iter().zip(&self.seen).filter(|(_, presence)| presence.may_change());
        open.map(|(id, _)| id.clone()).collect()
    }

    /// Takes what another look said of the [`open`](Self::open) ones, in their order.
    pub fn update(&mut self, looked: Vec<Presence>) {
        let open = self.seen.iter_mut().filter(|presence| presence.may_change());
        for (known, new) in open.zip(looked) {
            *known = new;
        }
    }

    /// What is known in the end, in the order of the ids.
    pub fn into_presences(self) -> Vec<Presence> {
        self.seen
    }
}

impl fmt::Debug for PendingChecks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingChecks").field("ids", &self.ids).field("seen", &self.seen).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_bounded() {
        let waits: Vec<u64> = VerifyPolicy::default().waits().map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [1, 2, 4]);
        assert_eq!(VerifyPolicy::once().waits().count(), 0);
        assert_eq!(VerifyPolicy::new(0, Duration::MAX).waits().count(), 0);
        assert_eq!(VerifyPolicy::new(3, Duration::MAX).waits().last(), Some(Duration::MAX));
    }

    #[test]
    fn only_what_may_change_is_looked_at_again() {
        let ids: Vec<RecordId> = (0..4).map(|n| uuid::Uuid::from_u128(n).into()).collect();
        let lost = Error::builder(ErrorKind::Timeout, "x").retryable(true).build();
        let refused = Error::missing_scope("x");
        let seen = vec![
            Presence::Absent,
            Presence::Present { status: None },
            Presence::Unknown(lost),
            Presence::Unknown(refused),
        ];
        let mut sightings = PendingChecks::new(&ids, seen);
        assert_eq!(sightings.open(), ids[1..3]);
        sightings.update(vec![Presence::Absent, Presence::Present { status: Some(Status::Done) }]);
        assert_eq!(sightings.open(), ids[2..3]);
        let words: Vec<_> = sightings.into_presences().iter().map(Presence::as_str).collect();
        assert_eq!(words, ["absent", "absent", "present", "unknown"]);
    }
}
