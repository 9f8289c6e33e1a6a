//! What is said at the end of a run, and the exit code.

pub(crate) mod counts;
mod ended;
mod holds;
mod sightings;
mod still_present;
mod total;

use std::io::{self, Write};
use std::path::Path;

use conversation_delete_job::{Ending, HoldReport, Status, TargetNumber, TargetStatus, Verify};

use crate::args::{AbsentArgs, BundleArgs, VendorName};
use crate::bundle;
use crate::error::CommandError;
use crate::exit::{self, Exit, RunResult};
use crate::job_file::{quoted, resume_command, shown};
use crate::log_line::Level;
use crate::notice::{notice, notice_as};
use crate::report::{
    CountMembers, Format, LookupMembers, Outcome, Summary, SummaryLine, TargetLine, count, write_json_line,
};
use crate::{observe, settings, stream};
pub(crate) use counts::{Counts, write_table};
use ended::worst;
pub(crate) use ended::{Ended, report_endings};
pub(crate) use still_present::write_still_present;
use still_present::{is_soft, print_still_present};

/// The end of a run, as it is reported.
pub(crate) struct Conclusion<'a> {
    /// The job file; `None` if the job is in memory.
    pub(crate) path: Option<&'a Path>,
    /// The file is removed once every id has its outcome and stdout took the report.
    pub(crate) is_private: bool,
    /// The summary is that of several jobs, and written by [`write_total`](Self::write_total).
    pub(crate) is_part: bool,
    pub(crate) format: Format,
    /// Whether this run looked at records.
    pub(crate) looks: bool,
    /// How it was to prove each deletion; `None` if it was not.
    pub(crate) verify: Option<Verify>,
    pub(crate) absent: AbsentArgs,
    /// What holds that came with this run found.
    pub(crate) holds: Option<&'a HoldReport>,
    /// The evidence that it was to write.
    pub(crate) bundle: &'a BundleArgs,
}

