//! What is said at the end of a run, and the exit code.

mod holds;

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use delete_core::Erasure;
use delete_job::{Ending, HoldReport, Status, TargetNumber, TargetStatus};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::lanes::Party;
use super::watch::span;
use super::{Trouble, plan, quoted, shown};
use crate::cli::{AbsentArgs, VendorName};
use crate::delete::Sightings;
use crate::exit::{Exit, Findings};
use crate::progress::notice;
use crate::report::{Format, ProofTally, count, visible, write_json_line};
use crate::stream;

/// How a vendor's part of a run ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    number: TargetNumber,
    vendor: VendorName,
    ending: Ending,
    /// What there is to say of it.
    reason: Option<String>,
}

impl Ended {
    /// `is_late` where it was the deadline that interrupted it.
    pub(super) fn of(party: &Party, ending: Ending, is_late: bool) -> Self {
        let ending = match ending {
            Ending::Interrupted if is_late => Ending::Deadline { wait: Duration::ZERO },
            ending => ending,
        };
        let reason = reason_of(&ending, party.vendor);
        Self { number: party.number(), vendor: party.vendor, ending, reason }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.ending == Ending::Finished
    }

    fn tell(&self) {
        if let Some(reason) = &self.reason {
            notice(&format!("error: {}: {}", self.vendor.vendor(), visible(reason)));
        }
    }
}

fn reason_of(ending: &Ending, vendor: VendorName) -> Option<String> {
    let check = |message: &str| format!("{message}; check {}", vendor.variables());
    Some(match ending {
        Ending::Deadline { wait: Duration::ZERO } => "stopped: --deadline reached".to_owned(),
        Ending::Deadline { wait } => {
            format!("stopped: the next step has to wait {}, which is past --deadline", span(*wait))
        }
        Ending::GaveUp { wait, reason } => {
            check(&format!("the next request had to wait {}, which is too long: {reason}", span(*wait)))
        }
        Ending::CredentialRefused(message) => check(&format!("the credential was refused: {message}")),
        Ending::WrongTarget(message) => check(message),
        Ending::Hopeless(message) => check(&format!("every other call would fail too: {message}")),
        Ending::WrongPlace { looked } => {
            let records = count(*looked, "record");
            check(&format!(
                "not one of the first {records} is known to have existed: it may be the wrong workspace or region"
            ))
        }
        _ => return None,
    })
}

/// The exit code of what did not come to its end.
fn exit_of(ending: &Ending) -> Option<Exit> {
    match ending {
        Ending::Finished => None,
        Ending::WrongPlace { .. } | Ending::WrongTarget(_) => Some(Exit::Unsafe),
        Ending::CredentialRefused(_) => Some(Exit::CredentialRefused),
        _ => Some(Exit::Stopped),
    }
}

fn severity(ending: &Ending) -> u8 {
    match ending {
        Ending::Finished => 0,
        Ending::Interrupted => 1,
        Ending::Deadline { .. } => 2,
        Ending::GaveUp { .. } => 3,
        Ending::WrongPlace { .. } => 5,
        Ending::WrongTarget(_) => 6,
        Ending::CredentialRefused(_) => 7,
        _ => 4,
    }
}

fn worst(ended: &[Ended]) -> &Ending {
    ended.iter().map(|ended| &ended.ending).max_by_key(|ending| severity(ending)).unwrap_or(&Ending::Finished)
}

/// Reports why a run was stopped, and returns what that means for the exit code; nothing if every lane finished.
pub(super) fn report_stops(ended: &[Ended]) -> Findings {
    ended.iter().for_each(Ended::tell);
    Findings::default().with_any(ended.iter().filter_map(|ended| exit_of(&ended.ending)))
}

/// What is to be said of a job that was run.
pub(super) struct Conclusion<'a> {
    pub(super) path: &'a Path,
    pub(super) format: Format,
    /// Whether this run looked at records.
    pub(super) looks: bool,
    /// Whether it was to prove each deletion.
    pub(super) wants_proof: bool,
    pub(super) absent: AbsentArgs,
    /// What holds that came with this run found.
    pub(super) holds: Option<&'a HoldReport>,
}

