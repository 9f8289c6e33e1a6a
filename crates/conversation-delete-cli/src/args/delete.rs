//! The arguments of the command `delete`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
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
    /// Do not ask. Required if stdin is not a terminal
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print what would be sent; send nothing. Needs no credential
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) method: MethodArgs,
    /// Prove each deletion: look up each record before and after its delete (lookup), or read one complete list after the deletes (list) [default if given without a value: lookup]
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "lookup", value_parser = parse_verify)]
    pub(crate) verify: Option<Verify>,
    /// With --verify: how long to look up records again that are still there; 0 looks them up once [default: 7s]
    #[arg(long, value_name = "DURATION", value_parser = time::parse_wait, requires = "verify")]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// The most requests in a second
    #[arg(long, value_name = "N", value_parser = time::parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Send nothing if there are more ids than this
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    /// Keep the job in this file, which must not exist and is not removed [default: a file in the state directory, removed when all is done and reported]
    #[arg(long, value_name = "JOB", conflicts_with = "dry_run")]
    pub(crate) job: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
    #[command(flatten)]
    pub(crate) absent: AbsentArgs,
    /// How to write the results: a line or an object for each id, and a summary
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}
