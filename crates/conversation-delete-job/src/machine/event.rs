//! What the machine gets, and what it asks for.

use std::ops::Deref;
use std::time::{Instant, SystemTime};

use delete_core::{Deletion, Error, RecordId, Status};

use crate::journal::{Entry, Intent, Sighting, Work};
use crate::presence::PresenceState;
use crate::run::{Ending, Waiting};

/// A call in flight.
pub(crate) type CallId = usize;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// Checks the credential. It shows too whether the vendor is available.
    CheckCredential,
    /// Looks up records before their delete: whether they are present, and whether they are active.
    Check,
    Delete,
    /// Looks up records after their delete.
    Lookup,
    /// Reads one complete list after the deletes.
    List,
}

impl Operation {
    /// Reads are 0, deletes 1.
    pub(crate) const fn side(self) -> usize {
        matches!(self, Self::Delete) as usize
    }
}

/// A record that was claimed.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) record: i64,
    pub(crate) id: RecordId,
    /// What is known of its presence before its delete.
    pub(crate) before: Option<PresenceState>,
    /// A list or lookup showed a final status.
    pub(crate) is_over: bool,
    /// An earlier run had its intent, and nobody knows whether its request left.
    pub(crate) is_ambiguous: bool,
}

/// The ids of a call.
#[derive(Clone, Debug)]
pub(crate) enum Ids {
    One(RecordId),
    Several(Vec<RecordId>),
}

impl Deref for Ids {
    type Target = [RecordId];

    fn deref(&self) -> &[RecordId] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Several(ids) => ids,
        }
    }
}

/// What a call returned for a record, if it did not fail.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Deletion(Deletion),
    /// A lookup or list has the record, or does not.
    Seen(Sighting),
    /// The record is present, and active with this status.
    Active(Sighting, Status),
    /// The deleter refused to send the delete, because the record is held by now.
    Held,
    /// The same, because the holds could not be read: the record stays open, and the run ends.
    HoldsUnreadable,
}

/// What has happened.
#[derive(Debug)]
pub(crate) enum Event {
    Start,
    /// Records were claimed: the last ones of this work if `is_last`.
    Claimed {
        records: Vec<Record>,
        is_last: bool,
    },
    /// The intents that were asked for are on the disk, but for those of held or settled records.
    Intended(Vec<Intent>),
    /// A call has ended.
    Returned {
        call: CallId,
        at: SystemTime,
        results: Vec<Result<Answer, Error>>,
    },
    /// A check of the credential has ended: whether it may delete, if that is known.
    Checked {
        call: CallId,
        result: Result<Option<bool>, Error>,
    },
    /// The list has ended.
    Listed {
        call: CallId,
        result: Result<(), Error>,
    },
    /// The call was not made: these of its records are held by now.
    Held {
        call: CallId,
        held: Vec<bool>,
    },
    /// The call was not made: the holds could not be read.
    HoldsUnreadable {
        call: CallId,
    },
    /// Send no more.
    Drain,
    /// Forget what is in flight.
    Abort,
    /// The job file cannot be written, or is lost.
    JournalFailed,
    /// The time of [`Poll::Wait`] has come.
    Wake,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Command {
    Claim {
        work: Work,
        count: usize,
    },
    Intend(Vec<i64>),
    /// Takes back the intents of records that were not sent.
    Release(Vec<i64>),
    Send {
        call: CallId,
        operation: Operation,
        ids: Ids,
    },
    /// Drops every call in flight.
    Abandon,
    Write(Entry),
    /// Ends the list after the deletes, with the reason if it is not complete.
    EndList(Result<(), String>),
    ReportWait(Waiting),
    /// A record is deleted although it could not be looked up.
    ReportUnchecked(Error),
}

/// What to wait for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Poll {
    /// The next event, or until this time.
    Wait {
        until: Option<Instant>,
    },
    Done(Ending),
}
