//! The command `end`: ends running calls, and deletes nothing.

use std::io::{self, IsTerminal};

use conversation_delete_job::JobLocation;
use delete_core::vendor_kit::ErrorExt;
use delete_core::{ErasureMode, Error, RecordId};
use tavus_delete::Client;
use tokio::runtime::Runtime;

use crate::args::{EndArgs, VendorName};
use crate::confirm;
use crate::error::{CommandError, exit_of};
use crate::exit::{self, Exit, Findings};
use crate::notice::notice;
use crate::plan::draft::Draft;
use crate::plan::input::InputCounts;
use crate::plan::target;
use crate::report::{Context, EndRecord, EndResult, Item, Output, Printer, count, records, report_error};
use crate::vendor::{self, Target};
use crate::{signals, stopping};

/// Carries out the command.
pub(crate) fn execute(args: &EndArgs, runtime: &Runtime) -> Exit {
    exit_of(end(args, runtime))
}

fn end(args: &EndArgs, runtime: &Runtime) -> Result<Exit, CommandError> {
    check(args).map_err(CommandError::usage)?;
    let settings = args.profile.choice().one(VendorName::Tavus)?;
    let client = vendor::connect_tavus(&settings, args.travel).map_err(CommandError::usage)?;
    // The mode is that of a delete, which is not sent.
    let target = target::without_credential(&settings, Target::Tavus(ErasureMode::Soft), runtime)
        .map_err(CommandError::usage)?;
    let place = target.base_url.clone().unwrap_or_default();
    let mut draft = Draft::in_memory(args.max, vec![target])?;
    draft.add_ids(VendorName::Tavus, &args.input.ids, &args.input.file)?;
    let (counts, location) = (draft.counts, draft.location());
    draft.finish()?;
    let may_send = counts.ids > 0 && may_send(args, counts, &place)?;
    match (counts.ids, counts.refused) {
        (0, 0) => notice("there is nothing to end: nothing was sent"),
        (0, _) => report_error(Exit::Usage, "none of the ids is valid; nothing was sent", ""),
        _ => {}
    }
    let found = runtime.block_on(report(args, may_send.then_some(&client), &location))?;
    Ok(found.with_if(counts.ids == 0 && counts.refused > 0, Exit::Usage).exit())
}

fn check(args: &EndArgs) -> Result<(), &'static str> {
    if args.input.vendor != VendorName::Tavus {
        return Err("end is for tavus alone: no other vendor documents a request that ends a call");
    }
    if !args.yes && (args.input.file.is_stdin() || !io::stdin().is_terminal()) {
        return Err("stdin is not a terminal, or holds the ids, so no question can be asked: add --yes");
    }
    Ok(())
}

/// Asks, unless `--yes` does.
fn may_send(args: &EndArgs, counts: InputCounts, place: &str) -> Result<bool, CommandError> {
    let refuse = |message: String| Err(CommandError::new(Exit::Unsafe, message));
    if counts.ids > args.max {
        return refuse(format!("there are more ids than --max {}: nothing was sent", args.max));
    }
    let heading = format!("About to end {} at Tavus ({place}). No record is deleted.", count(counts.ids, "call"));
    match args.yes || confirm::is_confirmed(&[heading]) {
        true => Ok(true),
        false => refuse("not confirmed: nothing was sent".to_owned()),
    }
}

/// Ends each call and reports it, in the order of the input; without a client, only reports.
async fn report(args: &EndArgs, client: Option<&Client>, location: &JobLocation) -> Result<Findings, CommandError> {
    let _signals = signals::listen();
    let (output, printer) = Printer::start(Context::new(tavus_delete::VENDOR, None, args.output));
    let ended = end_each(client, location, &output).await;
    let printed = printer.end(output).await;
    if let Err(error) = &printed {
        notice(&format!("error: stdout cannot be written to: {error}"));
    }
    ended.map(|found| found.with_if(printed.is_err(), Exit::Stopped))
}

async fn end_each(client: Option<&Client>, location: &JobLocation, output: &Output) -> Result<Findings, CommandError> {
    let (mut client, mut found) = (client, Findings::default());
    for record in records(location)? {
        let record = record?;
        // A signal lets the request in flight come to its end, and no other begin.
        client = client.filter(|_| stopping::since().is_none() && !output.is_broken());
        let ended = match client.filter(|_| record.error.is_none()) {
            None => EndRecord::unsent(record),
            Some(sender) => {
                let id = VendorName::Tavus.id_form().parse(&record.id).map_err(CommandError::usage)?;
                let result = end_one(sender, &id).await;
                if let Some(error) = result.as_ref().err().filter(|error| error.is_fatal_for_client()) {
                    found = found.with(exit::of_error(error));
                    client = None;
                }
                EndRecord::of(&id, &result)
            }
        };
        found = match ended.result {
            EndResult::Ended => found,
            EndResult::NotFound | EndResult::Failed | EndResult::Refused => found.with(Exit::Incomplete),
            EndResult::NotAttempted => found.with(Exit::Stopped),
        };
        output.send(Item::End(Box::new(ended))).await;
    }
    Ok(found)
}

async fn end_one(client: &Client, id: &RecordId) -> Result<(), Error> {
    client.end_conversation(id.try_conversation().for_vendor(tavus_delete::VENDOR)?).await
}
