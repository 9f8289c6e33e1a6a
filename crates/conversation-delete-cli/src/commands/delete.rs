//! The command `delete`, step by step. Whatever can be wrong is found before anything is sent.

mod job;
mod place;
mod plan;
mod prepared;
mod reporter;
mod unsent;

use delete_core::Error;
use tokio::runtime::Runtime;

use crate::args::{ChildrenChoice, DeleteArgs};
use crate::confirm;
use crate::exit::{Exit, Findings};
use crate::notice::notice;
use crate::plan::dry_run::DryRun;
use crate::report::{Format, Item, Printer, count, report_error, visible};
use crate::vendor::Target;
use prepared::{Prepared, prepare};

/// Carries out the command.
pub(crate) fn execute(args: &DeleteArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    match prepare(args, runtime) {
        Ok(prepared) => prepared.carry_out(is_verbose),
        Err(message) => {
            report_error(Exit::Usage, &message, "");
            Exit::Usage
        }
    }
}

impl Prepared<'_> {
    fn carry_out(&self, is_verbose: bool) -> Exit {
        if self.ids.len() == 0 && self.ids.refused_len() == 0 {
            return self.refuse(Exit::Success, "there is nothing to delete: nothing was sent");
        }
        if self.ids.len() == 0 {
            report_error(Exit::Usage, "none of the ids is valid; nothing was sent", "");
            self.report_unsent();
            return Exit::Usage;
        }
        if let Some(reason) = self.safety_reason() {
            return self.refuse(Exit::Unsafe, &format!("{reason}: nothing was sent"));
        }
        match &self.reader {
            None => self.print_dry_run(),
            Some(_) if self.ids.unheld_len() == 0 => self.report_all_held(),
            Some(_) if !self.args.yes && !self.is_confirmed() => {
                self.refuse(Exit::Unsafe, "not confirmed: nothing was sent")
            }
            Some(reader) => job::execute(self, &**reader, is_verbose),
        }
    }

    fn is_confirmed(&self) -> bool {
        let heading =
            format!("About to delete {} at {}.", count(self.ids.unheld_len() as u64, "record"), self.target.vendor());
        let rows = self.details();
        confirm::is_confirmed(&heading, rows.into_iter().map(|(name, value)| format!("{name:<21} {value}")))
    }

    /// What the question names.
    fn details(&self) -> Vec<(&'static str, String)> {
        let variable =
            |name: &&'static str| (*name, std::env::var(name).map_or("(not set)".to_owned(), |value| visible(&value)));
        let mut rows: Vec<_> = self.target.vendor_name().workspace_variables().iter().map(variable).collect();
        rows.extend(self.target.erasure_mode().map(|mode| ("mode", mode.as_str().to_owned())));
        rows.extend(self.args.method.children.map(|choice| {
            let text = match choice {
                ChildrenChoice::All => "all of them, first",
                ChildrenChoice::Available => "first; guided documents only if they can be listed",
            };
            ("children", text.to_owned())
        }));
        if self.args.method.allow_active {
            rows.push(("live records", "deleted too".to_owned()));
        }
        let held = self.ids.len() - self.ids.unheld_len();
        if held > 0 {
            rows.push(("held, not deleted", held.to_string()));
        }
        let first = self.ids.unheld().next().and_then(|number| self.ids.id(number).ok());
        if let Some(Ok(request)) = first.map(|id| self.runtime.block_on(self.dry_clients.request_for(&[id]))) {
            rows.push(("first delete", format!("{} {}", request.method, request.url)));
        }
        let refused = self.ids.refused_len();
        if refused > 0 {
            rows.push(("refused, not sent", refused.to_string()));
        }
        rows
    }

    fn print_dry_run(&self) -> Exit {
        notice(&format!("dry run: {}, nothing is sent", count(self.ids.unheld_len() as u64, "id")));
        self.print_omissions();
        let (output, printer) = Printer::start(self.context());
        let planned = self.runtime.block_on(async {
            let tally = self.dry_run().print(&output).await?;
            // A closed stdout shows when the printer ends. What was not sent can be planned again.
            if !output.is_broken() {
                output.send(Item::Summary(tally.into())).await;
            }
            Ok::<(), Error>(())
        });
        drop(output);
        let printed = printer.finish();
        if let Err(error) = &planned {
            report_error(Exit::Fault, &error.to_string(), "");
        }
        if let Err(error) = &printed {
            notice(&format!("error: stdout cannot be written to: {error}"));
        }
        Findings::default()
            .with_if(planned.is_err(), Exit::Fault)
            .with_if(printed.is_err(), Exit::Stopped)
            .with_if(self.ids.refused_len() > 0, Exit::Incomplete)
            .exit()
    }

    fn dry_run(&self) -> DryRun<'_> {
        DryRun {
            target: self.target,
            dry_clients: &self.dry_clients,
            ids: &self.ids,
            batch: self.batch(),
            checks_credential: self.checks_credential(),
            verify: self.args.verify,
            rejects_active: !self.args.method.allow_active,
            with_records: self.args.output == Format::Json,
        }
    }

    /// Names the requests that depend on the vendor's responses.
    fn print_omissions(&self) {
        if self.batch() > 1 {
            notice("not shown: ids may be sent on their own until the target is confirmed");
        }
        if self.args.method.children.is_some() {
            notice("not shown: the children that these lists name would be deleted before their interaction");
        } else if self.target == Target::Corti && !self.args.method.allow_active {
            notice("not shown: a lookup of each transcript that these lists name");
        }
        if self.target == Target::Corti {
            notice("not shown: further requests for a token, which are sent without a CORTI_ACCESS_TOKEN");
        }
        if self.args.verify.is_some() {
            notice("not shown: further pages of lists, and further lookups of what is still present after its delete");
        }
    }
}
