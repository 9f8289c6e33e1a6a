//! The question before the first request.

use std::fs::File;
use std::io::{self, IsTerminal, Write};

use conversation_delete_job::Target;
use delete_core::ErasureMode;

use crate::args::VendorName;
use crate::notice::{ask, notice_always};
use crate::plan::heading;
use crate::report::{count, visible};
use crate::settings::{planned_profile, profile_option};

/// The end of every question.
const QUESTION: &str = "Type `yes` to go on: ";

/// How many ids the question names.
pub(crate) const NAMED_IDS: u32 = 3;

/// What is about to be deleted.
pub(crate) struct Question<'a> {
    pub(crate) subjects: Vec<Subject<'a>>,
    /// What concerns all of them.
    pub(crate) notes: Vec<String>,
}

/// What is about to be deleted at one target.
pub(crate) struct Subject<'a> {
    pub(crate) target: &'a Target,
    /// How many records.
    pub(crate) count: u64,
    /// The first of their ids.
    pub(crate) first_ids: Vec<String>,
    /// What else is known, by its name.
    pub(crate) more: Vec<(&'static str, String)>,
}

impl Question<'_> {
    /// Asks, and returns whether the person at the terminal typed `yes`.
    pub(crate) fn is_confirmed(&self) -> bool {
        let total = count(self.subjects.iter().map(|subject| subject.count).sum(), "record");
        let mut lines = match &*self.subjects {
            [subject] => vec![format!("About to delete {total} at {}.", subject.vendor())],
            _ => vec![format!("About to delete {total}:")],
        };
        for subject in &self.subjects {
            if self.subjects.len() > 1 {
                lines.push(format!("{}: {}", subject.vendor(), count(subject.count, "record")));
            }
            lines.extend(subject.rows().iter().map(|(name, value)| format!("  {name:<18} {value}")));
        }
        lines.extend(self.notes.iter().cloned());
        lines.extend(self.consequences().map(str::to_owned));
        is_confirmed(&lines)
    }

    /// What cannot be undone.
    fn consequences(&self) -> impl Iterator<Item = &'static str> {
        let has = |mode| self.subjects.iter().any(|subject| subject.target.mode == mode);
        let consequences = [
            (has(None), "A deleted record cannot be restored."),
            (has(Some(ErasureMode::Hard)), "Tavus deletes each record and its assets. This is irrevocable."),
            (
                has(Some(ErasureMode::Soft)),
                "A soft delete is not an erasure: Tavus does not document what it keeps, for how long, or whether a record can be \
                 restored.",
            ),
        ];
        consequences.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text)
    }
}

impl Subject<'_> {
    fn vendor(&self) -> String {
        heading::name(&self.target.vendor)
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let target = self.target;
        let profile = planned_profile(target);
        let mut rows: Vec<_> = profile.map(|name| ("profile", visible(name))).into_iter().collect();
        rows.push(("base URL", visible(target.base_url.as_ref().unwrap_or(&target.origin))));
        let variables = VendorName::of(&target.vendor).filter(|_| profile.is_none());
        let variables =
            variables.map_or_else(String::new, |vendor| format!(" ({})", vendor.workspace_variables().join(", ")));
        rows.extend(target.place.as_ref().map(|place| ("workspace", format!("{}{variables}", visible(place)))));
        rows.push(("key fingerprint", visible(&target.credential)));
        rows.extend(target.mode.map(|mode| ("mode", mode.as_str().to_owned())));
        let profile = profile.map(profile_option);
        let options: Vec<&str> =
            target.options.split(' ').filter(|option| Some(*option) != profile.as_deref()).collect();
        if !options.concat().is_empty() {
            rows.push(("options", visible(&options.join(" "))));
        }
        if !self.first_ids.is_empty() {
            let more = if self.count > self.first_ids.len() as u64 { ", …" } else { "" };
            let ids: Vec<String> = self.first_ids.iter().map(|id| visible(id)).collect();
            rows.push(("first ids", format!("{}{more}", ids.join(", "))));
        }
        rows.extend(self.more.iter().cloned());
        rows
    }
}

/// Shows the lines, and returns whether the person at the terminal typed `yes`.
pub(crate) fn is_confirmed(lines: &[String]) -> bool {
    lines.iter().for_each(|line| notice_always(line));
    ask(QUESTION);
    // Whoever sends stderr elsewhere must see what is asked.
    if !io::stderr().is_terminal() {
        if let Ok(mut terminal) = File::options().write(true).open("/dev/tty") {
            let _ = terminal.write_all(format!("{}\n{QUESTION}", lines.join("\n")).as_bytes());
        }
    }
    let mut response = String::new();
    io::stdin().read_line(&mut response).is_ok() && response.trim() == "yes"
}
