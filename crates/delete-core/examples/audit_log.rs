//! Decorates a `Deleter` with an audit log, over a mock that needs no vendor crate and no network.
//!
//! Run it with `cargo run --example audit_log -p delete-core`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use delete_core::{
    ConversationId, DeleteAllOptions, Deleter, DeleterExt, Deletion, Delivery, Error, ErrorKind, Outcome, RecordId,
    Vendor,
};
use futures_util::stream;
use serde_json::json;

/// Writes one JSON line for each delete.
struct Audited<D, W> {
    deleter: D,
    log: Mutex<W>,
}

impl<D: Deleter, W: Write + Send> Audited<D, W> {
    fn new(deleter: D, log: W) -> Self {
        Self { deleter, log: Mutex::new(log) }
    }

    /// Writes the line of a result. A deletion without its line becomes an error that says what happened.
    fn audit(&self, id: &RecordId, result: Result<Deletion, Error>) -> Result<Deletion, Error> {
        match (self.write(id, &result), result) {
            (Err(error), Ok(deletion)) => {
                let message = format!("the record is {}, but the audit log could not be written", deletion.outcome());
                let error = Error::builder(ErrorKind::UnexpectedResponse, message).source(error);
                Err(error.vendor(self.vendor()).delivery(Delivery::Answered).build())
            }
            (_, result) => result,
        }
    }

    fn write(&self, id: &RecordId, result: &Result<Deletion, Error>) -> io::Result<()> {
        let line = match result {
            Ok(deletion) => json!({"id": id, "deletion": deletion}),
            Err(error) => json!({"id": id, "error": error}),
        };
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(log, "{line}")?;
        log.flush()
    }
}

#[async_trait]
impl<D: Deleter, W: Write + Send> Deleter for Audited<D, W> {
    fn vendor(&self) -> Vendor {
        self.deleter.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let result = self.deleter.delete(id).await;
        self.audit(id, result)
    }

    // A decorator that leaves these two out does not use the vendor's bulk route.
    fn max_batch(&self) -> usize {
        self.deleter.max_batch()
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let results = self.deleter.delete_batch(ids).await;
        ids.iter().zip(results).map(|(id, result)| self.audit(id, result)).collect()
    }
}

/// Deletes every record but `c404`, which does not exist.
struct Mock;

#[async_trait]
impl Deleter for Mock {
    fn vendor(&self) -> Vendor {
        Vendor::new("mock", "Mock")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        ConversationId::new(id).map(RecordId::from)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        match id.to_string() == "c404" {
            true => {
                Err(Error::builder(ErrorKind::NotFound, "no such record").vendor(self.vendor()).status(404).build())
            }
            false => Ok(Deletion::new(self.vendor(), id.clone(), Outcome::Deleted).with_request_id("r-1")),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let deleter = Arc::new(Audited::new(Mock, io::stdout()));
    let ids = ["c1", "c2", "c404"].map(|id| deleter.parse_id(id)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut results = deleter.delete_all(stream::iter(ids), DeleteAllOptions::new());
    while let Some((id, result)) = results.next().await {
        match result {
            Ok(deletion) => println!("{id}: {}", deletion.outcome()),
            Err(error) => println!("{id}: {error}"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::Value;

    use super::*;

    #[tokio::test]
    async fn each_result_has_its_line() {
        let deleter = Audited::new(Mock, Vec::new());
        let ids = ["c1", "c404"].map(|id| deleter.parse_id(id).unwrap());
        let results = deleter.delete_batch(&ids).await;
        assert_eq!(results[0].as_ref().unwrap().outcome(), Outcome::Deleted);
        assert_eq!(results[1].as_ref().unwrap_err().kind(), ErrorKind::NotFound);
        let log = String::from_utf8(deleter.log.into_inner().unwrap()).unwrap();
        let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&lines[0]["id"], &lines[0]["deletion"]["outcome"]), (&json!("c1"), &json!("deleted")));
        assert_eq!((&lines[1]["id"], &lines[1]["error"]["kind"]), (&json!("c404"), &json!("not_found")));
        assert_eq!(lines.len(), 2);
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_deletion_without_its_line_is_an_error_that_says_so() {
        let deleter = Audited::new(Mock, Full);
        let error = deleter.delete(&deleter.parse_id("c1").unwrap()).await.unwrap_err();
        assert!(error.may_have_taken_effect() && error.to_string().contains("the record is deleted"), "{error}");
        let cause = std::error::Error::source(&error).unwrap();
        assert_eq!(cause.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::StorageFull);
    }
}
