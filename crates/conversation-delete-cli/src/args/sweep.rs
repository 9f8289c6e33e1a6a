//! The arguments of the command `sweep`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use conversation_delete_job::Verify;

use super::evidence::BundleFormArgs;
use super::input::{ColumnArgs, HoldArgs};
use super::method::{MethodArgs, parse_verify};
use super::requests::{SpeedArgs, TravelArgs};
use super::{BundleArgs, FilterArgs, Moment, ObserveArgs, ProfileArgs, VendorName, time};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct SweepArgs {
    /// Whose records: one vendor or several
    #[arg(value_name = "VENDOR", required = true)]
    pub(crate) vendors: Vec<VendorName>,
    /// Delete records older than this, such as 90d
    ///
    /// The age is that of `--until` of `list`. A record whose time cannot be read is never deleted, and makes the exit code 3.
    #[arg(long, help_heading = "Records", value_name = "DURATION", value_parser = time::parse_age)]
    pub(crate) older_than: Duration,
    /// Trust this computer's clock for the age
    ///
    /// Without this, nothing is deleted if it and the vendor's differ by more than five minutes.
    #[arg(long, help_heading = "Safety", hide_short_help = true)]
    pub(crate) trust_clock: bool,
    /// Do not ask. Required without a terminal
    #[arg(long, help_heading = "Safety")]
    pub(crate) yes: bool,
    /// Print what would be deleted; delete nothing
    ///
    /// The lists are read, which needs a credential. No file is written.
    #[arg(long, help_heading = "Safety")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) hold: HoldArgs,
    #[command(flatten)]
    pub(crate) column: ColumnArgs,
    /// Delete nothing if there is more than this
    ///
    /// It counts the records of all vendors, and what an unfinished sweep has left. Held records do not count.
    #[arg(long, help_heading = "Safety", value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    #[command(flatten)]
    pub(crate) method: MethodArgs,
    /// Prove each deletion: lookup or list
    ///
    /// Looks up each record after its delete (lookup, which `--verify` alone means), or reads one complete list after the deletes (list). The list that found a record is its proof that it was there before.
    #[arg(long, help_heading = "Verification and evidence", value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "lookup", value_parser = parse_verify)]
    pub(crate) verify: Option<Verify>,
    /// How long to look up what is still present
    ///
    /// With --verify. 0 looks each record up once. Default: 7s.
    #[arg(long, help_heading = "Verification and evidence", value_name = "DURATION", value_parser = time::parse_wait, requires = "verify", hide_short_help = true)]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) evidence: SweepEvidenceArgs,
    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
    #[command(flatten)]
    pub(crate) speed: SpeedArgs,
    /// Stop after this; the next sweep goes on
    #[arg(long, help_heading = "Speed and network", value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// Print the results as text or json
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

/// How a sweep writes evidence.
#[derive(Args, Debug)]
#[command(next_help_heading = "Verification and evidence")]
pub(crate) struct SweepEvidenceArgs {
    /// Write bundles of evidence to this folder
    ///
    /// One bundle for each vendor that had something to delete, named after its job and the time. The folder is made if it does not exist. With one vendor it may be the name of a new ZIP file, FILE.zip, instead.
    #[arg(long, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) form: BundleFormArgs,
}

impl SweepArgs {
    /// Which records are swept.
    pub(crate) fn filter(&self) -> FilterArgs {
        let until = Some(Moment::Ago(self.older_than));
        FilterArgs { until, trust_clock: self.trust_clock, ..FilterArgs::default() }
    }
}

impl SweepEvidenceArgs {
    /// The same for the job whose bundle is this file.
    pub(crate) fn to_file(&self, path: Option<PathBuf>) -> BundleArgs {
        BundleArgs { evidence: path, form: self.form.clone() }
    }
}
