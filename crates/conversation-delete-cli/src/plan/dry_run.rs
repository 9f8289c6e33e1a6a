//! What would be sent, shown by the real clients with no network behind them.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use delete_core::http::{self, Method, Response, Transport, TransportError, TransportErrorKind};
use delete_core::{Deleter, Error, RecordId};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::args::ChildrenChoice;
use crate::ids::IdList;
use crate::report::{Item, Outcome, Output, Record, Tally};
use crate::vendor::{self, Clients, Target};

/// Lists of children as if there were none, so that all of them are read.
const NO_CHILDREN: &str = r#"{"data":[]}"#;

/// Clients that cannot send: their transport keeps each request, and sends none of them.
pub(crate) struct Rehearsal {
    clients: Clients,
    kept: Kept,
}

type Kept = Arc<Mutex<Vec<Planned>>>;

/// A transport that keeps requests. With `lists_are_empty`, a read succeeds.
fn keeping(kept: &Kept, lists_are_empty: bool) -> impl Transport {
    let kept = Arc::clone(kept);
    http::from_fn(move |request| {
        let planned = Planned { method: request.method().clone(), url: request.uri().to_string() };
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
        let is_list = lists_are_empty && request.method() == Method::GET;
        async move {
            match is_list {
                true => Ok(Response::new(NO_CHILDREN.into())),
                false => Err(TransportError::new(TransportErrorKind::InvalidRequest, "this is a rehearsal")),
            }
        }
    })
}

/// A request that was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) method: Method,
    pub(crate) url: String,
}

impl Rehearsal {
    /// A rehearsal for `target`.
    ///
    /// # Errors
    /// What is wrong with the addresses in the environment.
    pub(crate) fn new(target: Target) -> Result<Self, Error> {
        Self::with_children(target, None)
    }

    /// The same; with `children`, those of a record are listed before its delete.
    ///
    /// # Errors
    /// What is wrong with the addresses in the environment.
    pub(crate) fn with_children(target: Target, children: Option<ChildrenChoice>) -> Result<Self, Error> {
        let kept = Kept::default();
        Ok(Self { clients: vendor::rehearse(target, children, keeping(&kept, children.is_some()))?, kept })
    }

    /// A rehearsal at Corti with the credential of the environment, which may fetch a token first.
    ///
    /// # Errors
    /// What is missing or wrong in the environment.
    pub(crate) fn with_corti_credential() -> Result<Self, Error> {
        let kept = Kept::default();
        Ok(Self { clients: vendor::corti_over(keeping(&kept, false))?, kept })
    }

    /// The client, which cannot send.
    pub(crate) fn deleter(&self) -> &dyn Deleter {
        &*self.clients.deleter
    }

    /// The requests of a call, and what it returns. No log is written of what is not sent.
    async fn requests_of<T>(&self, call: impl Future<Output = T>) -> (Vec<Planned>, T) {
        let output = call.with_subscriber(NoSubscriber::default()).await;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut *kept), output)
    }

    /// The requests that would delete these records: the last one is their delete.
    ///
    /// # Errors
    /// Why there is none.
    async fn requests_for(&self, ids: &[RecordId]) -> Result<Vec<Planned>, Error> {
        let (requests, results) = self.requests_of(self.deleter().delete_batch(ids)).await;
        match (requests.is_empty(), results.into_iter().find_map(Result::err)) {
            (false, _) => Ok(requests),
            (true, Some(error)) => Err(error),
            (true, None) => Err(Error::invalid_input("no request belongs to these ids")),
        }
    }

    /// The requests for a token that come before all others; none without the credential in the environment, and at
    /// vendors that take a key.
    async fn token_requests(target: Target) -> Vec<Planned> {
        if target != Target::Corti {
            return Vec::new();
        }
        // A dry run needs no credential.
        let Ok(rehearsal) = Self::with_corti_credential() else { return Vec::new() };
        let mut requests = rehearsal.check().await;
        requests.retain(|request| request.method == Method::POST);
        requests
    }

    /// The request that deletes these records.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn request_for(&self, ids: &[RecordId]) -> Result<Planned, Error> {
        let last = self.requests_for(ids).await?.pop();
        last.ok_or_else(|| Error::invalid_input("no request belongs to these ids"))
    }

    /// The requests that check the credential.
    async fn check(&self) -> Vec<Planned> {
        self.requests_of(self.clients.reader.check_credential()).await.0
    }

    /// The requests that find out whether a record is active.
    async fn activity_checks(&self, id: &RecordId) -> Vec<Planned> {
        self.requests_of(self.clients.reader.active_status(id)).await.0
    }

    /// The requests that look a record up. Where records can only be looked up by reading the whole list, the first of
    /// them.
    async fn lookups(&self, id: &RecordId) -> Vec<Planned> {
        self.requests_of(self.clients.reader.lookup(id)).await.0
    }
}

