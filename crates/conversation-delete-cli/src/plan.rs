//! What would be sent, told by the real clients with no network behind them.

use std::sync::{Arc, Mutex, PoisonError};

use delete_core::transport::{self, Transport, TransportError, TransportErrorKind};
use delete_core::{Deleter, Error, RecordId};

use crate::ids::IdList;
use crate::report::{Item, Outcome, Output, Record, Tally};
use crate::vendors::{self, Target};

/// A client that cannot send: its transport keeps the request and answers that it could not leave.
pub(crate) struct Rehearsal {
    deleter: Box<dyn Deleter>,
    kept: Kept,
}

type Kept = Arc<Mutex<Option<Planned>>>;

fn keeping(kept: &Kept) -> impl Transport {
    let kept = Arc::clone(kept);
    transport::from_fn(move |request| {
        let planned = Planned { method: request.method().as_str(), url: request.url().to_owned() };
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(planned);
        async { Err(TransportError::new(TransportErrorKind::Unsendable, "this is a rehearsal")) }
    })
}

/// A request that was not sent.
pub(crate) struct Planned {
    pub(crate) method: &'static str,
    pub(crate) url: String,
}

impl Rehearsal {
    /// A rehearsal for `target`.
    ///
    /// # Errors
    /// What is wrong with the addresses in the environment.
    pub(crate) fn new(target: Target) -> Result<Self, Error> {
        let kept = Arc::default();
        Ok(Self { deleter: vendors::rehearse(target, keeping(&kept))?, kept })
    }

    /// A rehearsal at Corti with the credential of the environment, which may fetch a token first.
    ///
    /// # Errors
    /// What is missing or wrong in the environment.
    pub(crate) fn with_corti_credential() -> Result<Self, Error> {
        let kept = Arc::default();
        Ok(Self { deleter: vendors::corti_over(keeping(&kept))?, kept })
    }

    /// The client, which cannot send.
    pub(crate) fn deleter(&self) -> &dyn Deleter {
        &*self.deleter
    }

    /// The request that would delete these records.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn request_for(&self, ids: &[RecordId]) -> Result<Planned, Error> {
        let results = self.deleter.delete_batch(ids).await;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (kept, results.into_iter().find_map(Result::err)) {
            (Some(planned), _) => Ok(planned),
            (None, Some(error)) => Err(error),
            (None, None) => Err(Error::invalid_input("no request belongs to these ids")),
        }
    }
}

/// Tells each request that would delete `ids`; then, in the order of the input, what was refused and, if
/// `with_records`, a record of each id that was not attempted. Ends early when nobody reads.
///
/// # Errors
/// Why there is no request for some ids.
pub(crate) async fn tell(
    rehearsal: &Rehearsal,
    ids: &IdList,
    batch: usize,
    with_records: bool,
    output: &Output,
) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let mut told_refused = 0;
    for start in (0..ids.len()).step_by(batch.max(1)) {
        tell_refused(ids, &mut told_refused, start, output, &mut tally).await;
        let end = ids.len().min(start + batch);
        let records = (start..end).map(|number| ids.id(number)).collect::<Result<Vec<_>, _>>()?;
        let Planned { method, url } = rehearsal.request_for(&records).await?;
        let names: Vec<String> = records.iter().map(RecordId::to_string).collect();
        output.send(Item::Planned { method, url, ids: names.clone() }).await;
        if output.is_broken() {
            return Ok(tally);
        }
        for (number, id) in (start..end).zip(names) {
            tell_refused(ids, &mut told_refused, number, output, &mut tally).await;
            tally.add(Outcome::NotAttempted);
            if with_records {
                // When nobody reads, the next request finds out.
                output.send(Item::Record(Box::new(Record::not_attempted(id)))).await;
            }
        }
    }
    tell_refused(ids, &mut told_refused, ids.len(), output, &mut tally).await;
    Ok(tally)
}

/// Tells the refused entries that stand before id number `number`.
async fn tell_refused(ids: &IdList, told: &mut usize, number: usize, output: &Output, tally: &mut Tally) {
    while ids.ids_before_refused(*told).is_some_and(|before| before <= number) {
        let Some(refused) = ids.refused(*told) else { return };
        tally.add(Outcome::Refused);
        *told += 1;
        // When nobody reads, the next request finds out.
        output.send(Item::Record(Box::new(Record::refused(refused)))).await;
    }
}
