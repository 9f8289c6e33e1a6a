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
    InFlight,
    Settled(Result<Deletion, Error>),
}

impl KnownIds {
    pub(super) fn observe(&mut self, id: &RecordId) -> Observed {
        match self.ids.get(id) {
            Some(Known::Settled(result)) => Observed::Settled(result.clone()),
            Some(Known::InFlight { .. }) => Observed::InFlight,
            None => {
                self.ids.insert(id.clone(), Known::InFlight { times: 1 });
                Observed::New
            }
        }
    }

    /// The id was drawn again while another batch holds it.
    pub(super) fn await_result(&mut self, id: &RecordId) {
        if let Some(Known::InFlight { times }) = self.ids.get_mut(id) {
            *times += 1;
        }
    }

    /// Keeps the result, and returns how many wait for it.
    pub(super) fn settle(&mut self, id: &RecordId, result: &Result<Deletion, Error>) -> usize {
        match self.ids.insert(id.clone(), Known::Settled(result.clone())) {
            Some(Known::Settled(_)) => 1,
            before => {
                self.settled.push_back(id.clone());
                self.forget_oldest();
                if let Some(Known::InFlight { times }) = before { times } else { 1 }
            }
        }
    }

    fn forget_oldest(&mut self) {
        if self.settled.len() > MAX_KNOWN {
            if let Some(oldest) = self.settled.pop_front() {
                self.ids.remove(&oldest);
            }
        }
    }
}
