//! Publishes crate by crate, and believes the index alone.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use xshell::{Shell, cmd};

use super::clock::Clock;
use super::index::IndexEntry;
use super::limits::Kind;
use super::package::{self, Packed};
use super::state::{Phase, State};
use super::target_registry::TargetRegistry;
use super::tree::Tree;
use super::upload::{Said, upload};
use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// Between two looks at the index.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often an upload is tried that fails for no known reason, and the wait before the next.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(15);
/// The longest wait that a run sits through.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// What publishing depends on.
pub struct Publisher<'a> {
    /// The crates.
    pub workspace: &'a Workspace,
    /// Where they go.
    pub destination: &'a TargetRegistry,
    /// What waits.
    pub clock: &'a dyn Clock,
    /// Whether the tree may be dirty: for a rehearsal alone.
    pub tree: Tree,
    /// How long an index may take to show what its registry took.
    pub index_lag: Duration,
}

impl Publisher<'_> {
    /// Publishes every crate that the index does not hold, in order, and returns when it holds all.
    ///
    /// It may be killed at any time; run again, it goes on. What may have been sent is looked for as long as the index
    /// may lag before it is sent once more, and what the registry said it took is never sent again.
    ///
    /// # Errors
    ///
    /// Where the index holds another file under the same version, or a yanked one. Where the registry refuses an upload,
    /// or it fails three times, or the index does not show in time what the registry took, or the registry wants a wait
    /// of more than a day: run it again. Where the state of an earlier run belongs to another commit.
    pub fn publish(&self) -> Result<()> {
        let commit = self.workspace.commit()?;
        let packed = package::pack(self.workspace, self.destination, self.tree)?;
        let shell = self.workspace.shell()?;
        let cargo = cmd!(shell, "cargo --version").quiet().read()?;
        let mut state = State::open(&self.state_file()?, commit, cargo, self.destination.index().url(), &packed)?;
        for packed in &packed {
            self.publish_one(&shell, packed, &mut state)?;
        }
        state.remove()
    }

    fn publish_one(&self, shell: &Shell, packed: &Packed, state: &mut State) -> Result<()> {
        let mut failures = 0;
        let mut unready_until = None;
        loop {
            let Some(kind) = self.missing(packed, state)? else {
                say(packed, "is in the index, with the right checksum");
                return state.set_phase(&packed.name, Phase::Published);
            };
            self.wait(packed, state)?;
            let before = state.phase(&packed.name);
            let (said, words) = self.upload(shell, packed, state)?;
            let now = self.clock.now();
            match said {
                Said::Accepted | Said::AlreadyThere => state.set_phase(&packed.name, Phase::Accepted)?,
                Said::TooSoon(until) => {
                    state.set_wait_until(until.unwrap_or(now + kind.interval()))?;
                    state.set_phase(&packed.name, before)?;
                }
                Said::Unready if now < *unready_until.get_or_insert(now + self.index_lag) => {
                    state.set_phase(&packed.name, before)?;
                    self.clock.sleep_until(now + LOOK_EVERY);
                }
                Said::Failed if failures + 1 < TRIES => {
                    failures += 1;
                    self.clock.sleep_until(now + PAUSE);
                }
                Said::Unready | Said::NotSent => {
                    state.set_phase(&packed.name, before)?;
                    return Err(gave_up(packed, &words));
                }
                // Whatever cargo says, what was sent counts as sent until the index has spoken.
                Said::Failed | Said::Refused => {
                    return if self.is_there(packed, state)? { continue } else { Err(gave_up(packed, &words)) };
                }
            }
        }
    }

    fn upload(&self, shell: &Shell, packed: &Packed, state: &mut State) -> Result<(Said, String)> {
        say(packed, "is uploaded:");
        state.set_phase(&packed.name, Phase::Sent)?;
        let command = self.destination.publish_command(shell, &packed.name, self.tree);
        upload(command, self.clock.now(), || state.set_phase(&packed.name, Phase::Accepted))
    }

    /// What the upload is to the registry; nothing where the index shows the crate. It has time to do so if something
    /// was sent.
    fn missing(&self, packed: &Packed, state: &State) -> Result<Option<Kind>> {
        let phase = state.phase(&packed.name);
        let patience = if phase == Phase::Waiting { Duration::ZERO } else { self.index_lag };
        if !patience.is_zero() {
            say(packed, &format!("may be published; looking at the index, for up to {} s", patience.as_secs()));
        }
        match (self.look_until(packed, self.clock.now() + patience, phase)?, phase) {
            (Some(_), Phase::Accepted | Phase::Published) => Err(self.not_shown(packed)),
            (missing, _) => Ok(missing),
        }
    }

    fn is_there(&self, packed: &Packed, state: &State) -> Result<bool> {
        Ok(self.look_until(packed, self.clock.now(), state.phase(&packed.name))?.is_none())
    }

    /// Looks at the index, again and again until this time. A lag and an index that cannot be reached may pass; another
    /// checksum may not.
    fn look_until(&self, packed: &Packed, until: SystemTime, phase: Phase) -> Result<Option<Kind>> {
        loop {
            let seen = self.destination.index().lookup(&packed.name, &packed.version);
            let missing = match seen {
                Ok(IndexEntry::Here(checksum)) if checksum == packed.checksum => return Ok(None),
                Ok(IndexEntry::Here(checksum)) => return Err(packed.contradicted_by(&checksum)),
                Ok(IndexEntry::Yanked) => return Err(packed.yanked()),
                Ok(IndexEntry::NewCrate) => Ok(Some(Kind::NewCrate)),
                Ok(IndexEntry::NewVersion) => Ok(Some(Kind::NewVersion)),
                Err(error) => Err(unreadable(packed, phase, &*error)),
            };
            let now = self.clock.now();
            if now >= until {
                return missing;
            }
            self.clock.sleep_until(until.min(now + LOOK_EVERY));
        }
    }

    /// Waits until the time that the registry named, in this run or in an earlier one.
    fn wait(&self, packed: &Packed, state: &State) -> Result<()> {
        let now = self.clock.now();
        let Some(time) = state.wait_until().filter(|time| *time > now) else { return Ok(()) };
        let date = httpdate::fmt_http_date(time);
        if time > now + LONGEST_WAIT {
            let file = state.file().display();
            return Err(
                format!("the registry takes no upload before {date}: run it again then (noted in {file})").into()
            );
        }
        say(packed, &format!("waits until {date}: the registry wants fewer uploads"));
        self.clock.sleep_until(time);
        Ok(())
    }

    fn not_shown(&self, packed: &Packed) -> Box<dyn Error> {
        let Packed { name, version, .. } = packed;
        let seconds = self.index_lag.as_secs();
        format!(
            "the registry says that it has {name} {version}, but its index does not show it after {seconds} s.\n\
             Run the command again later: it goes on from here and does not upload {name} again. If it stays so for an \
             hour, ask the registry."
        )
        .into()
    }

    fn state_file(&self) -> Result<PathBuf> {
        let target = self.workspace.metadata(Dependencies::LeftOut)?.target_directory;
        let version = self.workspace.version()?;
        Ok(target.join("xtask").join(format!("release-{version}-{}.json", self.destination.name())).into())
    }
}

fn say(packed: &Packed, what: &str) {
    println!("{} {} {what}", packed.name, packed.version);
}

fn unreadable(packed: &Packed, phase: Phase, error: &dyn Error) -> Box<dyn Error> {
    let Packed { name, version, .. } = packed;
    let known = match phase {
        Phase::Waiting => "Nothing of it was sent",
        Phase::Sent => "It was sent, and whether it arrived is not known",
        Phase::Accepted | Phase::Published => "The registry said that it took it",
    };
    format!(
        "{name} {version}: {error}\n{known}. Run the command again when the index can be read: it goes on from here."
    )
    .into()
}

fn gave_up(packed: &Packed, words: &str) -> Box<dyn Error> {
    let Packed { name, version, .. } = packed;
    let words: String = words.trim().lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "{name} {version} is not in the index; cargo says:\n{words}What came before it is published and stays so. When the \
         cause is gone, run the command again: it goes on with {name}."
    )
    .into()
}
