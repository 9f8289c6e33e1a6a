//! How many ids there are of each outcome.

use std::io::{self, Write};

use conversation_delete_job::{Status, TargetStatus};

use super::sightings::Sightings;
use crate::args::VendorName;
use crate::plan::heading;
use crate::report::{CountMembers, Outcome, Tally, write_text_counts};

/// How many ids there are of each outcome.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    numbers: Tally,
    pub(crate) in_doubt: u64,
    pub(crate) still_present: u64,
    pub(crate) verified: u64,
    pub(crate) unverified: u64,
    pub(crate) looked: u64,
}

impl Counts {
    pub(crate) fn of(target: &TargetStatus) -> Self {
        let looks = &target.lookups;
        // Only Fini reports that all records of a batch were there.
        let reported = if target.target.vendor == VendorName::Fini.vendor().as_str() { target.unseen } else { 0 };
        Self {
            numbers: target.outcomes,
            in_doubt: target.in_doubt,
            still_present: target.still_present,
            verified: target.verified + reported,
            unverified: target.unverified.saturating_sub(reported),
            looked: looks.absent + looks.present + looks.unknown,
        }
    }

    /// Those of all targets, and what was refused when it was planned.
    pub(crate) fn of_all(status: &Status) -> Self {
        let mut sum = Self::default();
        status.targets.iter().for_each(|target| sum.add(&Self::of(target)));
        sum.numbers.add_many(Outcome::Refused, status.refused);
        sum
    }

    pub(crate) fn add(&mut self, other: &Self) {
        other.numbers.iter().for_each(|(outcome, number)| self.numbers.add_many(outcome, number));
        self.in_doubt += other.in_doubt;
        self.still_present += other.still_present;
        self.verified += other.verified;
        self.unverified += other.unverified;
        self.looked += other.looked;
    }

    pub(crate) fn get(&self, outcome: Outcome) -> u64 {
        self.numbers.get(outcome)
    }

    /// A record that was verified, or is still there, was seen.
    pub(crate) fn sightings(&self, status: &Status) -> Sightings {
        let unsent = self.get(Outcome::NotAttempted) + self.get(Outcome::Held) + self.get(Outcome::Refused);
        Sightings {
            open: self.get(Outcome::NotAttempted),
            attempted: self.numbers.total() - unsent,
            not_found: self.get(Outcome::NotFound),
            gone: if self.verified + self.still_present > 0 { 0 } else { self.get(Outcome::Gone) },
            unresolved: self.get(Outcome::Unresolved),
            has_lost_outcomes: status.has_lost_outcomes,
        }
    }

    /// The members of a line.
    pub(crate) fn members(&self) -> CountMembers {
        CountMembers {
            verified: self.verified,
            still_present: self.still_present,
            unverified: self.unverified,
            ..CountMembers::of(&self.numbers)
        }
    }

    /// The same after a run, as in an export: what may be deleted is not `not_attempted`.
    pub(crate) fn final_members(&self) -> CountMembers {
        let members = self.members();
        CountMembers {
            failed: members.failed + self.in_doubt,
            not_attempted: members.not_attempted.saturating_sub(self.in_doubt),
            ..members
        }
    }
}

/// The counters of a target, for people.
pub(crate) fn write_table(
    out: &mut impl Write,
    target: &TargetStatus,
    counts: &Counts,
    has_lookups: bool,
) -> io::Result<()> {
    writeln!(out, "\n{}", heading::heading(target))?;
    write_text_counts(out, target.target.mode, &counts.final_members(), has_lookups)
}
