//! The command `cargo xtask live VENDOR`.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;
use delete_core::ErasureMode;

use crate::live::report::Report;
use crate::live::subject::Lookup;
use crate::live::suite::{Options, RunError, run};
use crate::live::vendor::Vendor;
use crate::live::vendors::{VENDORS, vendor_named};

/// Holds a vendor, or its fake, to the documented behaviour, and prints what it observed as JSON
///
/// The client's own variables say whom to ask and with which credential, such as TAVUS_API_KEY and TAVUS_BASE_URL. Without
/// --delete-these it only reads. Exit code: 0 if nothing disagrees, 1 if a case disagrees or failed, 2 if the credential or
/// an argument cannot be used.
#[derive(Parser)]
#[command(name = "cargo xtask live", bin_name = "cargo xtask live")]
struct Arguments {
    /// corti, fini, elevenlabs or tavus
    #[arg(value_parser = vendor)]
    vendor: &'static Vendor,
    /// Also deletes these records, at most five, and no others. Each must be found by a lookup first
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    delete_these: Vec<String>,
    /// Deletes irrevocably (Tavus)
    #[arg(long, conflicts_with = "soft")]
    hard: bool,
    /// Deletes softly (Tavus)
    #[arg(long)]
    soft: bool,
}

fn vendor(name: &str) -> Result<&'static Vendor, String> {
    let names = || VENDORS.map(|vendor| vendor.name).join(", ");
    vendor_named(name).ok_or_else(|| format!("it is not one of {}", names()))
}

/// Runs the command with these arguments, of which the first is its name, and the variables that `lookup` returns. It
/// prints the report to `out`, and a line for each case or the error to `log`, and returns the exit code.
///
/// # Errors
/// If `out` or `log` cannot be written.
pub async fn command(
    arguments: impl IntoIterator<Item = OsString>,
    lookup: Lookup<'_>,
    out: &mut (impl Write + Send),
    log: &mut (impl Write + Send),
) -> io::Result<u8> {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => run_with(arguments, lookup, out, log).await,
        Err(help) if !help.use_stderr() => write!(out, "{help}").map(|()| 0),
        Err(error) => write!(log, "{error}").map(|()| 2),
    }
}

async fn run_with(
    arguments: Arguments,
    lookup: Lookup<'_>,
    out: &mut (impl Write + Send),
    log: &mut (impl Write + Send),
) -> io::Result<u8> {
    let mode = match (arguments.hard, arguments.soft) {
        (true, _) => Some(ErasureMode::Hard),
        (false, true) => Some(ErasureMode::Soft),
        (false, false) => None,
    };
    let (vendor, delete) = (arguments.vendor, arguments.delete_these);
    match run(Options { vendor, lookup, delete, mode }).await {
        Ok(report) => {
            print_cases(&report, log)?;
            out.write_all(report.to_json()?.as_bytes())?;
            Ok(u8::from(report.problems().next().is_some()))
        }
        Err(error) => {
            writeln!(log, "error: {error}")?;
            if let RunError::Client(_) = error {
                writeln!(log, "No case was tried.")?;
            }
            Ok(2)
        }
    }
}

fn print_cases(report: &Report, log: &mut impl Write) -> io::Result<()> {
    for case in &report.cases {
        writeln!(log, "{}", case.describe())?;
    }
    let count = |agrees: Option<bool>| report.cases.iter().filter(|case| case.agrees == agrees).count();
    let failed = report.cases.iter().filter(|case| case.has_failed).count();
    let (agree, disagree, not_exercised) = (count(Some(true)), count(Some(false)), count(None) - failed);
    let (vendor, host) = (&report.vendor, &report.host);
    writeln!(
        log,
        "{vendor} at {host}: {agree} agree, {disagree} disagree, {not_exercised} not exercised, {failed} failed"
    )
}
