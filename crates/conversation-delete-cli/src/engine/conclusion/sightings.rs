//! Whether any record of a target was ever seen. If none was, it may be the wrong target.

use crate::args::AbsentArgs;

/// What is known of the records of a target after their deletes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sightings {
    /// Those that a run has not come to yet.
    pub(crate) open: u64,
    /// Those that a run tried to delete.
    pub(crate) attempted: u64,
    pub(crate) not_found: u64,
    /// Those that were not found after an attempt that may have removed them, and that nobody saw before.
    pub(crate) gone: u64,
    pub(crate) unresolved: u64,
    /// Outcomes were lost with a job's log, so that a request for one that is gone may have been none.
    pub(crate) has_lost_outcomes: bool,
}

impl Sightings {
    /// Whether of no record anything is known but that it is not there, or may not be.
    fn is_none_known(self) -> bool {
        let absent = self.not_found + self.unresolved;
        let is_absence_known = absent > 0 && self.attempted > 1 || self.has_lost_outcomes && self.gone > 0;
        is_absence_known && absent + self.gone == self.attempted
    }

    /// Whether all of several records are absent, and none was ever seen: so it is at a wrong target too.
    pub(crate) fn is_none_seen(self) -> bool {
        self.open == 0 && self.unresolved == 0 && self.is_none_known()
    }

    /// What a person should know of it.
    pub(crate) fn suspicion(self, absent: AbsentArgs) -> Option<&'static str> {
        match self.unresolved {
            _ if !self.is_none_known() => None,
            0 if absent.is_ok_for_all() => None,
            0 => Some(
                "not one of the records was found, and none was ever seen: check tenant, region, base URL and key; if all \
                 of them were removed before, such as by a retention period, add --all-absent-ok",
            ),
            _ => Some(
                "of no record it is known whether it was there; a whole batch of another workspace looks the same: check \
                 base URL and key, and next time use --verify or --one-by-one, because a second delete of the same ids \
                 finds none of them",
            ),
        }
    }
}
