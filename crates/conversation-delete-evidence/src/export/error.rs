//! Why no bundle was made.

use std::io;

use conversation_delete_job::JobError;

use crate::format::MOST_RECORDS;

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The job cannot be read, or its plan was changed after it was made.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The bundle cannot be written.
    #[error("the bundle cannot be written: {0}")]
    Write(#[from] io::Error),
    /// A process runs the job now.
    #[error("the job is being run by {0}: export it when the run has ended")]
    Running(String),
    /// The job was run or changed while it was read.
    #[error("the job was changed while it was read: export it again")]
    Changed,
    /// The job has more records than a bundle holds.
    #[error("the job has more records than the {MOST_RECORDS} that a bundle holds")]
    TooLarge,
}
