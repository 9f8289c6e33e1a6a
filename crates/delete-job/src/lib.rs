#![doc = include_str!("../README.md")]

mod accepted;
mod amend;
mod child;
mod clock;
mod credential;
mod error;
mod holds;
mod journal;
mod lane;
mod location;
mod lock;
mod open_file;
mod pace;
mod pass;
mod plan;
mod reopen;
mod report;
mod run;
mod status;
mod store;
mod target;

pub use accepted::AcceptedCredential;
pub use child::{ChildJournal, ChildReport};
pub use clock::MeasuredSkew;
pub use credential::CredentialEvidence;
pub use error::{JobError, JobErrorKind};
pub use holds::{DeletedBefore, HoldPlace, HoldReport, LateHolds, UnmatchedHold, UnmatchedHolds, add_holds};
pub use lane::Lane;
pub use location::network_file_system;
pub use pace::Limits;
pub use plan::{Plan, Planner};
pub use report::{Follower, RecordReport, RefusedReport, export, export_refused};
pub use run::{Ending, Halt, Job, Options, Progress, Waiting};
pub use status::{LookCounts, Status, TargetStatus};
pub use target::{Target, TargetDifference, TargetNumber};
