//! The command `plan`: writes down what is to be deleted, and deletes nothing.

mod summary;

use std::time::SystemTime;

use tokio::runtime::Runtime;

use crate::args::words::{self, Words};
use crate::args::{PlanArgs, VendorName};
use crate::commands::erasure_mode;
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::plan::bounds;
use crate::plan::draft::{Draft, check_out};
use crate::plan::holds::Matching;
use crate::plan::shards::ShardDraft;
use crate::plan::target::{Choices, refuse_twins};
use crate::report::count;
use crate::settings::Settings;
use crate::vendor::Target;

/// Carries out the command.
pub(crate) fn execute(args: &PlanArgs, runtime: &Runtime) -> Exit {
    exit_of(plan(args, runtime))
}

fn plan(args: &PlanArgs, runtime: &Runtime) -> Result<Exit, CommandError> {
    let words = words::read(&args.words).map_err(CommandError::usage)?;
    check(args, &words).map_err(CommandError::usage)?;
    let settings = args.profile.choice().all(&words.vendors)?;
    check_ids(&words, args, &settings)?;
    let vendors: Vec<VendorName> = settings.iter().map(|settings| settings.vendor).collect();
    erasure_mode::explain_if_missing(&vendors, &args.method);
    let described = describe(args, &settings, runtime)?;
    check_out(&args.out)?;
    let shards = args.shards.map(|shards| ShardDraft::begin(&args.out, shards)).transpose()?;
    let out = shards.as_ref().map_or_else(|| args.out.clone(), ShardDraft::plan_path);
    let written = Draft::begin(&out, args.max, described).and_then(|mut draft| {
        draft.add_holds(&args.hold, &args.file.column, &words.vendors)?;
        let matching = if args.wants_listing() {
            // One moment for all vendors.
            let times = bounds::times(&args.filter).at(SystemTime::now());
            bounds::print_bounds(&args.filter, &times);
            runtime.block_on(draft.add_lists(&args.filter, &times, args.travel, &settings))?;
            Matching::List { is_filtered: !args.filter.is_empty() }
        } else {
            add_ids(&mut draft, args, &words)?;
            Matching::Ids
        };
        draft.unmatched_holds(&args.hold)?.check(&args.hold, matching)?;
        draft.check_planned()?;
        let plan = draft.finish()?;
        shards.map_or(Ok(()), ShardDraft::finish)?;
        Ok(plan)
    });
    let plan = written.map_err(CommandError::without_file)?;
    summary::tell(&args.out, &plan, args.output)
}

fn has_ids(words: &Words, args: &PlanArgs) -> bool {
    !words.ids.is_empty() || args.file.ids_from.is_some()
}

fn check_ids(words: &Words, args: &PlanArgs, settings: &[Settings]) -> Result<(), CommandError> {
    match has_ids(words, args) && settings.len() > 1 {
        true => Err(CommandError::usage(
            "ids belong to one vendor; with several vendors or profiles, records are found by --all or a filter",
        )),
        false => Ok(()),
    }
}

fn check(args: &PlanArgs, words: &Words) -> Result<(), String> {
    let has_ids = has_ids(words, args);
    let has_filter = !args.filter.is_empty();
    if args.all && has_filter {
        return Err("--all is all records; leave it out where --since, --until, --status, --agent or --user say \
                    which"
            .to_owned());
    }
    if has_ids && args.wants_listing() {
        return Err("ids, or --all or a filter: not both".to_owned());
    }
    if !has_ids && !args.wants_listing() {
        return Err(
            "which records? Name ids, a file with --ids-from, --all, or a filter such as --until 90d".to_owned()
        );
    }
    args.method.check(&words.vendors)?;
    if args.hold.stdin_count() + usize::from(args.file.is_stdin()) > 1 {
        return Err("stdin (`-`) can be read once".to_owned());
    }
    Ok(())
}

fn describe(
    args: &PlanArgs,
    settings: &[Settings],
    runtime: &Runtime,
) -> Result<Vec<conversation_delete_job::Target>, CommandError> {
    let choices = Choices { method: args.method, delete_only: false };
    let target = |settings: &Settings| Target::of(settings.vendor, &args.method).map_err(CommandError::usage);
    // What is missing among the arguments is reported before what is missing among the settings.
    let targets = settings.iter().map(target).collect::<Result<Vec<_>, _>>()?;
    let describe = |(settings, target)| choices.describe(settings, target, runtime);
    let described: Vec<_> = settings.iter().zip(targets).map(describe).collect::<Result<_, _>>()?;
    refuse_twins(settings.iter().zip(&described))?;
    Ok(described)
}

fn add_ids(draft: &mut Draft, args: &PlanArgs, words: &Words) -> Result<(), CommandError> {
    draft.add_ids(words.vendors[0], &words.ids, &args.file)?;
    if draft.counts.ids == 0 && draft.counts.refused > 0 {
        let refused = count(draft.counts.refused, "entry").replace("entrys", "entries");
        return Err(CommandError::usage(format!("none of the ids is valid ({refused} refused)")));
    }
    draft.check_max()
}
