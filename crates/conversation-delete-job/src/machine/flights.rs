//! The calls in flight.

use std::time::Instant;

use super::Probe;
use super::event::{CallId, Operation};
use super::queue::Batch;

#[derive(Debug)]
pub(super) struct Flight {
    pub(super) batch: Batch,
    pub(super) sent_at: Instant,
    /// It is this probe.
    pub(super) probe: Option<Probe>,
}

/// The calls in flight, by their numbers, which are used again.
#[derive(Debug, Default)]
pub(super) struct Flights {
    slots: Vec<Option<Flight>>,
    free: Vec<CallId>,
}

impl Flights {
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them do this.
    pub(super) fn count(&self, operation: Operation) -> usize {
        self.slots.iter().flatten().filter(|flight| flight.batch.operation == operation).count()
    }

    pub(super) fn insert(&mut self, flight: Flight) -> CallId {
        match self.free.pop() {
            Some(call) => {
                self.slots[call] = Some(flight);
                call
            }
            None => {
                self.slots.push(Some(flight));
                self.slots.len() - 1
            }
        }
    }

    /// A call has ended.
    pub(super) fn take(&mut self, call: CallId) -> Option<Flight> {
        let flight = self.slots.get_mut(call)?.take()?;
        self.free.push(call);
        Some(flight)
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Flight> + use<> {
        self.free.clear();
        std::mem::take(&mut self.slots).into_iter().flatten()
    }
}
