//! `delete --verify`: sees each record, deletes it, and sees whether it is gone. All of it is held in memory, because what
//! a record's line says is known only at the end.

mod settle;

use std::fmt;

use delete_core::{Clock, Deleter, ErasureMode, Error, Presence, RecordId, RecordReader, VerifyPolicy};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::args::VendorName;
use crate::children::ChildReports;
use crate::exit::Exit;
use crate::ids::{Entry, IdList};
use crate::look::{Looker, Seen};
use crate::progress::Progress;
use crate::report::{Item, Output, Proof, ProofTally, Record, Summary, Tally, count};
use crate::run::{self, Ending, Job, Stop};
use crate::signals::unless_interrupted;

/// What is to be deleted and proved.
pub(crate) struct ProofJob<'a> {
    pub(crate) vendor: VendorName,
    pub(crate) deleter: &'a dyn Deleter,
    pub(crate) reader: &'a dyn RecordReader,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) children: Option<&'a ChildReports>,
    pub(crate) ids: &'a IdList,
    pub(crate) concurrency: usize,
    /// How many ids travel in one request, where all of them were seen.
    pub(crate) batch: usize,
    pub(crate) looks: VerifyPolicy,
    pub(crate) erasure: Option<ErasureMode>,
    pub(crate) is_all_absent_ok: bool,
}

/// How it ended.
#[derive(Default)]
pub(crate) struct Proven {
    /// One for each id that is not held, in their order.
    pub(crate) records: Vec<Record>,
    pub(crate) proof: ProofTally,
    /// Records that the vendor still shows after a delete was sent for them.
    pub(crate) still_present: Vec<String>,
    /// Why no more was sent, or looked at.
    pub(crate) stop: Option<Stop>,
    /// Whether a record is unknown because nobody waited for its response or its next attempt, or looked it up.
    pub(crate) was_abandoned: bool,
    /// Why nothing was deleted at all, with the exit code that belongs to it.
    pub(crate) refusal: Option<(Exit, String)>,
}

/// What lookups reported for the ids so far.
#[derive(Default)]
struct Looked {
    before: Seen,
    after: Seen,
}

/// Carries out `job`. [`tell`] reports what it did.
pub(crate) async fn run(job: &ProofJob<'_>, progress: &Progress, signals: &mut UnboundedReceiver<()>) -> Proven {
    let mut looked = Looked::default();
    let ids = match all_ids(job.ids) {
        Ok(ids) => ids,
        Err(error) => return refuse(job, &looked, Exit::Fault, error.to_string()),
    };
    if let Err((exit, reason)) = look_before(job, &ids, &mut looked, signals).await {
        return refuse(job, &looked, exit, reason);
    }
    let mut deleted = delete(job, &looked, progress, signals).await;
    // Whoever interrupted the deletes does not want to wait for looks.
    deleted.was_abandoned |= deleted.stop == Some(Stop::Interrupted);
    if !deleted.was_abandoned {
        look_after(job, &ids, &mut deleted, &mut looked, progress, signals).await;
    }
    settle::settle(job, deleted, &looked)
}

fn all_ids(ids: &IdList) -> Result<Vec<RecordId>, Error> {
    (0..ids.len()).map(|number| ids.id(number)).collect()
}

fn refuse(job: &ProofJob<'_>, looked: &Looked, exit: Exit, reason: String) -> Proven {
    let record = |number| Record {
        proof: Some(Box::new(Proof::of(looked.before.get(number).and_then(Option::as_ref), None))),
        ..Record::not_attempted(job.ids.id_text(number))
    };
    let records = (0..job.ids.len()).map(record).collect();
    Proven { records, refusal: Some((exit, reason)), ..Proven::default() }
}

