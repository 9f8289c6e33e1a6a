//! What `delete` knows before it sends anything.

use std::io::{self, IsTerminal};

use conversation_delete_job::JobLocation;
use delete_core::{Error, RateLimiter, RecordReader};
use tokio::runtime::Runtime;

use crate::args::DeleteArgs;
use crate::bundle::Bundle;
use crate::commands::erasure_mode;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::plan::draft::Draft;
use crate::plan::holds::{Matching, Unmatched};
use crate::plan::input::InputCounts;
use crate::plan::target::{self, Choices};
use crate::report::Context;
use crate::settings::Settings;
use crate::vendor::{self, DryRunClients, Target};

/// A job of at most so many ids is interactive: somebody waits for it.
const MAX_INTERACTIVE_IDS: u64 = 10;

/// A run that could begin.
pub(super) struct Prepared<'a> {
    pub(super) args: &'a DeleteArgs,
    pub(super) runtime: &'a Runtime,
    pub(super) target: Target,
    pub(super) settings: Settings,
    /// The same, as the plan describes it.
    pub(super) described: conversation_delete_job::Target,
    pub(super) dry_clients: DryRunClients,
    /// The limit that all requests of the run keep together.
    pub(super) limiter: Option<RateLimiter>,
    /// Checks the credential; `None` in a dry run.
    pub(super) reader: Option<Box<dyn RecordReader>>,
    /// The plan, in memory.
    pub(super) location: JobLocation,
    pub(super) counts: InputCounts,
    /// How many ids are to be deleted; `None` if it is above the maximum.
    planned: Option<u64>,
    /// The evidence that is to be written.
    pub(super) bundle: Option<Bundle>,
    /// The holds that match none of the ids.
    unmatched: Unmatched,
}

/// Reads the holds and the ids into a plan in memory.
pub(super) fn prepare<'a>(args: &'a DeleteArgs, runtime: &'a Runtime) -> Result<(Prepared<'a>, Draft), CommandError> {
    erasure_mode::explain_if_missing(&[args.input.vendor], &args.method);
    let target = Target::from_args(args).map_err(CommandError::usage)?;
    check_question(args).map_err(CommandError::usage)?;
    let bundle = Bundle::prepare(&args.bundle)?;
    let vendor = target.vendor_name();
    let settings = args.profile.choice().one(vendor)?;
    let limiter = vendor::rate_limiter(vendor, args.rate);
    let usage = |error: Error| CommandError::usage(error);
    let reader = match args.dry_run {
        true => None,
        false => Some(vendor::connect_reader(&settings, args.travel, limiter.as_ref()).map_err(usage)?),
    };
    let dry_clients = DryRunClients::with_children(&settings, target, args.method.children).map_err(usage)?;
    let described = describe(args, &settings, target, runtime, true)?;
    let mut draft = Draft::in_memory(args.max, vec![described.clone()])?;
    draft.add_holds(&args.hold, &args.input.file.column, &[vendor])?;
    draft.add_ids(vendor, &args.input.ids, &args.input.file).map_err(advise_plan)?;
    let (counts, location) = (draft.counts, draft.location());
    let (planned, unmatched) = (draft.planned()?, draft.unmatched_holds(&args.hold)?);
    let prepared = Prepared {
        args,
        runtime,
        target,
        settings,
        described,
        dry_clients,
        limiter,
        reader,
        location,
        counts,
        planned,
        bundle,
        unmatched,
    };
    Ok((prepared, draft))
}

/// SQLite keeps up to 1 GiB in memory.
fn advise_plan(error: CommandError) -> CommandError {
    match error.job {
        None => error,
        Some(_) => CommandError {
            advice: "; nothing was sent: if these are many millions of ids, `plan` writes them into a file for `run`",
            ..error
        },
    }
}

/// The target, with a credential that `may_read` or need not. A dry run needs none.
pub(super) fn describe(
    args: &DeleteArgs,
    settings: &Settings,
    target: Target,
    runtime: &Runtime,
    may_read: bool,
) -> Result<conversation_delete_job::Target, CommandError> {
    match args.dry_run {
        true => target::without_credential(settings, target, runtime).map_err(CommandError::usage),
        false => Choices { method: args.method, delete_only: !may_read }.describe(settings, target, runtime),
    }
}

/// Makes sure that the question can be answered, if it will be asked.
fn check_question(args: &DeleteArgs) -> Result<(), &'static str> {
    let stdin = args.hold.stdin_count() + usize::from(args.input.file.is_stdin());
    if stdin > 1 {
        return Err("stdin (`-`) can be read once");
    }
    if args.yes || args.dry_run {
        return Ok(());
    }
    if stdin > 0 {
        return Err(
            "the ids or holds come from stdin, so no question can be asked there: add --yes (or --dry-run to look first)",
        );
    }
    if !io::stdin().is_terminal() {
        return Err("stdin is not a terminal, so no question can be asked: add --yes (or --dry-run to look first)");
    }
    Ok(())
}

impl Prepared<'_> {
    /// Refuses what is not to be sent, whatever the vendor would say.
    pub(super) fn check_safety(&self) -> Result<(), CommandError> {
        if self.planned.is_none() {
            let message = format!("there are more ids than --max {}: nothing was sent", self.args.max);
            return Err(CommandError::new(Exit::Unsafe, message));
        }
        self.unmatched.check(&self.args.hold, Matching::Ids)
    }

    /// How many ids are to be deleted.
    pub(super) fn planned(&self) -> u64 {
        self.planned.unwrap_or(self.counts.ids)
    }

    /// Whether the credential is checked before the first delete. The first request of an interactive job is its check,
    /// unless it must be known before that the credential may read.
    pub(super) fn checks_credential(&self) -> bool {
        self.args.verify.is_some() || self.counts.ids > MAX_INTERACTIVE_IDS
    }

    pub(super) fn context(&self) -> Context {
        Context::new(self.target.vendor(), self.target.erasure_mode(), self.args.output)
    }

    pub(super) fn batch(&self) -> usize {
        if self.args.method.one_by_one { 1 } else { self.dry_clients.deleter().max_batch().max(1) }
    }
}
