//! Accepting a credential that is not the planned one: `run --accept-credential`.

use std::time::Instant;

use conversation_delete_job::{CredentialEvidence, Job};
use delete_core::{Error, Presence, RecordId};
use tokio::sync::mpsc::UnboundedReceiver;

use super::lanes::{Party, UNDONE, before, interrupted};
use super::{PROGRAM, Trouble};
use crate::args::VendorName;
use crate::exit::Exit;
use crate::progress::notice;
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
    parties: &[Party],
    with_failed: bool,
    deadline: Option<Instant>,
    signals: &mut UnboundedReceiver<()>,
) -> Result<(), Trouble> {
    let mut accepted = Vec::new();
    for party in parties.iter().filter(|party| party.has_other_credential) {
        let seen = unless_interrupted(before(deadline, see(job, party, with_failed)), signals).await;
        accepted.push((party, seen.ok_or_else(|| interrupted(UNDONE))???));
    }
    for (party, seen) in accepted {
        let (evidence, reason) = match &seen {
            Seen::Record(id) => (CredentialEvidence::Record(id), format!("it sees the record {id}")),
            Seen::Tenant => (CredentialEvidence::Tenant, "its token names the planned tenant".to_owned()),
        };
        job.accept_credential(party.number(), &party.now, evidence, PROGRAM)?;
        let credential = visible(&party.now.credential);
        notice(&format!("{}: the credential {credential} is accepted from now on: {reason}", party.vendor.vendor()));
    }
    Ok(())
}

async fn see(job: &Job, party: &Party, with_failed: bool) -> Result<Seen, Trouble> {
    if party.names_planned_tenant() {
        return Ok(Seen::Tenant);
    }
    let count = if party.checker.prefers_bulk_lookup() { SCANNED } else { LOOKUPS };
    let ids = job.open_ids(party.number(), with_failed, count)?;
    let ids: Vec<RecordId> =
        ids.iter().map(|id| party.parse_id(id)).collect::<Result<_, _>>().map_err(Trouble::usage)?;
    if ids.is_empty() {
        let reason = "no record is left to be deleted that it could show";
        return Err(refusal(party, Exit::Unsafe, reason));
    }
    let mut problem = None;
    for ids in ids.chunks(if party.checker.prefers_bulk_lookup() { SCANNED } else { 1 }) {
        let lookup_many = party.checker.lookup_many(ids).await;
        for (id, presence) in ids.iter().zip(lookup_many) {
            match presence {
                Presence::Present { .. } => return Ok(Seen::Record(id.clone())),
                Presence::Unknown(error) => problem = Some(error),
                _ => {}
            }
        }
    }
    Err(unseen(party, ids.len(), problem.as_ref()))
}

fn unseen(party: &Party, looked: usize, problem: Option<&Error>) -> Trouble {
    let records = crate::report::count(looked as u64, "open record");
    let reason = format!("it shows none of {records} that were looked up");
    match problem {
        // The vendor could not say: another run may find out.
        Some(error) if error.is_retryable() => refusal(party, Exit::Stopped, &format!("{reason}: {error}")),
        Some(error) => refusal(party, Exit::Unsafe, &format!("{reason}: {error}")),
        None => refusal(party, Exit::Unsafe, &reason),
    }
}

fn refusal(party: &Party, exit: Exit, reason: &str) -> Trouble {
    let (name, variables) = (party.vendor.vendor(), party.vendor.variables());
    let credential = visible(&party.now.credential);
    Trouble::new(
        exit,
        format!(
            "{name}: the credential {credential} is not accepted, because {reason}: nothing was sent; check {variables}"
        ),
    )
}

/// Whether what a check confirmed is enough to know the workspace: at Corti, the token's tenant and environment. An
/// environment of its own has no name: there both addresses are equal to the planned ones.
pub(super) fn names_tenant(vendor: VendorName, place: Option<&str>, confirmed: &[String]) -> bool {
    let has = |word: &str| confirmed.iter().any(|part| part.starts_with(word));
    let is_custom = place.is_some_and(|place| place.ends_with("environment custom"));
    vendor == VendorName::Corti && has("tenant ") && (is_custom || has("environment "))
}
