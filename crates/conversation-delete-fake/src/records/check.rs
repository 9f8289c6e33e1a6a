//! Which seeds and states a vendor's fake takes.

use super::Seed;
use crate::Vendor;
use crate::corti::TRANSCRIPT_STATUSES;

/// More records than this in one call are a typing mistake.
const MAX_COUNT: usize = 5_000_000;

/// The same for the children of one record, and for the children of all records of one call.
const MAX_CHILDREN: usize = 1_000;
const MAX_ALL_CHILDREN: usize = 5_000_000;

impl Seed {
    /// Checks that records of this vendor can be what the seed says.
    pub(crate) fn check(&self, vendor: Vendor) -> Result<(), String> {
        if self.len() > MAX_COUNT {
            return Err(format!("at most {MAX_COUNT} records can be seeded at once"));
        }
        check_ids(vendor, self.ids.as_deref().unwrap_or_default())?;
        self.status.as_deref().map_or(Ok(()), |status| check_status(vendor, status))?;
        let problem = match () {
            () if self.emptied_by_retention && vendor != Vendor::ElevenLabs => {
                "only ElevenLabs has records emptied by retention"
            }
            () if self.without_dates && vendor != Vendor::Tavus => "only Tavus has records without dates",
            () if self.has_children() && vendor != Vendor::Corti => "only Corti has records with children",
            () => return self.check_children(),
        };
        Err(problem.to_owned())
    }

    fn child_counts(&self) -> [usize; 4] {
        [self.recordings, self.transcripts, self.documents, self.guided_documents]
    }

    fn has_children(&self) -> bool {
        self.transcript_status.is_some() || self.child_counts().iter().any(|count| *count > 0)
    }

    fn check_children(&self) -> Result<(), String> {
        if self.child_counts().iter().any(|count| *count > MAX_CHILDREN) {
            return Err(format!("a record has at most {MAX_CHILDREN} children of a kind"));
        }
        if self.child_counts().iter().sum::<usize>().saturating_mul(self.len()) > MAX_ALL_CHILDREN {
            return Err(format!("at most {MAX_ALL_CHILDREN} children can be seeded at once"));
        }
        let status = self.transcript_status.as_deref();
        status.map_or(Ok(()), |status| one_of("state of a transcript", status, TRANSCRIPT_STATUSES))
    }
}

fn check_ids(vendor: Vendor, ids: &[String]) -> Result<(), String> {
    let is_wrong = |id: &&String| id.is_empty() || (vendor.has_uuid_ids() && !crate::ids::is_uuid(id));
    match ids.iter().find(is_wrong) {
        Some(id) => Err(format!("`{id}` cannot be an id of {}", vendor.as_str())),
        None => Ok(()),
    }
}

/// Checks that a record of this vendor can have this life-cycle state.
pub(crate) fn check_status(vendor: Vendor, status: &str) -> Result<(), String> {
    one_of("state", status, vendor.statuses())
}

fn one_of(what: &str, word: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&word) {
        return Ok(());
    }
    let there_are = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(format!("no {what} `{word}`; there are {there_are}"))
}
