//! The command `status`: how far a job is, also while it runs.

use std::io::{self, Write};

use conversation_delete_job::{AcceptedCredential, MeasuredSkew, Status, TargetStatus};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::ending::{Counts, write_table};
use super::{Trouble, read, shown, told};
use crate::args::StatusArgs;
use crate::exit::Exit;
use crate::progress::notice;
use crate::report::{Format, visible, write_json_line};
use crate::stream;

/// Carries out the command.
pub(crate) fn execute(args: &StatusArgs) -> Exit {
    told(tell(args))
}

fn tell(args: &StatusArgs) -> Result<Exit, Trouble> {
    let status = read(&args.job)?;
    let mut lines = Vec::new();
    let written = match args.output {
        Format::Json => write_json_line(&mut lines, &StatusLine::of(args, &status)),
        Format::Text => write_text(&mut lines, args, &status),
    };
    if status.outcomes_may_be_missing {
        notice(MISSING);
    }
    match written.and_then(|()| stream::write_stdout(&lines)) {
        Ok(()) if status.outcomes_may_be_missing => Ok(Exit::Incomplete),
        Ok(()) => Ok(Exit::Success),
        Err(error) => {
            notice(&format!("error: stdout cannot be written to: {error}"));
            Ok(Exit::Stopped)
        }
    }
}

/// What to know of a job whose latest outcomes are in a log that is not there.
pub(super) const MISSING: &str = "warning: outcomes may be missing: the job's log (-wal), which has the latest ones, is not beside the file, or was not when \
     the job was last run. The numbers of outcomes are the least that there are, and every record without one is in doubt. Holds that `run \
     --hold` reported to be in the log alone may be missing too: add them again with --hold. Put \
     the log beside the file, or run the job, which finds out";

#[derive(Serialize)]
struct StatusLine<'a> {
    r#type: &'static str,
    job: String,
    hash: Option<&'a str>,
    planned_at: Option<&'a str>,
    since: Option<&'a str>,
    until: Option<&'a str>,
    holder: Option<&'a str>,
    outcomes_may_be_missing: bool,
    refused: u64,
    targets: Vec<TargetLine<'a>>,
}

impl<'a> StatusLine<'a> {
    fn of(args: &StatusArgs, status: &'a Status) -> Self {
        let outcomes_may_be_missing = status.outcomes_may_be_missing;
        let line = |target| TargetLine { outcomes_may_be_missing, ..TargetLine::of(target) };
        Self {
            r#type: "status",
            job: args.job.to_string_lossy().into_owned(),
            hash: status.plan_hash.as_deref(),
            planned_at: status.planned_at.as_deref(),
            since: status.since.as_deref(),
            until: status.until.as_deref(),
            holder: status.holder.as_deref(),
            outcomes_may_be_missing,
            refused: status.refused,
            targets: status.targets.iter().map(line).collect(),
        }
    }
}

/// A credential that was accepted instead of the planned one.
#[derive(Serialize)]
struct AcceptedLine<'a> {
    credential: &'a str,
    accepted_at: &'a str,
}

impl<'a> AcceptedLine<'a> {
    fn of(accepted: &'a AcceptedCredential) -> Self {
        Self { credential: &accepted.credential, accepted_at: &accepted.accepted_at }
    }
}

/// How far this computer's clock was from the vendor's.
#[derive(Serialize)]
struct SkewLine<'a> {
    ahead_ms: i64,
    measured_at: &'a str,
}

impl<'a> SkewLine<'a> {
    fn of(skew: &'a MeasuredSkew) -> Self {
        Self { ahead_ms: skew.ahead_ms, measured_at: &skew.measured_at }
    }
}

/// A target, with what was planned and how far it is.
pub(super) struct TargetLine<'a> {
    target: &'a TargetStatus,
    outcomes_may_be_missing: bool,
}

impl<'a> TargetLine<'a> {
    pub(super) fn of(target: &'a TargetStatus) -> Self {
        Self { target, outcomes_may_be_missing: false }
    }
}

impl Serialize for TargetLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let target = &self.target.target;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("vendor", &target.vendor)?;
        map.serialize_entry("origin", &target.origin)?;
        map.serialize_entry("base_url", &target.base_url)?;
        map.serialize_entry("auth_url", &target.auth_url)?;
        map.serialize_entry("place", &target.place)?;
        map.serialize_entry("credential", &target.credential)?;
        map.serialize_entry(
            "accepted_credentials",
            &self.target.accepted.iter().map(AcceptedLine::of).collect::<Vec<_>>(),
        )?;
        map.serialize_entry("clock_skew", &self.target.clock_skew.as_ref().map(SkewLine::of))?;
        map.serialize_entry("mode", &target.mode.map(|mode| mode.as_str()))?;
        map.serialize_entry("options", &target.options)?;
        map.serialize_entry("planned", &self.target.planned)?;
        for (name, number) in Counts::of(self.target).entries() {
            // Where outcomes may be missing, nobody knows of a record in doubt that it was not attempted.
            let doubt = if name == "not_attempted" && self.outcomes_may_be_missing { self.target.in_doubt } else { 0 };
            map.serialize_entry(name, &number.saturating_sub(doubt))?;
        }
        map.serialize_entry("in_doubt", &self.target.in_doubt)?;
        map.serialize_entry("still_present", &self.target.still_present)?;
        map.end()
    }
}

fn direction(skew: &MeasuredSkew) -> &'static str {
    if skew.ahead_ms > 0 { "ahead of" } else { "behind" }
}

fn write_text(out: &mut impl Write, args: &StatusArgs, status: &Status) -> io::Result<()> {
    let holder = match &status.holder {
        Some(holder) => format!("run by {}", visible(holder)),
        None => "it is not running".to_owned(),
    };
    writeln!(out, "{}: {holder}", shown(&args.job))?;
    writeln!(out, "planned at {}", status.planned_at.as_deref().map_or("?".to_owned(), visible))?;
    writeln!(out, "hash {}", status.plan_hash.as_deref().map_or("?".to_owned(), visible))?;
    for (word, time) in [("since", &status.since), ("until", &status.until)] {
        if let Some(time) = time {
            writeln!(out, "planned {word} {}", visible(time))?;
        }
    }
    if status.outcomes_may_be_missing {
        let doubt: u64 = status.targets.iter().map(|target| target.in_doubt).sum();
        writeln!(out, "outcomes may be missing: {doubt} in doubt, counted as failed; the other numbers are the least")?;
    }
    for target in &status.targets {
        let has_looks = target.looks.absent + target.looks.present + target.looks.unknown > 0;
        write_table(out, target, &Counts::of(target), has_looks)?;
        if let Some(skew) = target.clock_skew.as_ref().filter(|skew| skew.ahead_ms != 0) {
            let (seconds, direction) = (skew.ahead_ms.unsigned_abs().div_ceil(1000), direction(skew));
            writeln!(
                out,
                "this computer's clock was {seconds} s {direction} the vendor's at {}",
                visible(&skew.measured_at)
            )?;
        }
        for accepted in &target.accepted {
            let (credential, accepted_at) = (visible(&accepted.credential), visible(&accepted.accepted_at));
            writeln!(out, "credential {credential} accepted at {accepted_at}")?;
        }
    }
    if status.refused > 0 {
        writeln!(out, "\nrefused when planned: {}", status.refused)?;
    }
    Ok(())
}
