//! An account at a fake, and runs of the suite against it.

use std::time::{Duration, SystemTime};

use conversation_delete::{ErasureMode, Error};
use conversation_delete_fake::{Fake, Role, Route, Seed, Vendor};
use delete_conformance::live::{CaseReport, Options, Report, RunError, command, run, vendor_named};

const HOUR: Duration = Duration::from_secs(3600);

/// A fake with more records than any page by default, the first one being the newest, an hour apart.
pub(crate) async fn account(vendor: Vendor) -> (Fake, Vec<String>) {
    let fake = Fake::start(vendor).await.unwrap();
    let ids = seed(&fake);
    (fake, ids)
}

pub(crate) fn seed(fake: &Fake) -> Vec<String> {
    fake.set_random_seed(17);
    let now = SystemTime::now();
    let newest = (1..=60).map(|age| {
        let seed = Seed::count(1).created_at(now - age * HOUR);
        let with_children = || seed.clone().recordings(1).transcripts(1).documents(1).guided_documents(1);
        fake.seed_with(if fake.vendor() == Vendor::Corti { with_children() } else { seed }).remove(0)
    });
    let ids: Vec<String> = newest.collect();
    if fake.vendor() == Vendor::Tavus {
        fake.seed_with(Seed::count(1).status("active").created_at(now - 100 * HOUR));
    }
    ids
}

/// The route of the client's deletes.
pub(crate) fn delete_route(vendor: Vendor) -> Route {
    if vendor == Vendor::Fini { Route::BulkDelete } else { Route::Delete }
}

/// The variables of a client, with the host's name in place of its address.
pub(crate) fn variables(fake: &Fake, role: Role) -> Vec<(String, String)> {
    let named = |(name, value): (String, String)| (name, value.replace("127.0.0.1", "localhost"));
    fake.env_as(role).into_iter().map(named).collect()
}

/// A lookup in these variables, as the client's own in the environment.
pub(crate) fn lookup_in(variables: &[(String, String)]) -> impl Fn(&str) -> Result<Option<String>, Error> + Sync {
    |name: &str| Ok(variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()))
}

pub(crate) async fn run_with(
    fake: &Fake,
    variables: &[(String, String)],
    delete: &[String],
    mode: Option<ErasureMode>,
) -> Result<Report, RunError> {
    let vendor = vendor_named(fake.vendor().as_str()).unwrap();
    run(Options { vendor, lookup: &lookup_in(variables), delete: delete.to_vec(), mode }).await
}

/// Runs the suite; at Tavus, deletes are hard.
pub(crate) async fn run_at(fake: &Fake, delete: &[String]) -> Result<Report, RunError> {
    let is_hard = fake.vendor() == Vendor::Tavus && !delete.is_empty();
    run_with(fake, &variables(fake, Role::Full), delete, is_hard.then_some(ErasureMode::Hard)).await
}

/// Runs the command with these arguments and variables: its exit code, stdout and stderr.
pub(crate) async fn run_command(arguments: &[&str], variables: &[(String, String)]) -> (u8, String, String) {
    let arguments = [&["live"], arguments].concat().into_iter().map(Into::into);
    let (mut out, mut log) = (Vec::new(), Vec::new());
    let code = command(arguments, &lookup_in(variables), &mut out, &mut log).await.unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(log).unwrap())
}

#[track_caller]
pub(crate) fn case<'a>(report: &'a Report, name: &str) -> &'a CaseReport {
    report.cases.iter().find(|case| case.case == name).unwrap()
}

/// The variant that a case saw.
#[track_caller]
pub(crate) fn variant<'a>(report: &'a Report, name: &str) -> Option<&'a str> {
    case(report, name).observed.as_ref()?.variant.as_deref()
}
