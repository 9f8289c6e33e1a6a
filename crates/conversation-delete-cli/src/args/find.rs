//! The arguments of the commands that read, and of the demo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::filter::FilterArgs;
use super::input::FileArgs;
use super::requests::{PaceArgs, TravelArgs};
use super::{MetricsArgs, ProfileArgs, VendorName, time};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Whose records
    pub(crate) vendor: VendorName,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// How to write what is found
    #[arg(long, value_enum, default_value_t = ListFormat::Ids)]
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
    /// Whose records (corti, fini, elevenlabs, tavus), or a job file: then all that it deleted
    #[arg(value_name = "VENDOR|JOB", value_parser = parse_subject)]
    pub(crate) subject: Subject,
    /// The ids (put `--` before one that begins with a hyphen)
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<OsString>,
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// Of a job, look up all records again
    ///
    /// Without it, a verification that did not finish goes on with the records that it has not looked up, or not found out.
    #[arg(long)]
    pub(crate) again: bool,
    /// Send nothing if there are more ids than this
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    /// How long to go on looking at records that are still there; 0 looks once
    #[arg(long, value_name = "DURATION", value_parser = time::parse_wait, default_value = "7s")]
    pub(crate) wait: Duration,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// How to write the results: a line or an object for each id, and a summary
    #[arg(long, value_enum, default_value_t = Format::Text)]
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
    /// How to write the result: as text, or as one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Also run a job on fresh fakes, and leave its signed evidence and its report in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,
}

/// A vendor by its name, or a file.
fn parse_subject(text: &str) -> Result<Subject, String> {
    match VendorName::from_str(text, false) {
        Ok(vendor) => Ok(Subject::Vendor(vendor)),
        Err(_) if Path::new(text).is_file() => Ok(Subject::Job(text.into())),
        Err(_) => Err("it is neither corti, fini, elevenlabs or tavus nor a file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_vendor_or_a_file() {
        assert_eq!(parse_subject("tavus"), Ok(Subject::Vendor(VendorName::Tavus)));
        assert_eq!(parse_subject("Cargo.toml"), Ok(Subject::Job("Cargo.toml".into())));
        assert!(parse_subject("nonesuch").is_err());
    }
}