impl Conclusion<'_> {
    /// Writes the summary and says what a person should know.
    pub(super) fn tell(&self, status: &Status, ended: &[Ended]) -> Exit {
        let written = self.write(status, ended);
        self.conclude(status, ended, &written)
    }

    /// Says what a person should know, where stdout took all that it was given, or did not.
    pub(super) fn conclude(&self, status: &Status, ended: &[Ended], written: &io::Result<()>) -> Exit {
        let stops = report_stops(ended);
        if let Err(error) = written {
            notice(&format!("error: stdout cannot be written to: {error}; all of it is in {}", shown(self.path)));
        }
        let total = Counts::of_all(status);
        self.tell_of(status, &total, worst(ended));
        self.findings(status, &total).with_any([stops.exit()]).with_if(written.is_err(), Exit::Stopped).exit()
    }

    /// Writes the summary of a run that lost its file, by what it knew at its end.
    pub(super) fn tell_loss(&self, trouble: Trouble) -> Trouble {
        if let Some((status, ending)) = trouble.loss() {
            if let Err(error) = self.write_with(status, |_| ending, ending) {
                notice(&format!("error: stdout cannot be written to: {error}"));
            }
        }
        trouble
    }

    fn write(&self, status: &Status, ended: &[Ended]) -> io::Result<()> {
        let ending_of = |number| {
            let ending = ended.iter().find(|ended| ended.number == number);
            ending.map_or(&Ending::Finished, |ended| &ended.ending).as_str()
        };
        self.write_with(status, ending_of, worst(ended).as_str())
    }

    fn write_with(
        &self,
        status: &Status,
        ending_of: impl Fn(TargetNumber) -> &'static str,
        worst: &'static str,
    ) -> io::Result<()> {
        let mut lines = Vec::new();
        for target in &status.targets {
            let ending = ending_of(target.number);
            let counts = Counts::of(target);
            match self.format {
                Format::Json => write_json_line(&mut lines, &self.line("target", Some(target), counts, ending))?,
                Format::Text => write_table(&mut lines, target, &counts, self.has_looks(&counts))?,
            }
        }
        let total = Counts::of_all(status);
        match self.format {
            Format::Json => write_json_line(&mut lines, &self.line("summary", None, total, worst))?,
            Format::Text if status.refused > 0 => writeln!(lines, "\nrefused when planned: {}", status.refused)?,
            Format::Text => {}
        }
        stream::write_stdout(&lines)
    }

    fn line<'a>(
        &'a self,
        r#type: &'static str,
        target: Option<&'a TargetStatus>,
        counts: Counts,
        ending: &'static str,
    ) -> SummaryLine<'a> {
        let job = target.is_none().then(|| self.path.to_string_lossy().into_owned());
        let has_looks = self.has_looks(&counts);
        let holds = self.holds.filter(|_| target.is_none());
        SummaryLine { r#type, target, counts, ending, has_looks, job, holds }
    }

    fn has_looks(&self, counts: &Counts) -> bool {
        self.looks || counts.looked > 0
    }

    fn tell_of(&self, status: &Status, total: &Counts, worst: &Ending) {
        status
            .targets
            .iter()
            .filter_map(|target| self.suspicion(status, target))
            .for_each(|suspicion| notice(&suspicion));
        status.targets.iter().filter(|target| target.still_present > 0).for_each(tell_of_present);
        let unverified = if self.wants_proof { total.unverified } else { 0 };
        if unverified > 0 {
            let records = count(unverified, "record");
            notice(&format!("{records} deleted by the vendor's word alone: no look before and after proves it"));
        }
        let open = total.get("open");
        let path = quoted(self.path);
        if open == 0 {
            return notice(&format!("what became of each id is in {path}"));
        }
        let doubt = match total.in_doubt {
            0 => String::new(),
            some => format!(", of which {some} may be deleted"),
        };
        let advice = match worst {
            Ending::WrongPlace { .. } => {
                "if it is the right target and all of them were removed before, run it again with --all-absent-ok"
            }
            _ => "run it again",
        };
        notice(&format!("stopped before the end: {} to go{doubt}; {advice}: {path}", count(open, "id")));
    }

    fn suspicion(&self, status: &Status, target: &TargetStatus) -> Option<String> {
        let vendor = VendorName::of(&target.target.vendor)?;
        let suspicion = Counts::of(target).sightings(status).suspicion(self.absent)?;
        Some(format!("warning: {}: {suspicion} ({})", vendor.vendor(), vendor.variables()))
    }

    fn findings(&self, status: &Status, total: &Counts) -> Findings {
        let is_still_present =
            status.targets.iter().any(|target| target.still_present > 0 && target.target.mode != Some(Erasure::Soft));
        let missing = if self.absent.is_ok() { 0 } else { total.get("not_found") };
        let not_done = ["unresolved", "failed", "refused"].map(|word| total.get(word)).iter().sum::<u64>() + missing;
        let unverified = if self.wants_proof { total.unverified } else { 0 };
        let is_refused = |target: &TargetStatus| Counts::of(target).sightings(status).is_refused(self.absent);
        Findings::default()
            .with_if(status.targets.iter().any(is_refused), Exit::Unsafe)
            .with_if(total.get("open") > 0, Exit::Stopped)
            .with_if(is_still_present, Exit::StillPresent)
            .with_if(not_done + unverified > 0, Exit::Incomplete)
    }
}

fn tell_of_present(target: &TargetStatus) {
    let records = count(target.still_present, "record");
    let vendor = plan::name(&target.target.vendor);
    if target.target.mode == Some(Erasure::Soft) {
        notice(&format!("note: {vendor}: after a soft delete {records} can still be seen, as is to be expected"));
    } else {
        notice(&format!(
            "error: {vendor}: {records} still there, which the vendor still shows after the delete; `export` tells which"
        ));
    }
}

/// What looks proved of all that a job deleted.
pub(super) fn proof_of(status: &Status) -> ProofTally {
    let total = Counts::of_all(status);
    ProofTally { verified: total.verified, still_present: total.still_present, unverified: total.unverified }
}

