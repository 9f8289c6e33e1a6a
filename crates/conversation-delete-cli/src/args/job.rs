//! The arguments of the commands on jobs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use conversation_delete_job::{ShardFolder, Verify};

use super::filter::FilterArgs;
use super::input::{ColumnArgs, FileArgs, HoldArgs};
use super::method::{MethodArgs, parse_verify_of_run};
use super::requests::{PaceArgs, TravelArgs};
use super::{AbsentArgs, BundleArgs, ObserveArgs, ProfileArgs, time};
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// Whose records (corti, fini, elevenlabs, tavus), one vendor or several; after a single one, the ids
    #[arg(value_name = "VENDOR|ID", required = true)]
    pub(crate) words: Vec<OsString>,
    /// The job file to write. It must not exist
    #[arg(long, value_name = "JOB")]
    pub(crate) out: PathBuf,
    /// Split the plan into N job files
    ///
    /// --out is a folder then, with a job file for each shard and manifest.json. The shard of an id is decided by a hash of it. Run the shards with `run FOLDER --shard I`, in as many processes as you like
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(ShardFolder::MAX_SHARDS)))]
    pub(crate) shards: Option<u16>,
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// All records that the credential sees
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) hold: HoldArgs,
    /// Plan nothing if there is more to delete than this
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    #[command(flatten)]
    pub(crate) method: MethodArgs,
    /// How to write the summary: as a table, or as one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
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
    pub(crate) job: PathBuf,
    /// Run one shard of a folder, numbered from 0
    ///
    /// Without it, the shard that JOB_COMPLETION_INDEX names, as in a Kubernetes Indexed Job; without that, one shard after another. --expect-count and --expect-hash are those of the whole folder, as `plan` printed them
    #[arg(long, value_name = "I")]
    pub(crate) shard: Option<u16>,
    /// The plan that this shard is a part of.
    #[arg(skip)]
    pub(crate) whole: Option<WholePlan>,
    /// Do not ask. Required if stdin is not a terminal
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) hold: HoldArgs,
    #[command(flatten)]
    pub(crate) column: ColumnArgs,
    /// Try again what has failed; what it was is kept in the job
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Go on with another credential than the planned one, such as a rotated key, if it shows a record that is still to be deleted; at Corti its token's tenant is enough
    #[arg(long)]
    pub(crate) accept_credential: bool,
    /// The hash that `plan` printed: a job with another plan is refused, and nothing is sent
    #[arg(long, value_name = "HASH", value_parser = parse_hash)]
    pub(crate) expect_hash: Option<String>,
    /// How many ids the plan must hold, or nothing is sent. Required if stdin is not a terminal
    #[arg(long, value_name = "N")]
    pub(crate) expect_count: Option<u64>,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// The most requests in a second, for each vendor. Also replaces Fini's documented 100 in a minute
    #[arg(long, value_name = "N", value_parser = time::parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Stop after this duration, such as 45m, 14h or 2d; the job can be run again
    #[arg(long, value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// Prove each deletion: look up each record before and after its delete (lookup), or read one complete list after the deletes (list), or do not (none) [default: as the last run of this job; if given without a value: lookup]
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "lookup", value_parser = parse_verify_of_run)]
    pub(crate) verify: Option<Verify>,
    /// With --verify or --recheck-after: how long to look up records again that are still there; 0 looks them up once [default: 7s]
    #[arg(long, value_name = "DURATION", value_parser = time::parse_wait, requires = "lookups")]
    pub(crate) wait: Option<Duration>,
    /// When all is deleted, wait for this duration, such as 1h or 1d, and look again
    #[arg(long, value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) recheck_after: Option<Duration>,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
    #[command(flatten)]
    pub(crate) absent: AbsentArgs,
    /// How to write the summary: a table for each vendor, or an object for each and one for all
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
    /// It is a part of a `sweep`, which does not wait for long outages, and writes one summary for all its jobs.
    #[arg(skip)]
    pub(crate) is_sweep: bool,
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
    /// How to write it: as a table, or as one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
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
