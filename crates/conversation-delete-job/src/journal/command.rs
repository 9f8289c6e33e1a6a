//! The commands to the thread that owns the file, and its replies.

use tokio::sync::oneshot;

use super::{Claimed, Entry, Intent, Work};
use crate::error::{JobError, JobErrorKind};
use crate::target::TargetNumber;

#[derive(Debug)]
pub(super) enum Command {
    Claim {
        target: TargetNumber,
        work: Work,
        count: usize,
        reply: oneshot::Sender<Result<Vec<Claimed>, JobError>>,
    },
    Append {
        target: TargetNumber,
        entry: Entry,
    },
    Intend {
        target: TargetNumber,
        records: Vec<i64>,
        reply: oneshot::Sender<Result<Vec<Intent>, JobError>>,
    },
    /// Their requests did not leave, and will not within the next moment: the intents are taken back.
    Release {
        records: Vec<i64>,
    },
    Flush {
        reply: oneshot::Sender<Result<(), JobError>>,
    },
    Listed {
        target: TargetNumber,
        ids: Vec<String>,
    },
    /// It is about the records that follow `after`.
    EndList {
        target: TargetNumber,
        broke_off: Option<String>,
        after: i64,
    },
    EndRun {
        ending: String,
    },
}

impl Command {
    /// Whether its group is written at once: somebody waits for it, it takes transactions of its own, or it is about a
    /// child, whose list will not show it again.
    pub(super) fn is_urgent(&self) -> bool {
        let is_child = matches!(self, Self::Append { entry: Entry::Child { .. }, .. });
        is_child || matches!(self, Self::Claim { .. } | Self::Intend { .. } | Self::Flush { .. } | Self::EndList { .. })
    }

    pub(super) fn is_outcome(&self) -> bool {
        matches!(self, Self::Append { entry: Entry::Outcome(_), .. })
    }

    /// Once the file is lost, no request is begun; the results of requests in flight are still written, because the final report
    /// reads them. In a file that another run has taken over, nothing else is touched.
    pub(super) fn may_be_written(&self, loss: Option<JobErrorKind>) -> bool {
        match (loss, self) {
            (None, _) | (_, Self::Append { .. }) => true,
            (Some(JobErrorKind::TakenOver), _) => false,
            (Some(_), Self::Release { .. } | Self::Listed { .. } | Self::EndList { .. } | Self::EndRun { .. }) => true,
            (Some(_), Self::Claim { .. } | Self::Intend { .. } | Self::Flush { .. }) => false,
        }
    }
}

/// Who waits, and for what.
pub(super) enum Reply {
    Claimed(oneshot::Sender<Result<Vec<Claimed>, JobError>>, Vec<Claimed>),
    Intended { reply: oneshot::Sender<Result<Vec<Intent>, JobError>>, intents: Vec<Intent>, records: Vec<i64> },
    Flushed(oneshot::Sender<Result<(), JobError>>),
}

/// Sends a reply, and gives the records whose intents nobody took: nobody sends them.
pub(super) fn give(reply: Reply) -> Vec<i64> {
    match reply {
        Reply::Flushed(reply) => drop(reply.send(Ok(()))),
        Reply::Claimed(reply, claimed) => drop(reply.send(Ok(claimed))),
        Reply::Intended { reply, intents, records } => {
            if let Err(Ok(intents)) = reply.send(Ok(intents)) {
                let written = intents.iter().zip(records).filter(|(intent, _)| **intent == Intent::Written);
                return written.map(|(_, record)| record).collect();
            }
        }
    }
    Vec::new()
}
