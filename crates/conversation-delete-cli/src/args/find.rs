//! The arguments of the commands that read, and of the demo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use super::filter::FilterArgs;
use super::input::FileArgs;
use super::requests::{PaceArgs, TravelArgs};
use super::{MetricsArgs, ProfileArgs, VendorName, candidates, time};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Whose records
    pub(crate) vendor: VendorName,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// How to print what is found
    #[arg(long, help_heading = "Output", value_enum, default_value_t = ListFormat::Ids)]
    pub(crate) output: ListFormat,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

/// How records that were found are written to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// One id a line.
    Ids,
    /// NDJSON: an object for each record, with its times and status.
    Json,
}

/// What is looked at: records of a vendor, or those of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Vendor(VendorName),
    Job(PathBuf),
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// A vendor; or a job file, to look up what it deleted
    #[arg(value_name = "VENDOR|JOB", value_parser = parse_subject, add = ArgValueCompleter::new(candidates::vendors_and_jobs))]
    pub(crate) subject: Subject,
    /// The ids; put `--` before one that begins with `-`
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<OsString>,
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// Of a job, look up all records again
    ///
    /// Without it, a verification that did not finish goes on with the records that it has not looked up, or not found out.
    #[arg(long)]
    pub(crate) again: bool,
    /// Send nothing if there are more ids
    #[arg(long, help_heading = "Safety", value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    /// How long to look up what is still present
    ///
    /// 0 looks each record up once.
    #[arg(long, help_heading = "Verification and evidence", value_name = "DURATION", value_parser = time::parse_wait, default_value = "7s")]
    pub(crate) wait: Duration,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// Print the results as text or json
    ///
    /// A line or a JSON object for each id, and a summary.
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Whose credential; it may be left out with --profile
    #[arg(required_unless_present = "profile")]
    pub(crate) vendor: Option<VendorName>,
    /// Print the result as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Leave signed evidence of a job in this folder
    ///
    /// Also runs a job on fresh fakes, and writes its bundle, its key and its report. The folder must be new or empty.
    #[arg(long, value_hint = ValueHint::DirPath, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Write one page for each command to this folder
    ///
    /// The folder is created if it does not exist. Pages in it are replaced.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
}

/// A vendor by its name, or a file.
fn parse_subject(text: &str) -> Result<Subject, String> {
    match VendorName::from_str(text, false) {
        Ok(vendor) => Ok(Subject::Vendor(vendor)),
        Err(_) if text.ends_with(".job") || Path::new(text).exists() => Ok(Subject::Job(text.into())),
        Err(_) => Err("it is neither corti, fini, elevenlabs or tavus nor a file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_vendor_or_a_file() {
        assert_eq!(parse_subject("tavus"), Ok(Subject::Vendor(VendorName::Tavus)));
        for path in ["Cargo.toml", "src", "nonesuch.job"] {
            assert_eq!(parse_subject(path), Ok(Subject::Job(path.into())));
        }
        assert!(parse_subject("nonesuch").is_err());
    }
}