/// The words of the file, and those of the summary of `delete` beside them.
const WORDS: [(&str, &str); 9] = [
    ("deleted", "deleted"),
    ("acknowledged", "acknowledged"),
    ("gone", "gone"),
    ("unresolved", "unresolved"),
    ("not_found", "not_found"),
    ("failed", "failed"),
    ("refused", "refused"),
    ("open", "not_attempted"),
    ("held", "held"),
];

/// How many ids there are of each outcome.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    numbers: [u64; WORDS.len()],
    in_doubt: u64,
    still_present: u64,
    verified: u64,
    unverified: u64,
    looked: u64,
}

impl Counts {
    pub(super) fn of(target: &TargetStatus) -> Self {
        let looks = &target.looks;
        // Fini alone says of its batches that all were there.
        let told = if target.target.vendor == VendorName::Fini.vendor().as_str() { target.unseen } else { 0 };
        Self {
            numbers: WORDS.map(|(word, _)| target.outcomes.get(word).copied().unwrap_or(0)),
            in_doubt: target.in_doubt,
            still_present: target.still_present,
            verified: target.verified + told,
            unverified: target.unverified.saturating_sub(told),
            looked: looks.absent + looks.present + looks.unknown,
        }
    }

    /// Those of all targets, and what was refused when it was planned.
    fn of_all(status: &Status) -> Self {
        let mut sum = Self::default();
        for counts in status.targets.iter().map(Self::of) {
            sum.numbers.iter_mut().zip(counts.numbers).for_each(|(sum, number)| *sum += number);
            sum.in_doubt += counts.in_doubt;
            sum.still_present += counts.still_present;
            sum.verified += counts.verified;
            sum.unverified += counts.unverified;
            sum.looked += counts.looked;
        }
        let refused = WORDS.iter().zip(&mut sum.numbers).find(|((word, _), _)| *word == "refused");
        if let Some((_, number)) = refused {
            *number += status.refused;
        }
        sum
    }

    fn get(&self, word: &str) -> u64 {
        WORDS.iter().zip(self.numbers).find(|((known, _), _)| *known == word).map_or(0, |(_, number)| number)
    }

    /// A record that was verified, or is still there, was seen.
    fn sightings(&self, status: &Status) -> Sightings {
        let unsent = self.get("open") + self.get("held") + self.get("refused");
        Sightings {
            open: self.get("open"),
            attempted: self.numbers.iter().sum::<u64>() - unsent,
            not_found: self.get("not_found"),
            gone: if self.verified + self.still_present > 0 { 0 } else { self.get("gone") },
            unresolved: self.get("unresolved"),
            has_lost_outcomes: status.has_lost_outcomes,
        }
    }

    /// Each counter with its name in JSON.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'static str, u64)> {
        WORDS.iter().zip(self.numbers).map(|((_, name), number)| (*name, number))
    }

    /// The same after a run, as in an export: what may be deleted was not left alone.
    fn final_entries(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let in_doubt = self.in_doubt;
        self.entries().map(move |(name, number)| match name {
            "not_attempted" => (name, number.saturating_sub(in_doubt)),
            "failed" => (name, number + in_doubt),
            _ => (name, number),
        })
    }

    fn look_entries(&self) -> [(&'static str, u64); 3] {
        [("verified", self.verified), ("still_present", self.still_present), ("unverified", self.unverified)]
    }
}

/// The words of a summary line of one target, or of all.
struct SummaryLine<'a> {
    r#type: &'static str,
    target: Option<&'a TargetStatus>,
    counts: Counts,
    ending: &'static str,
    has_looks: bool,
    job: Option<String>,
    holds: Option<&'a HoldReport>,
}

impl Serialize for SummaryLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.r#type)?;
        if let Some(target) = self.target {
            map.serialize_entry("vendor", &target.target.vendor)?;
            if let Some(mode) = target.target.mode {
                map.serialize_entry("mode", mode.as_str())?;
            }
        }
        for (name, number) in self.counts.final_entries() {
            map.serialize_entry(name, &number)?;
        }
        for (name, number) in self.counts.look_entries().iter().filter(|_| self.has_looks) {
            map.serialize_entry(name, number)?;
        }
        map.serialize_entry("ending", self.ending)?;
        if let Some(job) = &self.job {
            map.serialize_entry("job", job)?;
        }
        if let Some(holds) = self.holds {
            map.serialize_entry("holds", &holds::HoldsMember::of(holds))?;
        }
        map.end()
    }
}

/// The counters of a target, for people.
pub(super) fn write_table(
    out: &mut impl Write,
    target: &TargetStatus,
    counts: &Counts,
    has_looks: bool,
) -> io::Result<()> {
    writeln!(out, "\n{}", plan::heading(target))?;
    for (name, number) in counts.final_entries().filter(|(_, number)| *number > 0) {
        writeln!(out, "  {:<15} {number:>9}", name.replace('_', " "))?;
    }
    if has_looks {
        writeln!(out, "seen before and after:")?;
        for (name, number) in counts.look_entries() {
            writeln!(out, "  {:<15} {number:>9}", name.replace('_', " "))?;
        }
    }
    Ok(())
}
