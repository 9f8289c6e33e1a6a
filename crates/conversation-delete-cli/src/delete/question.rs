//! What whoever sits at the terminal is asked.

use std::io;

use super::Prepared;
use crate::args::ChildrenChoice;
use crate::progress::{ask, notice};
use crate::report::{count, visible};

impl Prepared<'_> {
    pub(super) fn is_confirmed(&self) -> bool {
        let vendor = self.target.vendor();
        notice(&format!("About to delete {} at {vendor}.", count(self.ids.unheld_len() as u64, "record")));
        for variable in self.target.vendor_name().workspace_variables() {
            let value = std::env::var(variable).map_or("(not set)".to_owned(), |value| visible(&value));
            tell(variable, &value);
        }
        if let Some(erasure) = self.target.erasure_mode() {
            tell("mode", erasure.as_str());
        }
        match self.args.method.children {
            Some(ChildrenChoice::All) => tell("children", "all of them, first"),
            Some(ChildrenChoice::Available) => tell("children", "first; guided documents only if they can be listed"),
            None => {}
        }
        if self.args.method.allow_active {
            tell("active records", "deleted too");
        }
        let held = self.ids.len() - self.ids.unheld_len();
        if held > 0 {
            tell("held, not deleted", &held.to_string());
        }
        let first = self.ids.unheld().next().and_then(|number| self.ids.id(number).ok());
        let first = first.map(|id| self.runtime.block_on(self.rehearsal.request_for(&[id])));
        if let Some(Ok(request)) = first {
            tell("first delete", &format!("{} {}", request.method, request.url));
        }
        let refused = self.ids.refused_len();
        if refused > 0 {
            tell("refused, not sent", &refused.to_string());
        }
        ask("This cannot be undone here. Type `yes` to go on: ");
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }
}

fn tell(name: &str, value: &str) {
    notice(&format!("  {name:<21} {value}"));
}
