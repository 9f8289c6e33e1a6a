use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delete_core::RecordId;

/// Together, two generations hold at most four million conversations.
pub(crate) const GENERATION: usize = 2_000_000;

/// The conversations that the credential of a client has seen, as hashes in bounded memory that clones share.
///
/// An id that had to make room for newer ones counts as never seen, so its absence is not proven.
#[derive(Clone)]
pub(crate) struct SeenIds(Arc<Mutex<Generations>>);

struct Generations {
    newer: HashSet<u64>,
    older: HashSet<u64>,
    size: usize,
    hasher: RandomState,
}

impl SeenIds {
    /// `size` is that of a generation.
    pub(crate) fn new(size: usize) -> Self {
        let (newer, older) = (HashSet::new(), HashSet::new());
        Self(Arc::new(Mutex::new(Generations { newer, older, size, hasher: RandomState::new() })))
    }

    pub(crate) fn insert<'a>(&self, ids: impl IntoIterator<Item = &'a RecordId>) {
        let generations = &mut *self.lock();
        for id in ids {
            let hash = generations.hasher.hash_one(id);
            if generations.newer.len() >= generations.size && !generations.newer.contains(&hash) {
                generations.older = mem::take(&mut generations.newer);
            }
            generations.newer.insert(hash);
        }
    }

    pub(crate) fn contains(&self, id: &RecordId) -> bool {
        let generations = self.lock();
        let hash = generations.hasher.hash_one(id);
        generations.newer.contains(&hash) || generations.older.contains(&hash)
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SeenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenIds").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> RecordId {
        Uuid::from_u128(number).into()
    }

    #[test]
    fn the_newest_are_kept_in_bounded_memory() {
        let seen = SeenIds::new(10);
        for number in 0..1000 {
            seen.insert([&id(0), &id(number)]);
            assert!(seen.contains(&id(0)) && seen.contains(&id(number.saturating_sub(5))), "{number}");
        }
        let kept = (0..1000).filter(|number| seen.contains(&id(*number))).count();
        assert!((10..=20).contains(&kept), "{kept}");
    }

    #[test]
    fn clones_share_the_seen_ids() {
        let seen = SeenIds::new(10);
        seen.clone().insert([&id(1)]);
        assert!(seen.contains(&id(1)) && !seen.contains(&id(2)));
    }
}
