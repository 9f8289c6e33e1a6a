//! The arguments of the commands on jobs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use conversation_delete_job::{ShardFolder, Status, Verify};

use super::filter::FilterArgs;
use super::input::{ColumnArgs, FileArgs, HoldArgs};
use super::method::{MethodArgs, parse_verify_of_run};
use super::requests::{SpeedArgs, TravelArgs};
use super::{AbsentArgs, BundleArgs, ObserveArgs, ProfileArgs, candidates, time};
use crate::error::CommandError;
use crate::report::Format;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// One vendor or several; after a single one, ids
    #[arg(value_name = "VENDOR|ID", required = true, add = ArgValueCompleter::new(candidates::vendors))]
    pub(crate) words: Vec<OsString>,
    /// The new job file
    #[arg(long, value_hint = ValueHint::FilePath, value_name = "JOB")]
    pub(crate) out: PathBuf,
    /// Split the plan into N job files
    ///
    /// --out is a folder then, with a job file for each shard and manifest.json. The shard of an id is decided by a hash
    /// of it. Run the shards with `run FOLDER --shard I`, in as many processes as you like.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(ShardFolder::MAX_SHARDS)))]
    pub(crate) shards: Option<u16>,
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// All records that the credential sees
    #[arg(long, help_heading = "Records")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) hold: HoldArgs,
    /// Plan nothing if there are more records
    #[arg(long, help_heading = "Safety", value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    #[command(flatten)]
    pub(crate) method: MethodArgs,
    /// Print the summary as text or json
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

impl PlanArgs {
    /// Whether records are found by a list, instead of being named.
    pub(crate) fn wants_listing(&self) -> bool {
        self.all || !self.filter.is_empty()
    }
}

#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("lookups").args(["verify", "recheck_after"]).multiple(true))]
pub(crate) struct RunArgs {
    /// The job file, or a folder of shards
    #[arg(add = ArgValueCompleter::new(candidates::jobs))]
    pub(crate) job: PathBuf,
    /// Run one shard of a folder, numbered from 0
    ///
    /// Without it, the shard that JOB_COMPLETION_INDEX names, as in a Kubernetes Indexed Job; without that, one shard after
    /// another. --expect-count and --expect-hash are those of the whole folder, as `plan` printed them.
    #[arg(long, value_name = "I")]
    pub(crate) shard: Option<u16>,
    /// The plan that this shard is a part of.
    #[arg(skip)]
    pub(crate) whole: Option<WholePlan>,
    /// Do not ask
    ///
    /// Required, with --expect-count, if stdin is not a terminal.
    #[arg(long, help_heading = "Safety")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) hold: HoldArgs,
    #[command(flatten)]
    pub(crate) column: ColumnArgs,
    /// Also try again what failed
    ///
    /// The earlier failure is kept in the job.
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Accept another credential, such as a new key
    ///
    /// If it shows a record that is still to be deleted; at Corti the tenant of its token is enough.
    #[arg(long, help_heading = "Safety", hide_short_help = true)]
    pub(crate) accept_credential: bool,
    /// Refuse a job with another plan hash
    ///
    /// The hash that `plan` and `status` print.
    #[arg(long, help_heading = "Safety", value_name = "HASH", value_parser = parse_hash)]
    pub(crate) expect_hash: Option<String>,
    /// Refuse a job with another number of ids
    ///
    /// Required, with --yes, if stdin is not a terminal.
    #[arg(long, help_heading = "Safety", value_name = "N")]
    pub(crate) expect_count: Option<u64>,
    #[command(flatten)]
    pub(crate) speed: SpeedArgs,
    /// Stop after this duration, such as 6h
    ///
    /// The job can be run again.
    #[arg(long, help_heading = "Speed and network", value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// Prove each deletion: lookup, list or none
    ///
    /// `lookup` (the default if no value is given) looks up each record before and after its delete. `list` reads one
    /// complete list after the deletes instead of the second lookups. Without this option, the run verifies as the
    /// last run of the job did.
    #[arg(long, help_heading = "Verification and evidence", value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "lookup", value_parser = parse_verify_of_run)]
    pub(crate) verify: Option<Verify>,
    /// How long to look up what is still present
    ///
    /// With --verify or --recheck-after. 0 looks each record up once. Default: 7s.
    #[arg(long, help_heading = "Verification and evidence", hide_short_help = true, value_name = "DURATION", value_parser = time::parse_wait, requires = "lookups")]
    pub(crate) wait: Option<Duration>,
    /// Look up all again after this duration
    ///
    /// When every record is deleted, waits for this duration, such as 1h or 1d, and looks each one up again.
    #[arg(long, help_heading = "Verification and evidence", value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) recheck_after: Option<Duration>,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
    #[command(flatten)]
    pub(crate) absent: AbsentArgs,
    /// Print the summary as text or json
    ///
    /// A table for each vendor; or a JSON object for each vendor, and one for all.
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
    /// The settings of the `sweep` that it is a part of, which does not wait for long outages, and writes one summary for
    /// all its jobs.
    #[arg(skip)]
    pub(crate) sweep: Option<Settings>,
}

impl RunArgs {
    /// The settings of the targets of the job, in their order: a sweep's own, else as for [`Choice::of_job`](crate::settings::Choice::of_job).
    pub(crate) fn settings(&self, status: &Status) -> Result<Vec<Settings>, CommandError> {
        match &self.sweep {
            Some(settings) => Ok(vec![settings.clone(); status.targets.len()]),
            None => self.profile.choice().of_job(status),
        }
    }
}

/// The plan that a shard is a part of, with which `--expect-hash` and `--expect-count` are compared.
#[derive(Clone, Debug)]
pub(crate) struct WholePlan {
    pub(crate) hash: String,
    pub(crate) planned: u64,
}

#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    /// The job file, or a folder of shards
    #[arg(add = ArgValueCompleter::new(candidates::jobs))]
    pub(crate) job: PathBuf,
    /// Exit with the code of the job's state
    ///
    /// 0 if all is well, 3 if it is finished with problems, 4 if ids are left or it is running; 5, 6 or 7 as the last run
    /// ended. Without it, 0 if the job can be read.
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Repeat it until nobody runs the job
    ///
    /// Every 2 seconds, or so many. Ctrl-C ends it, and not the job.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = parse_interval)]
    pub(crate) watch: Option<Duration>,
    #[command(flatten)]
    pub(crate) absent: AbsentArgs,
    /// Print it as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
}

/// A positional argument that follows `--watch` is taken for its value.
fn parse_interval(text: &str) -> Result<Duration, String> {
    time::parse_duration(text).map_err(|error| format!("{error} (write `status JOB --watch`, or `--watch=2 JOB`)"))
}

fn parse_hash(text: &str) -> Result<String, String> {
    let hash = text.to_ascii_lowercase();
    match hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(hash),
        false => Err("give the 64 hexadecimal digits that `plan` and `status` print".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_64_hexadecimal_digits() {
        assert_eq!(parse_hash(&"aB".repeat(32)), Ok("ab".repeat(32)));
        for text in ["", "ab", &"g".repeat(64), &"ab".repeat(33), &format!(" {}", "a".repeat(63))] {
            assert!(parse_hash(text).is_err(), "{text}");
        }
    }
}
