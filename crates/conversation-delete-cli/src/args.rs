//! The arguments.

mod absent;
mod candidates;
mod delete;
mod end;
mod evidence;
mod export;
mod fake;
mod filter;
mod find;
mod help;
mod input;
mod job;
mod jobs;
mod method;
mod observe;
mod profile;
mod requests;
mod sweep;
mod time;
pub(crate) mod variables;
pub(crate) mod words;

pub(crate) use crate::vendor::VendorName;
pub(crate) use absent::AbsentArgs;
pub(crate) use delete::DeleteArgs;
pub(crate) use end::EndArgs;
pub(crate) use evidence::{
    BundleArgs, BundleFormArgs, EvidenceArgs, EvidenceCommand, EvidenceExportArgs, EvidenceKeygenArgs,
    EvidenceProveArgs, EvidenceVerifyArgs,
};
pub(crate) use export::{CsvArgs, ExportArgs, ExportFormat};
pub(crate) use fake::FakeArgs;
pub(crate) use filter::FilterArgs;
pub(crate) use find::{CheckArgs, DemoArgs, ListArgs, ListFormat, ManArgs, Subject, VerifyArgs};
pub(crate) use input::{ColumnArgs, FileArgs, HoldArgs, is_stdin};
pub(crate) use job::{PlanArgs, RunArgs, StatusArgs, WholePlan};
pub(crate) use jobs::{JobsArgs, JobsCommand, JobsListArgs, JobsPruneArgs};
pub(crate) use method::{ChildrenChoice, MethodArgs};
pub(crate) use observe::{MetricsArgs, ObserveArgs, Observed};
pub(crate) use profile::{ProfileArgs, ProfilesArgs, ProfilesCheckArgs, ProfilesCommand, ProfilesListArgs};
pub(crate) use requests::TravelArgs;
pub(crate) use sweep::SweepArgs;
pub(crate) use time::Moment;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::log_line::LogFormat;
use crate::report::Format;

/// Deletes conversation records at Corti, Fini, ElevenLabs and Tavus.
#[derive(Debug, Parser)]
#[command(
    name = "conversation-delete",
    version,
    help_template = help::TEMPLATE,
    after_help = help::MORE,
    after_long_help = help::PROGRAM,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Log each request on stderr
    ///
    /// Method, status and duration; never a key or a body. Given twice, it logs more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    pub(crate) verbose: u8,
    /// Print only errors and warnings on stderr
    ///
    /// Leaves out progress and notes. Stdout stays as it is.
    #[arg(short, long, global = true, display_order = 901)]
    pub(crate) quiet: bool,
    /// Write stderr as text or json
    ///
    /// With json, each message is an object on a line of its own, with time, level, message, run and vendor.
    #[arg(long, global = true, hide_short_help = true, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text, hide_possible_values = true, display_order = 902)]
    pub(crate) log_format: LogFormat,
}

impl Cli {
    /// Reads the arguments, and the variables of options that they do not give.
    ///
    /// # Errors
    /// What is wrong with them, or the help that they ask for.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let mut command = variables::with_variables(Self::command());
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show everything on fake vendors: no key, no network
    #[command(after_long_help = help::DEMO)]
    Demo(DemoArgs),
    /// Check a credential and its workspace; change nothing
    #[command(after_long_help = help::CHECK)]
    Check(CheckArgs),
    /// Find records and print their ids
    #[command(after_long_help = help::LIST)]
    List(ListArgs),
    /// Delete records by their ids
    #[command(after_long_help = help::DELETE)]
    Delete(DeleteArgs),
    /// Delete what is older than an age, as one command for cron
    #[command(after_long_help = help::SWEEP)]
    Sweep(SweepArgs),
    /// Look up whether records are gone
    #[command(after_long_help = help::VERIFY)]
    Verify(VerifyArgs),
    /// End running calls at Tavus; delete nothing
    #[command(after_long_help = help::END)]
    End(EndArgs),
    /// Write a job file of what to delete; delete nothing
    #[command(after_long_help = help::PLAN)]
    Plan(PlanArgs),
    /// Delete what a job file lists, or resume it
    #[command(after_long_help = help::RUN)]
    Run(RunArgs),
    /// Show how far a job has got, also while it runs
    #[command(after_long_help = help::STATUS)]
    Status(StatusArgs),
    /// Write the outcome of each record of a job
    #[command(after_long_help = help::EXPORT)]
    Export(ExportArgs),
    /// List or remove the jobs in the state directory
    Jobs(JobsArgs),
    /// List or check the profiles of the configuration file
    #[command(after_long_help = help::PROFILES)]
    Profiles(ProfilesArgs),
    /// Write, verify and prove evidence of deletions
    Evidence(EvidenceArgs),
    /// Serve the four fake vendors for tests
    #[command(after_long_help = help::FAKE)]
    Fake(FakeArgs),
    /// Print the JSON Schema of `--output json`
    #[command(after_long_help = help::SCHEMA)]
    Schema,
    /// Print a completion script for a shell
    #[command(after_long_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write all pages to a folder
    #[command(after_long_help = help::MAN)]
    Man(ManArgs),
}

impl Command {
    pub(crate) fn observed(&self) -> Observed<'_> {
        match self {
            Self::Delete(args) => args.observe.observed(),
            Self::Run(args) => args.observe.observed(),
            Self::Sweep(args) => args.observe.observed(),
            Self::Verify(args) => args.metrics.observed(),
            _ => Observed::default(),
        }
    }

    /// Whether stdout takes NDJSON.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Check(args) => args.output == Format::Json,
            Self::List(args) => args.output == ListFormat::Json,
            Self::Delete(args) => args.output == Format::Json,
            Self::Sweep(args) => args.output == Format::Json,
            Self::End(args) => args.output == Format::Json,
            Self::Plan(args) => args.output == Format::Json,
            Self::Run(args) => args.output == Format::Json,
            Self::Status(args) => args.output == Format::Json,
            Self::Export(args) => args.format() == Some(ExportFormat::Json),
            Self::Verify(args) => args.output == Format::Json,
            Self::Jobs(args) => matches!(&args.command, JobsCommand::List(args) if args.output == Format::Json),
            Self::Profiles(args) => args.output() == Format::Json,
            Self::Evidence(args) => args.command.is_json(),
            Self::Demo(_) | Self::Fake(_) | Self::Schema | Self::Completions { .. } | Self::Man(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
