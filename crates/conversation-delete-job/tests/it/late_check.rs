//! A credential that could not be checked before the run is checked before its first delete.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use conversation_delete_job::{Ending, StopHandle};
use delete_core::{
    CredentialCheck, Error, ErrorKind, Filter, Listing, Presence, RecordId, RecordReader, Status, Vendor,
};

use crate::ground::Ground;
use crate::vendor::{Reply, VENDOR};

/// Checks a credential, after so many checks that get no response.
struct Checker {
    may_delete: Option<bool>,
    failures: AtomicU32,
}

impl Checker {
    fn new(may_delete: Option<bool>, failures: u32) -> Arc<Self> {
        Arc::new(Self { may_delete, failures: AtomicU32::new(failures) })
    }
}

#[async_trait]
impl RecordReader for Checker {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        Err(Error::invalid_input("it checks only"))
    }

    async fn lookup(&self, _: &RecordId) -> Presence {
        Presence::Unknown(Error::invalid_input("it checks only"))
    }

    async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
        Err(Error::invalid_input("it checks only"))
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let count_down = |failures: u32| failures.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count_down).is_ok() {
            return Err(Error::builder(ErrorKind::Connection, "no response").retryable(true).build());
        }
        let mut checked = CredentialCheck::new("https://vendor.test", true);
        checked.may_delete = self.may_delete;
        Ok(checked)
    }
}

async fn run(ground: &Ground, checker: Arc<Checker>) -> Ending {
    ground.run_with(&StopHandle::default(), |lane| lane.with_checker(checker)).await
}

#[tokio::test]
async fn a_read_only_credential_found_late_is_refused_like_one_found_early() {
    for (count, max_batch) in [(1, 1), (2, 1), (100, 50)] {
        let ground = Ground::new(|_, _| Reply::Right).with_batches(max_batch);
        ground.plan(count, |_| true);
        let ending = run(&ground, Checker::new(Some(false), 2)).await;
        assert!(matches!(&ending, Ending::CredentialRefused(reason) if reason.contains("not delete")), "{ending:?}");
        assert_eq!(ground.deletes(), Vec::<Vec<String>>::new(), "{count} records");
        assert_eq!(ground.count("not_attempted"), count);
        assert_eq!(ground.intents(), 0);
    }
}

#[tokio::test]
async fn a_credential_that_may_delete_or_does_not_say_so_deletes_once_its_check_succeeds() {
    for may_delete in [Some(true), None] {
        for failures in [0, 3] {
            let ground = Ground::new(|_, _| Reply::Right);
            ground.plan(20, |_| true);
            let ending = run(&ground, Checker::new(may_delete, failures)).await;
            assert_eq!((ending, ground.count("deleted")), (Ending::Finished, 20), "{may_delete:?}, {failures}");
        }
    }
}
