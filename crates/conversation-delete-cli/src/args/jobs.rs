//! The arguments of `jobs`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{help, time};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    pub(crate) command: JobsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the jobs in the state directory
    #[command(after_long_help = help::JOBS_LIST)]
    List(JobsListArgs),
    /// Remove old jobs, with their lists of ids
    #[command(after_long_help = help::JOBS_PRUNE)]
    Prune(JobsPruneArgs),
}

#[derive(Args, Debug)]
pub(crate) struct JobsListArgs {
    /// Print them as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct JobsPruneArgs {
    /// Only jobs not changed for this long: 90d
    #[arg(long, value_name = "DURATION", value_parser = time::parse_wait)]
    pub(crate) older_than: Duration,
    /// Do not ask
    ///
    /// Required if stdin is not a terminal.
    #[arg(long)]
    pub(crate) yes: bool,
}
