//! The rules, and how one of them is reported as broken.

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    /// Only claimed records are looked up, deleted, or written about.
    Claimed,
    /// One claim and one write of intents at a time.
    OneRequestToJournal,
    /// No record is in two calls at once, or twice in one.
    OneCall,
    /// The intent of a record is on the disk before its delete is sent.
    DurableIntent,
    /// Nothing is sent for a record that is known as held.
    Held,
    /// Nothing is sent while the vendor throttles.
    Throttled,
    /// Until the first valid response, to reads and to deletes, one call is sent on its own.
    FirstAlone,
    /// At most 20 records are tried while all of them are absent, one at a time.
    Misses,
    /// Several records in a delete only where one was seen.
    BatchBeforeSeen,
    /// Nothing is deleted if all records are absent.
    AllAbsent,
    /// A record is seen before its delete if its absence is to be proved, or if active ones are kept.
    CheckedFirst,
    ActiveKept,
    /// The limits of the lane.
    Limits,
    /// Nothing is sent after a stop, the deadline, or a response that no other call can do better than.
    SentAfterStop,
    SentAfterDeadline,
    SentAfterFatal,
    /// A record has one outcome, and it is written only while no call is about the record.
    OneOutcome,
    /// An intent is taken back only if nothing was sent by it.
    ReleaseUnsent,
    /// At the end, a claimed record has an outcome, or no intent, or is in doubt.
    Ended,
    /// At `Finished`, every record has an outcome, and its presence after if that was asked for.
    Finished,
    /// What is reported as deleted is not at the vendor.
    ReportedDeleted,
    /// What the job removed is not reported as kept.
    ReportedKept,
    /// What is reported as present or absent is so.
    ReportedPresence,
    /// A run ends after so many steps, and waits only for what will come.
    Ends,
    Stuck,
    /// An undisturbed run finishes the job.
    Completes,
    /// A request follows soon after its intent, or after the last call that ended.
    IntentAge,
    /// A record is looked up before its delete only if that is asked for and was not done.
    Requests,
    /// Throttles fail nothing, and a line that is down fails nothing but the records of interactive jobs.
    OutageFailsNothing,
}

impl Rule {
    /// All rules.
    pub(super) const ALL: [Self; 29] = [
        Self::Claimed,
        Self::OneRequestToJournal,
        Self::OneCall,
        Self::DurableIntent,
        Self::Held,
        Self::Throttled,
        Self::FirstAlone,
        Self::Misses,
        Self::BatchBeforeSeen,
        Self::AllAbsent,
        Self::CheckedFirst,
        Self::ActiveKept,
        Self::Limits,
        Self::SentAfterStop,
        Self::SentAfterDeadline,
        Self::SentAfterFatal,
        Self::OneOutcome,
        Self::ReleaseUnsent,
        Self::Ended,
        Self::Finished,
        Self::ReportedDeleted,
        Self::ReportedKept,
        Self::ReportedPresence,
        Self::Ends,
        Self::Stuck,
        Self::Completes,
        Self::IntentAge,
        Self::Requests,
        Self::OutageFailsNothing,
    ];
}

/// The rule that was broken, and the record, if it is about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) record: Option<usize>,
}

pub(super) type Kept = Result<(), Broken>;

pub(super) fn require(holds: bool, rule: Rule, record: impl Into<Option<usize>>) -> Kept {
    if holds { Ok(()) } else { Err(Broken { rule, record: record.into() }) }
}

/// How long a run may take, in steps of the driver.
pub(super) fn most_steps(records: usize) -> usize {
    3_000 + 300 * records
}
