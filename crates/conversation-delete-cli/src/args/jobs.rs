//! The arguments of `jobs`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::time;
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    pub(crate) command: JobsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the jobs in the state directory: their state, counts, age and file
    List(JobsListArgs),
    /// Remove jobs that are not running from the state directory, with their lists of ids
    Prune(JobsPruneArgs),
}

#[derive(Args, Debug)]
pub(crate) struct JobsListArgs {
    /// How to write them: as a table, or as one object for each job
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct JobsPruneArgs {
    /// Only jobs that were last changed longer ago than this, such as 90d
    #[arg(long, value_name = "DURATION", value_parser = time::parse_wait)]
    pub(crate) older_than: Duration,
    /// Do not ask. Required if stdin is not a terminal
    #[arg(long)]
    pub(crate) yes: bool,
}
