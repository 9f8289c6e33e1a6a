//! The status and the history of a folder: those of its shards, added up.

use std::path::Path;

use super::ShardFolder;
use crate::error::{JobError, JobErrorKind};
use crate::history::{History, RunReport};
use crate::status::{Status, TargetStatus};
use crate::store::Store;
use crate::verify::Verify;

/// The most shards that are named as being run.
const MAX_NAMED: usize = 3;

/// Each shard is read at a moment of its own.
pub(crate) fn status(path: &Path) -> Result<Status, JobError> {
    let folder = ShardFolder::open(path)?;
    let mut holders = Vec::new();
    let read = |store: &Store, number| {
        let status = Status::of(store, store.holder())?;
        if let Some(holder) = &status.holder {
            holders.push(format!("{holder} (shard {number})"));
        }
        Ok(status)
    };
    let mut sum = sum_of(&folder, read, add_status)?;
    sort(&mut sum.runs);
    Ok(Status { plan_hash: Some(folder.plan_hash().to_owned()), holder: named(&holders), ..sum })
}

pub(crate) fn history(path: &Path) -> Result<History, JobError> {
    let read = |store: &Store, _| History::of(&store.connection);
    let mut history = sum_of(&ShardFolder::open(path)?, read, |sum: &mut History, shard| {
        sum.holds += shard.holds;
        sum.late_holds += shard.late_holds;
        sum.unmatched_holds += shard.unmatched_holds;
        sum.runs.extend(shard.runs);
        Ok(())
    })?;
    sort(&mut history.runs);
    Ok(history)
}

fn sort(runs: &mut [RunReport]) {
    runs.sort_by(|one, other| one.started_at.cmp(&other.started_at));
}

fn sum_of<T>(
    folder: &ShardFolder,
    mut read: impl FnMut(&Store, u16) -> Result<T, JobError>,
    add: impl Fn(&mut T, T) -> Result<(), JobError>,
) -> Result<T, JobError> {
    let mut next = |number| {
        let store = folder.open_shard(number)?;
        let part = read(&store, number)?;
        store.leave_wal();
        Ok::<T, JobError>(part)
    };
    let mut sum = next(0)?;
    (1..folder.shards()).try_for_each(|number| add(&mut sum, next(number)?))?;
    Ok(sum)
}

fn add_status(sum: &mut Status, shard: Status) -> Result<(), JobError> {
    sum.outcomes_may_be_missing |= shard.outcomes_may_be_missing;
    sum.has_lost_outcomes |= shard.has_lost_outcomes;
    sum.has_begun |= shard.has_begun;
    sum.refused += shard.refused;
    sum.runs.extend(shard.runs);
    if sum.verify == Verify::Off {
        sum.verify = shard.verify;
    }
    if sum.targets.len() != shard.targets.len() {
        return Err(JobError::new(JobErrorKind::Changed, "the shards have different targets"));
    }
    sum.targets.iter_mut().zip(shard.targets).for_each(|(sum, shard)| add_target(sum, shard));
    Ok(())
}

fn add_target(sum: &mut TargetStatus, shard: TargetStatus) {
    shard.outcomes.iter().for_each(|(outcome, records)| sum.outcomes.add_many(outcome, records));
    sum.planned += shard.planned;
    sum.in_doubt += shard.in_doubt;
    sum.still_present += shard.still_present;
    sum.verified += shard.verified;
    sum.unseen += shard.unseen;
    sum.unverified += shard.unverified;
    sum.lookups.absent += shard.lookups.absent;
    sum.lookups.present += shard.lookups.present;
    sum.lookups.unknown += shard.lookups.unknown;
    sum.lookups.open += shard.lookups.open;
    if shard.clock_skew.as_ref().map(|skew| &skew.measured_at) > sum.clock_skew.as_ref().map(|skew| &skew.measured_at) {
        sum.clock_skew = shard.clock_skew;
    }
    // Each shard accepts a credential on its own; the first time counts.
    for accepted in shard.accepted {
        match sum
            .accepted
            .iter_mut()
            .find(|known| (&known.credential, &known.base_url) == (&accepted.credential, &accepted.base_url))
        {
            Some(known) if known.accepted_at <= accepted.accepted_at => {}
            Some(known) => *known = accepted,
            None => sum.accepted.push(accepted),
        }
    }
    sum.accepted.sort_by(|one, other| one.accepted_at.cmp(&other.accepted_at));
}

fn named(holders: &[String]) -> Option<String> {
    let (first, rest) = holders.split_at(holders.len().min(MAX_NAMED));
    let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
    (!first.is_empty()).then(|| first.join(", ") + &more)
}
