//! Accepting a credential that is not the planned one: `run --accept-credential`.

use std::time::Instant;

use conversation_delete_job::{CredentialEvidence, Job};
use delete_core::{Error, Presence, RecordId};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::engine::credential::{UNDONE, before, interrupted};
use crate::engine::lanes::VendorRun;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::PROGRAM;
use crate::notice::notice;
use crate::report::visible;
use crate::signals::unless_interrupted;

/// How many open records are looked up one by one, and how many if one scan of the list finds any number.
const LOOKUPS: usize = 20;
const SCANNED: usize = 1000;

/// What shows that a credential is of the planned workspace.
enum Seen {
    Record(RecordId),
    Tenant,
}

/// Accepts the credentials that differ from the planned ones, if each of them was seen to be of the planned workspace.
/// Otherwise none is accepted. The credentials have been checked before.
///
/// # Errors
/// Exit 5 if a credential shows none of the open records, or none is open; exit 4 if that could not be found out.
pub(super) async fn accept(
    job: &mut Job,
    vendor_runs: &[VendorRun],
    with_failed: bool,
    deadline: Option<Instant>,
    signals: &mut UnboundedReceiver<()>,
) -> Result<(), CommandError> {
    let mut accepted = Vec::new();
    for vendor_run in vendor_runs.iter().filter(|vendor_run| vendor_run.has_other_credential) {
        let seen = unless_interrupted(before(deadline, see(job, vendor_run, with_failed)), signals).await;
        accepted.push((vendor_run, seen.ok_or_else(|| interrupted(UNDONE))???));
    }
    for (vendor_run, seen) in accepted {
        let (evidence, reason) = match &seen {
            Seen::Record(id) => (CredentialEvidence::Record(id), format!("it sees the record {id}")),
            Seen::Tenant => (CredentialEvidence::Tenant, "its token names the planned tenant".to_owned()),
        };
        job.accept_credential(vendor_run.number(), &vendor_run.now, evidence, PROGRAM)?;
        let credential = visible(&vendor_run.now.credential);
        notice(&format!(
            "{}: the credential {credential} is accepted from now on: {reason}",
            vendor_run.settings.name()
        ));
    }
    Ok(())
}

async fn see(job: &Job, vendor_run: &VendorRun, with_failed: bool) -> Result<Seen, CommandError> {
    if vendor_run.names_planned_tenant() {
        return Ok(Seen::Tenant);
    }
    let count = if vendor_run.checker.prefers_bulk_lookup() { SCANNED } else { LOOKUPS };
    let ids = job.open_ids(vendor_run.number(), with_failed, count)?;
    let ids: Vec<RecordId> =
        ids.iter().map(|id| vendor_run.parse_id(id)).collect::<Result<_, _>>().map_err(CommandError::usage)?;
    if ids.is_empty() {
        let reason = "no record is left to be deleted that it could show";
        return Err(refusal(vendor_run, Exit::Unsafe, reason));
    }
    let mut problem = None;
    for ids in ids.chunks(if vendor_run.checker.prefers_bulk_lookup() { SCANNED } else { 1 }) {
        let lookup_many = vendor_run.checker.lookup_many(ids).await;
        for (id, presence) in ids.iter().zip(lookup_many) {
            match presence {
                Presence::Present { .. } => return Ok(Seen::Record(id.clone())),
                Presence::Unknown(error) => problem = Some(error),
                _ => {}
            }
        }
    }
    Err(unseen(vendor_run, ids.len(), problem.as_ref()))
}

fn unseen(vendor_run: &VendorRun, looked: usize, problem: Option<&Error>) -> CommandError {
    let records = crate::report::count(looked as u64, "open record");
    let reason = format!("it shows none of {records} that were looked up");
    match problem {
        // The vendor could not say: another run may find out.
        Some(error) if error.is_retryable() => refusal(vendor_run, Exit::Stopped, &format!("{reason}: {error}")),
        Some(error) => refusal(vendor_run, Exit::Unsafe, &format!("{reason}: {error}")),
        None => refusal(vendor_run, Exit::Unsafe, &reason),
    }
}

fn refusal(vendor_run: &VendorRun, exit: Exit, reason: &str) -> CommandError {
    let (name, to_check) = (vendor_run.settings.name(), vendor_run.settings.to_check());
    let credential = visible(&vendor_run.now.credential);
    CommandError::new(
        exit,
        format!(
            "{name}: the credential {credential} is not accepted, because {reason}: nothing was sent; check {to_check}"
        ),
    )
}
