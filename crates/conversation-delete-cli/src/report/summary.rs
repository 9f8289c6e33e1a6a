//! The counts at the end of a report on deletions.

use conversation_delete_job::Counts;

use super::lines::CountMembers;

/// The end of a report on deletions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) counts: CountMembers,
    /// Whether records were looked up, so that what is verified is shown to people.
    pub(crate) has_lookups: bool,
    /// How the run of a job ended.
    pub(crate) ending: Option<&'static str>,
    /// The file of the job.
    pub(crate) job: Option<String>,
}

impl From<Counts> for Summary {
    fn from(counts: Counts) -> Self {
        Self { counts: CountMembers::of(&counts), ..Self::default() }
    }
}
