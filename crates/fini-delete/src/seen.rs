use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delete_core::RecordId;

/// Together, two generations hold at most four million conversations.
const GENERATION: usize = 2_000_000;

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

impl Default for SeenIds {
    fn default() -> Self {
        Self::with_generations_of(GENERATION)
    }
}

impl SeenIds {
    fn with_generations_of(size: usize) -> Self {
        let (newer, older) = (HashSet::new(), HashSet::new());
        Self(Arc::new(Mutex::new(Generations { newer, older, size, hasher: RandomState::new() })))
    }

    pub(crate) fn insert<'a>(&self, ids: impl IntoIterator<Item = &'a RecordId>) {
        let mut generations = self.lock();
        for id in ids {
            generations.insert(id);
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

impl Generations {
    fn insert(&mut self, id: &RecordId) {
        let hash = self.hasher.hash_one(id);
        if self.newer.len() >= self.size && !self.newer.contains(&hash) {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(hash);
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
        let seen = SeenIds::with_generations_of(10);
        for number in 0..1000 {
            seen.insert([&id(0), &id(number)]);
            assert!(seen.contains(&id(0)) && seen.contains(&id(number.saturating_sub(5))), "{number}");
        }
        let kept = (0..1000).filter(|number| seen.contains(&id(*number))).count();
        assert!((10..=20).contains(&kept), "{kept}");
    }

    #[test]
    fn clones_share_the_seen_ids() {
        let seen = SeenIds::default();
        seen.clone().insert([&id(1)]);
        assert!(seen.contains(&id(1)) && !seen.contains(&id(2)));
    }
}