/// Makes sure that this is the right place, and looks at all records. The error is a reason to delete nothing.
async fn look_before(
    job: &ProofJob<'_>,
    ids: &[RecordId],
    looked: &mut Looked,
    signals: &mut UnboundedReceiver<()>,
) -> Result<(), (Exit, String)> {
    let interrupted = || (Exit::Stopped, "interrupted: nothing was deleted".to_owned());
    let checked = unless_interrupted(job.reader.check_credential(), signals).await.ok_or_else(interrupted)?;
    let checked = checked.map_err(|error| unproven(job, Exit::after(&error), &error))?;
    if checked.may_delete == Some(false) {
        return Err(unproven(job, Exit::CredentialRefused, &"the credential may read and not delete"));
    }
    let mut looker = Looker::new(job.reader, job.concurrency, job.clock);
    let looking = looker.look(ids, VerifyPolicy::once(), &mut looked.before);
    unless_interrupted(looking, signals).await.ok_or_else(interrupted)?;
    if let Some((stop, reason)) = looker.stop() {
        return Err(unproven(job, stop.exit(), &reason));
    }
    if let Some(error) = failed_sweep(job, looked) {
        return Err(unproven(job, Exit::after(error), error));
    }
    let is_missing = |presence: &Option<Presence>| presence.as_ref().is_some_and(Presence::is_missing);
    if ids.len() > 1 && !job.is_all_absent_ok && looked.before.iter().all(is_missing) {
        return Err((Exit::Unsafe, none_is_there(job, ids.len())));
    }
    Ok(())
}

/// Why a lookup of all records together did not finish.
fn failed_sweep<'a>(job: &ProofJob<'_>, looked: &'a Looked) -> Option<&'a Error> {
    let unknown = looked.before.iter().flatten().find_map(|presence| match presence {
        Presence::Unknown(error) if !presence.is_missing() => Some(error),
        _ => None,
    });
    unknown.filter(|_| job.reader.prefers_bulk_lookup())
}

fn unproven(job: &ProofJob<'_>, exit: Exit, reason: &dyn fmt::Display) -> (Exit, String) {
    let advice = match exit {
        Exit::CredentialRefused => {
            " (where the credential may delete and not read, a run without --verify would delete without proof)"
        }
        _ => "",
    };
    (exit, format!("nothing was deleted: {reason}{advice}; look at {}", job.vendor.variables()))
}

fn none_is_there(job: &ProofJob<'_>, ids: usize) -> String {
    let ids = count(ids as u64, "id");
    let variables = job.vendor.variables();
    format!(
        "nothing was deleted: none of the {ids} is there, which looks like the wrong workspace or region: look at \
         {variables} (if all of them were removed before, add --all-absent-ok)"
    )
}

/// Deletes what was seen in batches, and then the rest one by one, so that an id which is not there cannot spoil the
/// answer to a batch.
async fn delete(
    job: &ProofJob<'_>,
    looked: &Looked,
    progress: &Progress,
    signals: &mut UnboundedReceiver<()>,
) -> Deleted {
    let is_seen = |number: &usize| looked.before[*number].as_ref().is_some_and(Presence::is_present);
    let mut deleted = Deleted { records: unseen_records(job, looked), stop: None, was_abandoned: false };
    let is_open = |number: &usize| deleted.records[*number].is_none();
    let (seen, unseen): (Vec<usize>, Vec<usize>) = (0..job.ids.len()).filter(is_open).partition(is_seen);
    for (numbers, batch) in [(seen, job.batch), (unseen, 1)] {
        let ids = job.ids.select(numbers.iter().copied());
        let (concurrency, stop) = (job.concurrency, deleted.stop);
        let part = Job { deleter: job.deleter, children: job.children, ids: &ids, concurrency, batch, stop };
        let (ending, records) = collect(part, progress, signals).await;
        deleted.stop = deleted.stop.or(ending.stop);
        deleted.was_abandoned |= ending.was_abandoned;
        for (number, record) in numbers.into_iter().zip(records) {
            deleted.records[number] = Some(record);
        }
    }
    deleted
}