/// What a run would do.
pub(crate) struct DryRun<'a> {
    pub(crate) target: Target,
    pub(crate) rehearsal: &'a Rehearsal,
    pub(crate) ids: &'a IdList,
    /// How many ids travel in one request.
    pub(crate) batch: usize,
    /// Whether the credential would be checked before.
    pub(crate) checks_credential: bool,
    /// Whether records would be looked up before and after.
    pub(crate) verifies: bool,
    /// Whether active records would be kept.
    pub(crate) rejects_active: bool,
    /// Whether a record of each id is printed, too.
    pub(crate) with_records: bool,
}

impl DryRun<'_> {
    /// Prints each request that would be sent; and with those that delete ids, in the order of the input, what was
    /// refused and the records. Ends early when nobody reads.
    ///
    /// # Errors
    /// Why there is no request for some ids.
    pub(crate) async fn print(&self, output: &Output) -> Result<Tally, Error> {
        let is_empty = self.ids.unheld_len() == 0;
        if !is_empty {
            print_requests(Rehearsal::token_requests(self.target).await, &[], output).await;
        }
        if self.checks_credential && !is_empty {
            print_requests(self.rehearsal.check().await, &[], output).await;
        }
        self.print_lookups(output).await?;
        let tally = self.print_deletes(output).await?;
        self.print_lookups(output).await?;
        Ok(tally)
    }

    async fn print_lookups(&self, output: &Output) -> Result<(), Error> {
        // All records are looked up together where the vendor can only be read whole.
        let is_whole = self.rehearsal.clients.reader.prefers_bulk_lookup();
        let count = match self.verifies {
            false => 0,
            true if is_whole => 1,
            true => self.ids.len(),
        };
        for number in self.ids.unheld().take(count) {
            let id = self.ids.id(number)?;
            let ids = if is_whole { Vec::new() } else { vec![id.to_string()] };
            print_requests(self.rehearsal.lookups(&id).await, &ids, output).await;
            if output.is_broken() {
                break;
            }
        }
        Ok(())
    }

    async fn print_deletes(&self, output: &Output) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        let mut printed = Printed::default();
        let mut unheld = self.ids.unheld().peekable();
        while let Some(start) = unheld.peek().copied() {
            self.print_unsent(&mut printed, start, output, &mut tally).await;
            let numbers: Vec<usize> = unheld.by_ref().take(self.batch.max(1)).collect();
            let records = numbers.iter().map(|number| self.ids.id(*number)).collect::<Result<Vec<_>, _>>()?;
            for id in records.iter().filter(|_| self.rejects_active) {
                print_requests(self.rehearsal.activity_checks(id).await, &[id.to_string()], output).await;
            }
            let names: Vec<String> = records.iter().map(RecordId::to_string).collect();
            print_requests(self.rehearsal.requests_for(&records).await?, &names, output).await;
            if output.is_broken() {
                return Ok(tally);
            }
            let end = numbers.last().map_or(start, |last| last + 1);
            self.print_unsent(&mut printed, end, output, &mut tally).await;
        }
        self.print_unsent(&mut printed, self.ids.len(), output, &mut tally).await;
        Ok(tally)
    }

    /// Prints what the input holds before id number `end`: what was refused or is held, and the other records if they are
    /// wanted.
    async fn print_unsent(&self, printed: &mut Printed, end: usize, output: &Output, tally: &mut Tally) {
        loop {
            let before = self.ids.ids_before_refused(printed.refused);
            let record = match before.filter(|before| *before <= printed.ids) {
                Some(_) => {
                    let Some(refused) = self.ids.refused(printed.refused) else { return };
                    printed.refused += 1;
                    Record::refused(self.ids, refused)
                }
                None if printed.ids < end => {
                    printed.ids += 1;
                    Record::unsent(self.ids, printed.ids - 1)
                }
                None => return,
            };
            tally.add(record.outcome);
            if self.with_records || record.outcome != Outcome::NotAttempted {
                // When nobody reads, the next request finds out.
                output.send(Item::Record(Box::new(record))).await;
            }
        }
    }
}

/// How much of the input was printed.
#[derive(Default)]
struct Printed {
    ids: usize,
    refused: usize,
}

async fn print_requests(requests: Vec<Planned>, ids: &[String], output: &Output) {
    for Planned { method, url } in requests {
        output.send(Item::Planned { method, url, ids: ids.to_vec() }).await;
    }
}
