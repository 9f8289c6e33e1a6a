use std::future::Future;
use std::time::Duration;

use super::{Presence, RecordReader};
use crate::error::{Error, ErrorExt};
use crate::{Clock, RecordId, SystemClock};

/// How often to look up a record that should be gone, and how long to wait between the lookups.
///
/// No vendor documents how soon a deletion shows in its reads. The default is four lookups: at once, and after waits of
/// 1, 2 and 4 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyPolicy {
    count: u32,
    first_wait: Duration,
}

impl VerifyPolicy {
    /// At most `count` lookups (0 counts as 1), with waits between them that begin at `first_wait` and double.
    pub const fn new(count: u32, first_wait: Duration) -> Self {
        Self { count: if count == 0 { 1 } else { count }, first_wait }
    }

    /// One lookup, whatever it reports.
    pub const fn once() -> Self {
        Self::new(1, Duration::ZERO)
    }

    /// The waits between the lookups, in order.
    pub fn waits(self) -> impl Iterator<Item = Duration> {
        (0..self.count - 1).map(move |made| self.first_wait.saturating_mul(2_u32.saturating_pow(made)))
    }
}

impl Default for VerifyPolicy {
    fn default() -> Self {
        Self::new(4, Duration::from_secs(1))
    }
}

/// Conveniences over any [`RecordReader`].
pub trait RecordReaderExt: RecordReader {
    /// Looks up records that should be gone, as often as `policy` allows while one of them is present or its lookup failed in a
    /// way that passes. The results are in the order of `ids`.
    fn confirm_absence(&self, ids: &[RecordId], policy: VerifyPolicy) -> impl Future<Output = Vec<Presence>> + Send {
        self.confirm_absence_with_clock(ids, policy, &SystemClock)
    }

    /// Like [`confirm_absence`](Self::confirm_absence), but waits by this clock.
    fn confirm_absence_with_clock(
        &self,
        ids: &[RecordId],
        policy: VerifyPolicy,
        clock: &dyn Clock,
    ) -> impl Future<Output = Vec<Presence>> + Send {
        confirm_absence(self, ids, policy, clock)
    }
}

impl<R: RecordReader + ?Sized> RecordReaderExt for R {}

/// Looks records up until none of them may change any more, or the policy ends.
async fn confirm_absence<R: RecordReader + ?Sized>(
    reader: &R,
    ids: &[RecordId],
    policy: VerifyPolicy,
    clock: &dyn Clock,
) -> Vec<Presence> {
    let mut presences = reader.lookup_many(ids).await;
    // A record without a result must not vanish from the report.
    presences.resize_with(ids.len(), || Presence::Unknown(missing_lookup().for_vendor(reader.vendor())));
    for wait in policy.waits() {
        let (pending, earlier): (Vec<RecordId>, Vec<Presence>) =
            ids.iter().cloned().zip(presences.iter().cloned()).filter(|(_, presence)| presence.may_change()).unzip();
        if pending.is_empty() {
            break;
        }
        clock.sleep(wait).await;
        let newer = reader.lookup_again(&pending, &earlier).await;
        let pending = presences.iter_mut().filter(|presence| presence.may_change());
        pending.zip(newer).for_each(|(presence, newer)| *presence = newer);
    }
    presences
}

fn missing_lookup() -> Error {
    Error::unexpected_response("the reader returned no result for this record")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::testing::TestClock;
    use crate::{CredentialCheck, ErrorKind, Filter, Listing, Status, Vendor};

    #[test]
    fn waits_double_and_are_bounded() {
        let waits: Vec<u64> = VerifyPolicy::default().waits().map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [1, 2, 4]);
        assert_eq!(VerifyPolicy::once().waits().count(), 0);
        assert_eq!(VerifyPolicy::new(0, Duration::MAX).waits().count(), 0);
        assert_eq!(VerifyPolicy::new(3, Duration::MAX).waits().last(), Some(Duration::MAX));
    }

    /// Reports each record as this function of its number and of how many lookups were made before.
    struct Scripted(fn(u128, usize) -> Presence, Mutex<Vec<Vec<RecordId>>>);

    #[async_trait]
    impl RecordReader for Scripted {
        fn vendor(&self) -> Vendor {
            Vendor::new("test", "Test")
        }

        fn list(&self, _: &Filter) -> Result<Listing, Error> {
            Ok(Listing::from_records([]))
        }

        async fn lookup(&self, id: &RecordId) -> Presence {
            self.lookup_many(std::slice::from_ref(id)).await.remove(0)
        }

        async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
            let mut calls = self.1.lock().unwrap();
            calls.push(ids.to_vec());
            let number = |id: &RecordId| id.as_uuid().unwrap().as_u128();
            ids.iter().map(|id| (self.0)(number(id), calls.len() - 1)).collect()
        }

        async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
            Ok(None)
        }

        async fn check_credential(&self) -> Result<CredentialCheck, Error> {
            Ok(CredentialCheck::new("test", true))
        }
    }

    #[tokio::test]
    async fn only_what_may_change_is_looked_up_again() {
        let reader = Scripted(
            |number, calls| match (number, calls) {
                (0, _) | (1, 1..) => Presence::Absent,
                (3, _) => Presence::Unknown(Error::builder(ErrorKind::MissingScope, "x").build()),
                (2, 0) => Presence::Unknown(Error::builder(ErrorKind::Timeout, "x").retryable(true).build()),
                _ => Presence::present(None),
            },
            Mutex::default(),
        );
        let ids: Vec<RecordId> = (0..4).map(|number| uuid::Uuid::from_u128(number).into()).collect();
        let clock = TestClock::new();
        let policy = VerifyPolicy::new(3, Duration::from_secs(1));
        let presences = reader.confirm_absence_with_clock(&ids, policy, &clock).await;
        let words: Vec<_> = presences.iter().map(Presence::as_str).collect();
        assert_eq!(words, ["absent", "absent", "present", "unknown"]);
        assert_eq!(*reader.1.lock().unwrap(), [&ids[..], &ids[1..3], &ids[2..3]]);
        assert_eq!(clock.slept(), [1, 2].map(Duration::from_secs));
    }

    #[tokio::test]
    async fn a_record_that_the_reader_leaves_out_is_unknown() {
        struct Forgetful;

        #[async_trait]
        impl RecordReader for Forgetful {
            fn vendor(&self) -> Vendor {
                Vendor::new("test", "Test")
            }

            fn list(&self, _: &Filter) -> Result<Listing, Error> {
                Ok(Listing::from_records([]))
            }

            async fn lookup(&self, _: &RecordId) -> Presence {
                Presence::Absent
            }

            async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
                vec![self.lookup(&ids[0]).await]
            }

            async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
                Ok(None)
            }

            async fn check_credential(&self) -> Result<CredentialCheck, Error> {
                Ok(CredentialCheck::new("test", true))
            }
        }

        let ids: Vec<RecordId> = (0..3).map(|number| uuid::Uuid::from_u128(number).into()).collect();
        let presences = Forgetful.confirm_absence(&ids, VerifyPolicy::once()).await;
        let words: Vec<_> = presences.iter().map(Presence::as_str).collect();
        assert_eq!(words, ["absent", "unknown", "unknown"]);
    }
}
