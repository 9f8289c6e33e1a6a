//! Holds that match nothing, and so protect nothing.

use conversation_delete_job::{HoldPlace, UnmatchedHolds};

use super::HoldArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ids::describe;
use crate::notice::notice;
use crate::report::{count, visible};

/// How many holds are named.
pub(crate) const NAMED: usize = 10;

/// What holds are matched with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Matching {
    /// Ids that the user named.
    Ids,
    /// Records that a list found, all or those that a filter leaves.
    List { is_filtered: bool },
    /// The records of a job.
    Job,
}

/// The holds that match nothing, some of them in words.
#[derive(Debug, Default)]
pub(crate) struct Unmatched {
    pub(crate) total: u64,
    pub(crate) count: u64,
    named: Vec<String>,
    in_case: Vec<String>,
}

impl Unmatched {
    /// Those that a job reports.
    pub(crate) fn of_job(args: &HoldArgs, unmatched: &UnmatchedHolds) -> Self {
        let mut all = Self { total: unmatched.total, ..Self::default() };
        for hold in &unmatched.first {
            all.add(args, &hold.id, hold.place, hold.differs_in_case_from.as_deref());
        }
        Self { count: unmatched.count, ..all }
    }

    /// Adds a hold that matches nothing; `other` is an id from which it differs only in case.
    fn add(&mut self, args: &HoldArgs, id: &str, place: HoldPlace, other: Option<&str>) {
        self.count += 1;
        let list = if other.is_some() { &mut self.in_case } else { &mut self.named };
        if list.len() == NAMED {
            return;
        }
        let place = format!("line {} of {}", place.line, args.file_name(place.file));
        // A wrong column may hold names, which are not repeated.
        let shown = describe(id).unwrap_or_else(|| format!("`{}`", visible(id)));
        list.push(match other {
            Some(other) => format!("{shown} ({place}) differs from `{}` only in case", visible(other)),
            None => format!("{shown} ({place})"),
        });
    }

    /// Refuses them, unless the user allowed them.
    ///
    /// # Errors
    /// With the message about them, and what can be done.
    pub(crate) fn check(&self, args: &HoldArgs, matching: Matching) -> Result<(), CommandError> {
        match self.explain(matching) {
            None => Ok(()),
            Some(reason) if args.allow_unmatched_holds => {
                notice(&format!("warning: {reason}"));
                Ok(())
            }
            Some(reason) => {
                let message = format!("{reason}; if that is right, add --allow-unmatched-holds");
                Err(CommandError { advice: "; nothing was sent", ..CommandError::new(Exit::Unsafe, message) })
            }
        }
    }

    /// The message about them; `None` if each hold matches.
    pub(super) fn explain(&self, matching: Matching) -> Option<String> {
        if self.count == 0 {
            return None;
        }
        let subject = match matching {
            Matching::Ids => "none of the ids",
            Matching::List { .. } => "no record that is planned",
            Matching::Job => "no record of the job",
        };
        let verb = if self.count == 1 { "matches" } else { "match" };
        let named: Vec<&str> = self.in_case.iter().chain(&self.named).take(NAMED).map(String::as_str).collect();
        let more = match self.count.saturating_sub(named.len() as u64) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let filter = match matching {
            Matching::List { is_filtered: true } => "; a record that the filter leaves out is not planned",
            _ => "",
        };
        Some(format!(
            "{} of {} {verb} {subject}: {}{more}. A hold that matches nothing protects nothing: check the file and its \
             column of ids (--id-column); opaque ids are compared with their case{filter}",
            self.count,
            count(self.total, "hold"),
            named.join(", ")
        ))
    }
}
