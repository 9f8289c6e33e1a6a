use std::sync::atomic::{AtomicU32, Ordering};

/// Bounds the retries of a client: a retry costs ten deposits, and each successful call deposits one.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    balance: AtomicU32,
    capacity: u32,
}

const RETRY_COST: u32 = 10;

impl RetryBudget {
    pub(super) fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(RETRY_COST);
        Self { balance: AtomicU32::new(capacity), capacity }
    }

    /// Pays for one retry; false if the budget is used up.
    pub(crate) fn withdraw(&self) -> bool {
        let pay = |balance: u32| balance.checked_sub(RETRY_COST);
        self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).is_ok()
    }

    /// Credits a successful call. A full budget is only read.
    pub(crate) fn deposit(&self) {
        let earn = |balance: u32| (balance < self.capacity).then(|| balance + 1);
        let _ = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, earn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_runs_out_and_is_earned_back_at_a_tenth() {
        let budget = RetryBudget::new(2);
        assert!(budget.withdraw() && budget.withdraw() && !budget.withdraw());
        (0..9).for_each(|_| budget.deposit());
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
    }

    #[test]
    fn deposits_do_not_exceed_the_capacity() {
        let budget = RetryBudget::new(1);
        (0..100).for_each(|_| budget.deposit());
        assert!(budget.withdraw() && !budget.withdraw());
    }
}
