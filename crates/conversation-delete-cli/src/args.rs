//! The arguments.

mod absent;
mod help;
mod job;
mod method;
mod time;

pub(crate) use absent::AbsentArgs;
pub(crate) use job::{ExportArgs, ExportFormat, PlanArgs, RunArgs, StatusArgs};
pub(crate) use method::{ChildrenChoice, MethodArgs};
pub(crate) use time::Moment;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use conversation_delete_job::Verify;

use crate::holds::HoldArgs;
use crate::report::Format;

/// Finds and deletes conversation records at Corti, Fini, ElevenLabs and Tavus, and reports truthfully what happened.
#[derive(Debug, Parser)]
#[command(name = "conversation-delete", version, after_help = help::PROGRAM, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Log each request on stderr: method, status, duration; never a key or a body
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show it all on fake vendors in this process: no key, no network, no question
    Demo,
    /// Find out whether the credential works and belongs to the right place; change nothing
    #[command(after_help = help::CHECK)]
    Check(CheckArgs),
    /// Find records, and print their ids
    #[command(after_help = help::LIST)]
    List(ListArgs),
    /// Delete records by their ids
    #[command(after_help = help::DELETE)]
    Delete(DeleteArgs),
    /// Write down in a job file what is to be deleted; delete nothing
    #[command(after_help = help::PLAN)]
    Plan(PlanArgs),
    /// Delete what a job file says, or go on with it
    #[command(after_help = help::RUN)]
    Run(RunArgs),
    /// Tell how far a job is, also while it runs
    Status(StatusArgs),
    /// Write what became of each record of a job to stdout or a file
    Export(ExportArgs),
    /// Look whether records are gone
    #[command(after_help = help::VERIFY)]
    Verify(VerifyArgs),
    /// Serve the four fake vendors on loopback until stopped, and print the environment that points clients at them
    Fake(FakeArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Whose records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VendorName {
    /// Corti: interactions
    Corti,
    /// Fini: conversations
    Fini,
    /// ElevenLabs: conversations of agents
    Elevenlabs,
    /// Tavus: video conversations
    Tavus,
}

/// Which records, by their ids.
#[derive(Args, Debug)]
pub(crate) struct IdArgs {
    /// Whose records
    pub(crate) vendor: VendorName,
    /// The ids (put `--` before one that begins with a hyphen)
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<OsString>,
    /// Take ids from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) ids_from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) column: ColumnArgs,
}

/// Which column of a file holds the ids.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ColumnArgs {
    /// The column, or the member of JSON objects, that holds the ids; in a table also its number, counted from 1. Required if a file has two of the usual names (id, conversation_id, conversationId, interaction_id, interactionId)
    #[arg(long, value_name = "NAME")]
    pub(crate) id_column: Option<String>,
}

/// How requests travel.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct TravelArgs {
    /// How long one attempt may take, such as 500ms, 30s or 2m; at most 1d [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Send through the proxy of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY; for http HTTP_PROXY). Without this, no proxy is used
    #[arg(long)]
    pub(crate) system_proxy: bool,
}

/// How many requests may be in flight.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PaceArgs {
    /// The most requests in flight at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
}

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
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "lookup", value_parser = method::parse_verify)]
    pub(crate) verify: Option<Verify>,
    /// With --verify: how long to look up records again that are still there; 0 looks them up once [default: 7s]
    #[arg(long, value_name = "DURATION", value_parser = time::parse_wait, requires = "verify")]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// The most requests in a second; with this, few ids are a job too
    #[arg(long, value_name = "N", value_parser = job::parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Send nothing if there are more ids than this
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    /// Delete as a job, whose file this is. It must not exist. More than 100 ids always are one [default: VENDOR-TIME.job in the current folder]
    #[arg(long, value_name = "JOB", conflicts_with = "dry_run")]
    pub(crate) job: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) absent: AbsentArgs,
    /// How to write the results: a line or an object for each id, and a summary
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

/// Which of all records.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilterArgs {
    /// Only records of this time or later: 2026-04-29T12:00:00Z, 2026-04-29 (midnight UTC), or how long ago, as a duration: 30m, 12h, 90d, 1d12h
    #[arg(long, value_name = "TIME", value_parser = time::parse_moment)]
    pub(crate) since: Option<Moment>,
    /// Only records before this time, given in the same way: `--until 90d` is what is older than 90 days
    #[arg(long, value_name = "TIME", value_parser = time::parse_moment)]
    pub(crate) until: Option<Moment>,
    /// Go by an age such as 90d also if this computer's clock and the vendor's differ by more than five minutes
    #[arg(long)]
    pub(crate) trust_clock: bool,
    /// Only records of this status; several with commas, or given again
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<String>,
    /// Only conversations of this agent (ElevenLabs)
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// Only conversations of this user (ElevenLabs)
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}

impl FilterArgs {
    /// Whether a bound is an age, which is as good as this computer's clock.
    pub(crate) fn is_by_age(&self) -> bool {
        [self.since, self.until].iter().any(|moment| matches!(moment, Some(Moment::Ago(_))))
    }

    /// Whether it narrows nothing.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self { trust_clock: self.trust_clock, ..Self::default() }
    }
}

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
    #[arg(value_name = "VENDOR|JOB", value_parser = job::parse_subject)]
    pub(crate) subject: Subject,
    /// The ids (put `--` before one that begins with a hyphen)
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<OsString>,
    /// Take ids from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) ids_from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) column: ColumnArgs,
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
    pub(crate) travel: TravelArgs,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Whose credential
    pub(crate) vendor: VendorName,
    /// How to write the result: as text, or as one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

#[derive(Args, Debug)]
pub(crate) struct FakeArgs {
    /// How many records to make at each vendor
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=5_000_000))]
    pub(crate) count: u32,
    /// Write the environment to this file too, readable by its owner alone. It must not exist
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_line_of_the_help_is_broken_by_a_terminal() {
        for text in [help::PROGRAM, help::DELETE, help::LIST, help::VERIFY, help::CHECK, help::PLAN, help::RUN] {
            for line in text.lines() {
                assert!(line.chars().count() <= 100, "{line}");
            }
        }
    }
}
