//! What a run would send, as the real clients show it with no network behind them.

use conversation_delete_job::Verify;
use delete_core::{Error, RecordId};

use crate::ids::IdList;
use crate::report::{Item, Outcome, Output, Record, Tally};
use crate::vendor::{DryRunClients, Planned, Target};

/// What a run would do.
pub(crate) struct DryRun<'a> {
    pub(crate) target: Target,
    pub(crate) dry_clients: &'a DryRunClients,
    pub(crate) ids: &'a IdList,
    /// How many ids travel in one request.
    pub(crate) batch: usize,
    /// Whether the credential would be checked before.
    pub(crate) checks_credential: bool,
    /// How each deletion would be proved; `None` if it would not.
    pub(crate) verify: Option<Verify>,
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
            print_requests(DryRunClients::token_requests(self.target).await, &[], output).await;
        }
        if self.checks_credential && !is_empty {
            print_requests(self.dry_clients.check().await, &[], output).await;
        }
        // What shows whether a record is active shows that it is present, too.
        if self.is_read_whole() || !self.rejects_active {
            self.print_lookups(output).await?;
        }
        let tally = self.print_deletes(output).await?;
        match self.verify {
            Some(Verify::List) if !self.is_read_whole() && !is_empty => {
                print_requests(self.dry_clients.list().await, &[], output).await;
            }
            _ => self.print_lookups(output).await?,
        }
        Ok(tally)
    }

    /// Whether all records are looked up together, because the vendor can only be read whole.
    fn is_read_whole(&self) -> bool {
        self.dry_clients.clients.reader.prefers_bulk_lookup()
    }

    async fn print_lookups(&self, output: &Output) -> Result<(), Error> {
        let is_whole = self.is_read_whole();
        let count = match self.verify {
            None => 0,
            Some(_) if is_whole => 1,
            Some(_) => self.ids.len(),
        };
        for number in self.ids.unheld().take(count) {
            let id = self.ids.id(number)?;
            let ids = if is_whole { Vec::new() } else { vec![id.to_string()] };
            print_requests(self.dry_clients.lookups(&id).await, &ids, output).await;
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
                print_requests(self.dry_clients.activity_checks(id).await, &[id.to_string()], output).await;
            }
            let names: Vec<String> = records.iter().map(RecordId::to_string).collect();
            print_requests(self.dry_clients.requests_for(&records).await?, &names, output).await;
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