/// The reports on records that could not be looked at: there would be no proof, so they are not deleted.
fn unseen_records(job: &ProofJob<'_>, looked: &Looked) -> Vec<Option<Record>> {
    let report = |number: usize| match looked.before.get(number) {
        Some(Some(presence @ Presence::Unknown(error))) if !presence.is_missing() => {
            Some(Record::not_looked_at(job.ids.id_text(number), error))
        }
        _ => None,
    };
    (0..job.ids.len()).map(report).collect()
}

/// What became of the deletes, before anybody looked again.
struct Deleted {
    records: Vec<Option<Record>>,
    stop: Option<Stop>,
    was_abandoned: bool,
}

async fn collect(job: Job<'_>, progress: &Progress, signals: &mut UnboundedReceiver<()>) -> (Ending, Vec<Record>) {
    let (sender, mut told) = mpsc::channel(64);
    let output = Output::new(sender);
    let running = async move {
        let ending = run::run(job, progress, &output, signals).await;
        // The hearing ends with it.
        drop(output);
        ending
    };
    let hearing = async {
        let mut records = Vec::new();
        while let Some(item) = told.recv().await {
            if let Item::Record(record) = item {
                records.push(*record);
            }
        }
        records
    };
    tokio::join!(running, hearing)
}

/// Looks again at all that was sent.
async fn look_after(
    job: &ProofJob<'_>,
    ids: &[RecordId],
    deleted: &mut Deleted,
    looked: &mut Looked,
    progress: &Progress,
    signals: &mut UnboundedReceiver<()>,
) {
    let was_sent = |number: &usize| deleted.records[*number].as_ref().is_some_and(settle::was_sent);
    let sent: Vec<usize> = (0..ids.len()).filter(was_sent).collect();
    let sent_ids: Vec<RecordId> = sent.iter().map(|number| ids[*number].clone()).collect();
    if sent_ids.is_empty() {
        return;
    }
    // After a soft delete nobody waits for the record to go.
    let looks = if job.erasure == Some(ErasureMode::Soft) { VerifyPolicy::once() } else { job.looks };
    let mut looker = Looker::new(job.reader, job.concurrency, job.clock);
    let mut seen = Seen::new();
    if unless_interrupted(looker.look(&sent_ids, looks, &mut seen), signals).await.is_none() {
        progress.note("interrupted: not looking any more whether the records are gone");
        deleted.stop.get_or_insert(Stop::Interrupted);
        deleted.was_abandoned = true;
    }
    if let Some((stop, reason)) = looker.stop() {
        progress.note(&format!("stopping to look: {reason}"));
        deleted.was_abandoned = true;
        if deleted.stop.is_none() || stop == Stop::CredentialRefused {
            deleted.stop = Some(stop);
        }
    }
    looked.after.resize_with(ids.len(), || None);
    for (number, presence) in sent.into_iter().zip(seen) {
        looked.after[number] = presence;
    }
}

/// Reports what became of each id in the order of the input, the held ones among them, and the summary. Gives how many there are of each outcome.
pub(crate) async fn tell(ids: &IdList, proven: &Proven, output: &Output) -> Tally {
    let mut tally = Tally::default();
    let mut records = proven.records.iter();
    for entry in ids.entries() {
        let record = match entry {
            Entry::Refused(refused) => Record { proof: Some(Box::default()), ..Record::refused(refused) },
            Entry::Id(number) if ids.is_held(number) => {
                Record { proof: Some(Box::default()), ..Record::unsent(ids, number) }
            }
            Entry::Id(_) => match records.next() {
                Some(record) => record.clone(),
                None => continue,
            },
        };
        tally.add(record.outcome);
        output.send(Item::Record(Box::new(record))).await;
    }
    output.send(Item::Summary(Summary { tally, proof: Some(proven.proof) })).await;
    tally
}

#[cfg(test)]
mod tests;
