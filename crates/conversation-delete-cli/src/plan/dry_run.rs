//! What a run would send, as the real clients show it with no network behind them.

use conversation_delete_job::{JobLocation, Verify};
use delete_core::RecordId;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::notice::notice;
use crate::report::{Item, Outcome, Output, Record, Tally, records};
use crate::settings::Settings;
use crate::vendor::{DryRunClients, Planned, Target};

/// What a run would do.
pub(crate) struct DryRun<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) target: Target,
    pub(crate) dry_clients: &'a DryRunClients,
    /// The plan.
    pub(crate) job: &'a JobLocation,
    /// How many ids are to be deleted.
    pub(crate) planned: u64,
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
    pub(crate) async fn print(&self, output: &Output) -> Result<Tally, CommandError> {
        let is_empty = self.planned == 0;
        if !is_empty {
            print_requests(DryRunClients::token_requests(self.settings, self.target).await, &[], output).await;
        }
        if self.checks_credential && !is_empty {
            print_requests(self.dry_clients.check().await, &[], output).await;
        }
        // What shows whether a record is active shows that it is present, too.
        if self.is_read_whole() || !self.rejects_active {
            self.print_lookups(true, output).await?;
        }
        let tally = self.print_deletes(output).await?;
        match self.verify {
            Some(Verify::List) if !self.is_read_whole() && !is_empty => {
                print_requests(self.dry_clients.list().await, &[], output).await;
            }
            _ => self.print_lookups(false, output).await?,
        }
        Ok(tally)
    }

    /// Whether all records are looked up together, because the vendor can only be read whole.
    fn is_read_whole(&self) -> bool {
        self.dry_clients.clients.reader.prefers_bulk_lookup()
    }

    /// Before its delete, a record that a list showed is known to be there.
    async fn print_lookups(&self, is_before: bool, output: &Output) -> Result<(), CommandError> {
        if self.verify.is_none() {
            return Ok(());
        }
        for record in records(self.job)? {
            let record = record?;
            if record.outcome != Outcome::NotAttempted || is_before && record.presence.is_some() {
                continue;
            }
            let lookups = self.dry_clients.lookups(&self.parse(&record)?).await;
            let is_whole = self.is_read_whole();
            print_requests(lookups, if is_whole { &[] } else { std::slice::from_ref(&record.id) }, output).await;
            if is_whole || output.is_broken() {
                break;
            }
        }
        Ok(())
    }

    async fn print_deletes(&self, output: &Output) -> Result<Tally, CommandError> {
        let mut tally = Tally::default();
        let (mut batch, mut ids) = (Vec::new(), Vec::new());
        for record in records(self.job)? {
            let record = record?;
            tally.add(record.outcome);
            if record.outcome == Outcome::NotAttempted {
                ids.push(self.parse(&record)?);
            }
            batch.push(record);
            // What is not sent waits for the batch in whose midst it is.
            if ids.is_empty() || ids.len() == self.batch.max(1) {
                self.print_batch(&mut ids, &mut batch, output).await?;
            }
            if output.is_broken() {
                return Ok(tally);
            }
        }
        self.print_batch(&mut ids, &mut batch, output).await?;
        Ok(tally)
    }

    /// Prints the requests for these ids, and then the entries among which they are: what was refused or is held, and the
    /// other records if they are wanted.
    async fn print_batch(
        &self,
        ids: &mut Vec<RecordId>,
        entries: &mut Vec<Record>,
        output: &Output,
    ) -> Result<(), CommandError> {
        let unsent = entries.iter().filter(|record| record.outcome == Outcome::NotAttempted);
        for (id, _) in ids.iter().zip(unsent).filter(|(_, record)| self.rejects_active && !self.is_over(record)) {
            print_requests(self.dry_clients.activity_checks(id).await, &[id.to_string()], output).await;
        }
        if !ids.is_empty() {
            let names: Vec<String> = ids.iter().map(RecordId::to_string).collect();
            print_requests(self.dry_clients.requests_for(ids).await.map_err(fault)?, &names, output).await;
        }
        ids.clear();
        for record in entries.drain(..) {
            if self.with_records || record.outcome != Outcome::NotAttempted {
                // When nobody reads, the next request finds out.
                output.send(Item::Record(Box::new(record))).await;
            }
        }
        Ok(())
    }

    /// Whether a list showed that it is not active any more.
    fn is_over(&self, record: &Record) -> bool {
        let final_statuses = self.dry_clients.clients.reader.final_statuses();
        let status = record.presence.as_ref().and_then(|pair| pair.before.as_ref()?.status.as_deref());
        status.is_some_and(|status| final_statuses.iter().any(|own| own.as_str() == status))
    }

    /// Names the requests that depend on the vendor's responses.
    pub(crate) fn print_omissions(&self) {
        if self.batch > 1 {
            notice("not shown: ids may be sent on their own until the target is confirmed");
        }
        if self.dry_clients.clients.children.is_some() {
            notice("not shown: the children that these lists name would be deleted before their interaction");
        } else if self.target == Target::Corti && self.rejects_active {
            notice("not shown: a lookup of each transcript that these lists name");
        }
        if self.target == Target::Corti {
            notice("not shown: further requests for a token, which are sent without a CORTI_ACCESS_TOKEN");
        }
        if self.verify.is_some() {
            notice("not shown: further pages of lists, and further lookups of what is still present after its delete");
        }
    }

    fn parse(&self, record: &Record) -> Result<RecordId, CommandError> {
        self.target.vendor_name().id_form().parse(&record.id).map_err(fault)
    }
}

fn fault(error: delete_core::Error) -> CommandError {
    CommandError::new(Exit::Fault, error)
}

async fn print_requests(requests: Vec<Planned>, ids: &[String], output: &Output) {
    for Planned { method, url } in requests {
        output.send(Item::Planned { method, url, ids: ids.to_vec() }).await;
    }
}
