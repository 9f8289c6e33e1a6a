//! The arguments of the command `delete`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use conversation_delete_job::Verify;

use super::input::{HoldArgs, IdArgs};
use super::method::{MethodArgs, parse_verify};
use super::requests::{PaceArgs, TravelArgs};
use super::{AbsentArgs, BundleArgs, ObserveArgs, ProfileArgs, time};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    pub(crate) input: IdArgs,
    #[command(flatten)]
    pub(crate) hold: HoldArgs,
    /// Do not ask
    ///
    /// Required if stdin is not a terminal, or holds the ids.
    #[arg(long, help_heading = "Safety")]
    pub(crate) yes: bool,
    /// Print every request; send nothing
    ///
    /// Lookups and the credential check are included. What depends on responses, such as children and further pages, is
    /// named on stderr. Needs no credential.
    #[arg(long, help_heading = "Safety")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) method: MethodArgs,
    /// Prove each deletion: lookup (default) or list
    ///
    /// `lookup` looks up each record before and after its delete. `list` reads one complete list after the deletes
    /// instead of the second lookups.
    #[arg(long, help_heading = "Verification and evidence", value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "lookup", value_parser = parse_verify)]
    pub(crate) verify: Option<Verify>,
    /// How long to look up what is still present
    ///
    /// With --verify. 0 looks each record up once. Default: 7s.
    #[arg(long, help_heading = "Verification and evidence", hide_short_help = true, value_name = "DURATION", value_parser = time::parse_wait, requires = "verify")]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// The most requests in a second
    ///
    /// Deletes, lookups, scans, children and checks together. Also replaces Fini's documented 100 in a minute.
    #[arg(long, help_heading = "Speed and network", value_name = "N", value_parser = time::parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Send nothing if there are more ids
    ///
    /// Repeated and held ids do not count.
    #[arg(long, help_heading = "Safety", value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    /// Keep the job in this file
    ///
    /// The file must not exist, and is not removed. Without this, the job is a file in the state directory, which is
    /// removed once every id has its outcome and stdout took the report.
    #[arg(long, help_heading = "Output", value_hint = ValueHint::FilePath, value_name = "JOB", conflicts_with = "dry_run")]
    pub(crate) job: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
    #[command(flatten)]
    pub(crate) absent: AbsentArgs,
    /// Print the results as text or json
    ///
    /// A line or a JSON object for each id, and a summary.
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}
