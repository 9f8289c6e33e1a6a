//! How often a record that is still present is looked up again within a `--wait`.

use std::time::Duration;

use delete_core::VerifyPolicy;

/// Returns the policy whose lookups go on for `wait`: at once, and after waits that double, the first of which is about a
/// second.
pub(crate) fn lasting(wait: Duration) -> VerifyPolicy {
    // After so many more lookups the waits are 1, 3, 7, 15 … times the first.
    let shares = (0..16).map(|more| (more, (1_u32 << more) - 1));
    let enough = shares.clone().find(|(_, share)| u128::from(*share) * 1000 >= wait.as_millis());
    match enough {
        Some((0, _)) => VerifyPolicy::once(),
        Some((more, share)) => VerifyPolicy::new(more + 1, wait / share),
        None => VerifyPolicy::new(17, wait / u32::from(u16::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_kept_to_the_millisecond_with_few_lookups() {
        for (milliseconds, count) in
            [(0, 0), (1, 1), (1000, 1), (1001, 2), (3000, 2), (7000, 3), (60_000, 6), (43_200_000, 16)]
        {
            let waits: Vec<Duration> = lasting(Duration::from_millis(milliseconds)).waits().collect();
            let sum: Duration = waits.iter().sum();
            assert_eq!(waits.len(), count, "{milliseconds}");
            assert!(sum.as_millis().abs_diff(milliseconds.into()) <= 1, "{milliseconds}: {sum:?}");
        }
        assert_eq!(lasting(Duration::from_secs(7)), VerifyPolicy::default());
    }
}
