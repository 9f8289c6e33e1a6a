//! The faults that are set, and which of them hits a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde_json::Value;

use super::Fault;
use crate::backend::{Call, Route};

/// A fault that was set. It counts the calls that the fault has hit, also after the fault was cleared.
#[derive(Clone, Debug)]
pub struct FaultHandle {
    hits: Arc<AtomicU64>,
}

impl FaultHandle {
    /// Returns how many calls the fault has hit.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }
}

/// The faults of one fake, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Faults {
    faults: Vec<Counted>,
}

struct Counted {
    fault: Fault,
    /// Calls that matched, whether this fault won or not.
    seen: u64,
    /// Calls that this fault hit, so that faults with `times` queue up.
    handle: FaultHandle,
}

/// One fault as the control API shows it.
#[derive(Serialize)]
pub(crate) struct FaultView {
    fault: Value,
    hits: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) -> FaultHandle {
        let handle = FaultHandle { hits: Arc::default() };
        self.faults.push(Counted { fault, seen: 0, handle: handle.clone() });
        handle
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn views(&self) -> Vec<FaultView> {
        self.faults.iter().map(Counted::view).collect()
    }

    /// Picks the fault that hits this call.
    pub(crate) fn pick(&mut self, call: &Call<'_>) -> Option<&Fault> {
        let mut picked = None;
        for counted in self.faults.iter_mut().filter(|counted| counted.fault.matches(call)) {
            counted.seen += 1;
            if picked.is_none() && counted.fault.hits(counted.seen, counted.handle.hits()) {
                counted.handle.hits.fetch_add(1, Ordering::Relaxed);
                picked = Some(&counted.fault);
            }
        }
        picked
    }
}

impl Counted {
    /// Without the members that were not set.
    fn view(&self) -> FaultView {
        let mut fault = serde_json::to_value(&self.fault).unwrap_or_default();
        if let Value::Object(members) = &mut fault {
            members.retain(|_, value| !value.is_null());
        }
        FaultView { fault, hits: self.handle.hits() }
    }
}

impl Fault {
    fn matches(&self, call: &Call<'_>) -> bool {
        (self.route == Route::Any || self.route == call.route) && self.id.as_deref().is_none_or(|id| is_about(call, id))
    }

    /// Whether the `count`th matching call (from 1) is hit, after this fault has hit `before` calls.
    fn hits(&self, count: u64, before: u64) -> bool {
        let has_times_left = self.times.is_none_or(|times| before < times);
        match (self.nth, self.every, self.share) {
            (Some(nth), _, _) => (nth..nth.saturating_add(self.times.unwrap_or(1))).contains(&count),
            (_, Some(every), _) => has_times_left && count % every == 0,
            (_, _, Some(share)) => has_times_left && hits_share(share, count),
            _ => has_times_left,
        }
    }
}

fn is_about(call: &Call<'_>, id: &str) -> bool {
    call.subject.eq_ignore_ascii_case(id)
        || call.target.values("interactionId").any(|known| known.eq_ignore_ascii_case(id))
        || (call.route == Route::BulkDelete && String::from_utf8_lossy(call.request.body()).contains(id))
}

/// The `count`th call is hit if it takes the number of hits due to the next whole number.
fn hits_share(share: f64, count: u64) -> bool {
    hits_so_far(share, count) > hits_so_far(share, count.saturating_sub(1))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of calls"
)]
fn hits_so_far(share: f64, count: u64) -> u64 {
    (share * count as f64).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit_calls(fault: &Fault) -> Vec<u64> {
        let mut hit = Vec::new();
        for count in 1..=12 {
            if fault.hits(count, hit.len() as u64) {
                hit.push(count);
            }
        }
        hit
    }

    #[test]
    fn the_calls_that_are_hit_can_be_chosen() {
        assert_eq!(hit_calls(&Fault::reset()).len(), 12);
        assert_eq!(hit_calls(&Fault::reset().once()), [1]);
        assert_eq!(hit_calls(&Fault::reset().times(3)), [1, 2, 3]);
        assert_eq!(hit_calls(&Fault::reset().nth(4)), [4]);
        assert_eq!(hit_calls(&Fault::reset().nth(4).times(2)), [4, 5]);
        assert_eq!(hit_calls(&Fault::reset().every(5)), [5, 10]);
        assert_eq!(hit_calls(&Fault::reset().every(5).times(1)), [5]);
        assert_eq!(hit_calls(&Fault::reset().share(0.25)), [4, 8, 12]);
        assert_eq!(hit_calls(&Fault::reset().share(1.0)).len(), 12);
        assert_eq!(hit_calls(&Fault::reset().share(0.0)).len(), 0);
    }
}
