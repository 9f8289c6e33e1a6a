use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::error::Error;
use crate::{Deletion, RecordId};

/// Among so many of the latest distinct ids a repeated one is found, and not sent again.
const MAX_KNOWN: usize = 65_536;

/// The latest ids, and what became of them.
#[derive(Default)]
pub(super) struct KnownIds {
    ids: HashMap<RecordId, Known>,
    /// The settled ones, oldest first.
    settled: VecDeque<RecordId>,
}

enum Known {
    InFlight { times: usize },
    Settled(Result<Deletion, Error>),
}

pub(super) enum Observed {
    New,
    /// Its result will be reported once more.
    InFlight,
    Settled(Result<Deletion, Error>),
}

impl KnownIds {
    pub(super) fn observe(&mut self, id: &RecordId) -> Observed {
        match self.ids.entry(id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(Known::InFlight { times: 1 });
                Observed::New
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                Known::Settled(result) => Observed::Settled(result.clone()),
                Known::InFlight { times } => {
                    *times += 1;
                    Observed::InFlight
                }
            },
        }
    }

    /// Keeps the result, and returns how many wait for it.
    pub(super) fn settle(&mut self, id: &RecordId, result: &Result<Deletion, Error>) -> usize {
        let Some(known) = self.ids.get_mut(id) else { return 1 };
        let Known::InFlight { times } = *known else { return 1 };
        *known = Known::Settled(result.clone());
        self.settled.push_back(id.clone());
        self.forget_oldest();
        times
    }

    fn forget_oldest(&mut self) {
        if self.settled.len() > MAX_KNOWN {
            if let Some(oldest) = self.settled.pop_front() {
                self.ids.remove(&oldest);
            }
        }
    }
}
