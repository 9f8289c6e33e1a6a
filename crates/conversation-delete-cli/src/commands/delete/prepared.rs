//! What `delete` knows before it sends anything.

use std::io::{self, IsTerminal};

use delete_core::{RateLimiter, RecordReader};
use tokio::runtime::Runtime;

use crate::args::{DeleteArgs, is_stdin};
use crate::ids::IdList;
use crate::ids::input;
use crate::notice::notice;
use crate::plan::holds::{self, Matching, Unmatched};
use crate::report::Context;
use crate::vendor::{self, DryRunClients, Target};

/// A job of at most so many ids is interactive: somebody waits for it.
const MAX_INTERACTIVE_IDS: usize = 10;

/// A run that could begin.
pub(super) struct Prepared<'a> {
    pub(super) args: &'a DeleteArgs,
    pub(super) runtime: &'a Runtime,
    pub(super) target: Target,
    pub(super) dry_clients: DryRunClients,
    /// The limit that all requests of the run keep together.
    pub(super) limiter: Option<RateLimiter>,
    /// Checks the credential; `None` in a dry run.
    pub(super) reader: Option<Box<dyn RecordReader>>,
    pub(super) ids: IdList,
    /// The holds that match none of the ids.
    unmatched: Unmatched,
}

pub(super) fn prepare<'a>(args: &'a DeleteArgs, runtime: &'a Runtime) -> Result<Prepared<'a>, String> {
    let target = Target::from_args(args)?;
    check_question(args)?;
    let vendor = target.vendor_name();
    let limiter = vendor::rate_limiter(vendor, args.rate);
    let connect = || vendor::connect_reader(vendor, args.travel, limiter.as_ref()).map_err(|error| error.to_string());
    let reader = if args.dry_run { None } else { Some(connect()?) };
    let dry_clients = DryRunClients::with_children(target, args.method.children).map_err(|error| error.to_string())?;
    let mut ids = input::read(&args.input, most_ids(args))?;
    let marked = holds::mark(&mut ids, &args.hold, &args.input.column, vendor);
    let unmatched = marked.map_err(|error| format!("{error}; nothing was sent"))?;
    Ok(Prepared { args, runtime, target, dry_clients, limiter, reader, ids, unmatched })
}

/// The most ids that are held beside those that `--max` allows to be deleted.
const MAX_HELD: u64 = 1_000_000;

/// How many ids are read. Only those that are not held count for `--max`.
fn most_ids(args: &DeleteArgs) -> u64 {
    if args.hold.files.is_empty() { args.max } else { args.max.saturating_add(MAX_HELD) }
}

/// Makes sure that the question can be answered, if it will be asked.
fn check_question(args: &DeleteArgs) -> Result<(), &'static str> {
    let stdin = args.hold.stdin_count() + usize::from(is_stdin(args.input.ids_from.as_deref()));
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
    /// Why nothing may be sent, whatever the vendor would say.
    pub(super) fn safety_reason(&self) -> Option<String> {
        let max = self.args.max;
        if self.ids.unheld_len() as u64 > max || self.ids.len() as u64 > most_ids(self.args) {
            return Some(format!("there are more ids than --max {max}"));
        }
        let reason = self.unmatched.explain(Matching::Ids)?;
        if self.args.hold.allow_unmatched_holds {
            notice(&format!("warning: {reason}"));
            return None;
        }
        Some(format!("{reason}; if that is right, add --allow-unmatched-holds"))
    }

    /// Whether the credential is checked before the first delete. The first request of an interactive job is its check,
    /// unless it must be known before that the credential may read.
    pub(super) fn checks_credential(&self) -> bool {
        self.args.verify.is_some() || self.ids.len() > MAX_INTERACTIVE_IDS
    }

    pub(super) fn context(&self) -> Context {
        Context::new(self.target.vendor(), self.target.erasure_mode(), self.args.output)
    }

    pub(super) fn batch(&self) -> usize {
        if self.args.method.one_by_one { 1 } else { self.dry_clients.deleter().max_batch().max(1) }
    }
}