impl Conclusion<'_> {
    /// Writes the summary and says what a person should know.
    pub(crate) fn report(&self, status: &Status, ended: &[Ended]) -> Exit {
        let written = self.write(status, ended);
        self.conclude(status, ended, &written, &[])
    }

    /// Says what a person should know, where stdout took all that it was given, or did not.
    /// `still_present` are the first of the records that are still present, if the report named them.
    pub(crate) fn conclude(
        &self,
        status: &Status,
        ended: &[Ended],
        written: &io::Result<()>,
        still_present: &[String],
    ) -> Exit {
        let endings = report_endings(ended);
        if let Err(error) = written {
            let place = self.path.map_or(String::new(), |path| format!("; all of it is in {}", shown(path)));
            notice(&format!("error: stdout cannot be written to: {error}{place}"));
        }
        let total = Counts::of_all(status);
        self.print_notices(status, &total, still_present);
        self.print_place(&total, worst(ended), written.is_ok());
        exit::of_run(&RunResult { endings: &endings, is_report_lost: written.is_err(), ..self.result(status, &total) })
    }

    /// Writes the summary of a run that lost its file, by what it knew at its end.
    pub(crate) fn report_loss(&self, error: CommandError) -> CommandError {
        if let Some((status, ending)) = error.loss() {
            error.write_before_summary();
            if let Err(error) = self.write_with(status, |_| ending, ending) {
                notice(&format!("error: stdout cannot be written to: {error}"));
            }
        }
        error
    }

    /// Writes the summary.
    pub(crate) fn write(&self, status: &Status, ended: &[Ended]) -> io::Result<()> {
        ended.iter().for_each(Ended::write_line);
        write_still_present(status);
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
        let total = Counts::of_all(status);
        if !self.is_part {
            observe::summarized(status, &self.summary_line(&total, worst));
        }
        let mut lines = Vec::new();
        for target in &status.targets {
            let ending = ending_of(target.number);
            let counts = Counts::of(target);
            match self.format {
                Format::Json => write_json_line(&mut lines, &self.target_line(target, &counts, ending))?,
                Format::Text => write_table(&mut lines, target, &counts, self.has_looks(&counts))?,
            }
        }
        match self.format {
            Format::Json if self.is_part => {}
            Format::Json => write_json_line(&mut lines, &self.summary_line(&total, worst))?,
            Format::Text if status.refused > 0 => writeln!(lines, "\nrefused when planned: {}", status.refused)?,
            Format::Text => {}
        }
        // Tables have a blank line between them, and none before the first.
        stream::write_stdout(lines.strip_prefix(b"\n").unwrap_or(&lines))
    }

    /// What was verified, if this run or an earlier one looked records up.
    fn members(&self, counts: &Counts) -> CountMembers {
        let members = counts.final_members();
        if self.has_looks(counts) { members } else { CountMembers { unverified: 0, ..members } }
    }

    /// The end of a report on each id. `error` is why the run lost its file.
    pub(crate) fn summary(&self, status: &Status, ended: &Result<Vec<Ended>, CommandError>) -> Summary {
        let counts = Counts::of_all(status);
        let ending = match ended {
            Ok(ended) => Some(worst(ended).as_str()),
            Err(error) => error.loss().map(|(_, ending)| ending),
        };
        let is_kept = !self.is_private || counts.get(Outcome::NotAttempted) > 0;
        Summary {
            counts: self.members(&counts),
            has_lookups: self.has_looks(&counts),
            ending,
            job: self.path.filter(|_| is_kept).map(|path| path.to_string_lossy().into_owned()),
        }
    }

    fn target_line<'a>(&self, target: &'a TargetStatus, counts: &Counts, ending: &'a str) -> TargetLine<'a> {
        let mode = target.target.mode.map(|mode| mode.as_str());
        let (counts, lookups) = (self.members(counts), LookupMembers::default());
        TargetLine { vendor: &target.target.vendor, mode, counts, lookups, ending: Some(ending) }
    }

    fn summary_line<'a>(&'a self, counts: &Counts, ending: &'a str) -> SummaryLine<'a> {
        SummaryLine {
            counts: self.members(counts),
            lookups: LookupMembers::default(),
            ending: Some(ending),
            job: self.path.filter(|_| !self.is_private).map(|path| path.to_string_lossy().into_owned()),
            holds: self.holds.map(holds::members),
        }
    }

    fn has_looks(&self, counts: &Counts) -> bool {
        self.looks || counts.looked > 0
    }

    fn print_notices(&self, status: &Status, total: &Counts, still_present: &[String]) {
        let suspicions = status.targets.iter().filter_map(|target| self.suspicion(status, target));
        suspicions.for_each(|suspicion| notice(&suspicion));
        let present = status.targets.iter().filter(|target| target.still_present > 0);
        present.for_each(|target| print_still_present(target, still_present));
        let unverified = if self.verify.is_some() { total.unverified } else { 0 };
        if unverified > 0 {
            let records = count(unverified, "record");
            notice_as(
                Level::Warn,
                &format!("{records} reported as deleted could not be verified by lookups before and after"),
            );
        }
    }

    /// Names the file that stays, and what to do with it.
    fn print_place(&self, total: &Counts, worst: &Ending, is_written: bool) {
        let open = total.get(Outcome::NotAttempted);
        let path = self.path.map(quoted);
        let advice = match (&path, open) {
            (Some(path), 0) if !self.is_private || !is_written => {
                return notice(&format!("the results are in {path}: `conversation-delete export {path}` prints them"));
            }
            (_, 0) => return,
            (Some(_), _) => self.resume_advice(),
            (None, _) => "the job was in memory: run the same command again".to_owned(),
        };
        let doubt = match total.in_doubt {
            0 => String::new(),
            some => format!(", of which {some} may be deleted"),
        };
        let hint = match worst {
            Ending::NothingFound { .. } => {
                "; if it is the right target and all of them were removed before, run it again with --all-absent-ok"
            }
            _ => "",
        };
        notice_as(Level::Warn, &format!("stopped before the end: {} to go{doubt}; {advice}{hint}", count(open, "id")));
    }

    /// The command that deletes the rest, proves it as this one did, and writes the same evidence.
    fn resume_advice(&self) -> String {
        let command = self.path.map(|path| resume_command(path, self.verify.unwrap_or_default()));
        format!("resume with: {}{}", command.unwrap_or_default(), bundle::repeated(self.bundle))
    }

    fn suspicion(&self, status: &Status, target: &TargetStatus) -> Option<String> {
        let vendor = VendorName::of(&target.target.vendor)?;
        let suspicion = Counts::of(target).sightings(status).suspicion(self.absent)?;
        let to_check = settings::to_check(vendor, settings::planned_profile(&target.target));
        Some(format!("warning: {}: {suspicion} ({to_check})", vendor.vendor()))
    }

    fn result(&self, status: &Status, total: &Counts) -> RunResult<'static> {
        run_result(status, total, self.verify.is_some(), self.absent)
    }
}

/// What decides the exit code of a run, besides how it ended. `is_verified` if it was to prove each deletion.
pub(crate) fn run_result(status: &Status, total: &Counts, is_verified: bool, absent: AbsentArgs) -> RunResult<'static> {
    // A soft delete leaves its records to be seen.
    let removed = status.targets.iter().filter(|target| !is_soft(target));
    let failed = [Outcome::Unresolved, Outcome::Failed, Outcome::Refused].map(|outcome| total.get(outcome));
    let is_none_seen = |target: &TargetStatus| Counts::of(target).sightings(status).is_none_seen();
    RunResult {
        open: total.get(Outcome::NotAttempted),
        not_found: total.get(Outcome::NotFound),
        failed: failed.iter().sum(),
        unverified: if is_verified { total.unverified } else { 0 },
        still_present: removed.map(|target| target.still_present).sum(),
        is_none_seen: status.targets.iter().any(is_none_seen),
        absent_ok: absent.is_ok(),
        all_absent_ok: absent.is_ok_for_all(),
        ..RunResult::default()
    }
}
