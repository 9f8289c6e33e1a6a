//! Publishes crate by crate, and believes the index alone.

use std::path::PathBuf;
use std::time::Duration;

use xshell::Shell;

use super::clock::Clock;
use super::destination::Destination;
use super::index::Held;
use super::limits::Kind;
use super::package::{self, Packed, Tree};
use super::state::{Phase, State};
use super::upload::{Said, upload};
use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// Between two looks at the index.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often an upload is tried that fails for no known reason, and the wait before the next.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(15);

/// What publishing depends on.
pub struct Publisher<'a> {
    /// The crates.
    pub workspace: &'a Workspace,
    /// Where they go.
    pub destination: &'a Destination,
    /// What waits.
    pub clock: &'a dyn Clock,
    /// Whether the tree may be dirty: for a rehearsal only.
    pub tree: Tree,
    /// How long an index may take to show what its registry took.
    pub index_lag: Duration,
}

impl Publisher<'_> {
    /// Publishes every crate that the index does not hold, in order, and returns when it holds all.
    ///
    /// It may be killed at any time; run again, it goes on. No version is uploaded twice, unless the registry lost the
    /// first upload.
    ///
    /// # Errors
    ///
    /// Where the index holds another file under the same version: only a new version mends that. Where the registry
    /// refuses an upload, or fails three times, or the index does not show in time what the registry took: run it
    /// again. Where the state of an earlier run belongs to another commit.
    pub fn publish(&self) -> Result<()> {
        let packed = package::pack(self.workspace, self.tree)?;
        let shell = self.workspace.shell()?;
        let commit = self.workspace.commit()?;
        let mut state = State::open(&self.state_file()?, &commit, self.destination.index().url(), &packed)?;
        for packed in &packed {
            self.publish_one(&shell, packed, &mut state)?;
        }
        state.remove()
    }

    fn publish_one(&self, shell: &Shell, packed: &Packed, state: &mut State) -> Result<()> {
        let kind = match self.look(packed)? {
            Held::Here(_) => {
                say(packed, "is there already, with the same checksum");
                return state.set_phase(&packed.name, Phase::Published);
            }
            Held::Yanked => return Err(packed.yanked()),
            Held::NewCrate => Kind::NewCrate,
            Held::NewVersion => Kind::NewVersion,
        };
        let phase = state.phase(&packed.name);
        if phase == Phase::Waiting {
            return self.upload_until_there(shell, packed, kind, state);
        }
        say(packed, "was sent by an earlier run; looking whether the index shows it");
        match (self.appears(packed)?, phase) {
            (true, _) => self.published(packed, state),
            (false, Phase::Sent) => self.upload_until_there(shell, packed, kind, state),
            (false, _) => Err(self.not_shown(packed)),
        }
    }

    fn upload_until_there(&self, shell: &Shell, packed: &Packed, kind: Kind, state: &mut State) -> Result<()> {
        let mut failures = 0;
        loop {
            self.wait(packed, state);
            self.refuse_another_commit(state)?;
            say(packed, "is uploaded");
            state.set_phase(&packed.name, Phase::Sent)?;
            let words = match upload(shell, self.destination, &packed.name, self.tree, self.clock.now())? {
                Said::Accepted => {
                    state.set_phase(&packed.name, Phase::Accepted)?;
                    return if self.appears(packed)? {
                        self.published(packed, state)
                    } else {
                        Err(self.not_shown(packed))
                    };
                }
                // The registry says that it took nothing, and no index says otherwise.
                Said::TooSoon(until) if !self.is_there(packed)? => {
                    state.set_wait_until(until.unwrap_or_else(|| self.clock.now() + kind.interval()))?;
                    state.set_phase(&packed.name, Phase::Waiting)?;
                    continue;
                }
                Said::TooSoon(_) => return self.published(packed, state),
                Said::Refused(words) if self.is_there(packed)? => {
                    return self.published_all_the_same(packed, state, &words);
                }
                Said::Refused(words) => {
                    state.set_phase(&packed.name, Phase::Waiting)?;
                    return Err(gave_up(packed, &words));
                }
                Said::Failed(words) => words,
            };
            if self.appears(packed)? {
                return self.published_all_the_same(packed, state, &words);
            }
            failures += 1;
            if failures == TRIES {
                return Err(gave_up(packed, &words));
            }
            say(
                packed,
                &format!(
                    "is not in the index after a failure; once more in {} s\n{}",
                    PAUSE.as_secs(),
                    indented(&words)
                ),
            );
            self.clock.sleep_until(self.clock.now() + PAUSE);
        }
    }

    fn published(&self, packed: &Packed, state: &mut State) -> Result<()> {
        say(packed, "is in the index, with the right checksum");
        state.set_phase(&packed.name, Phase::Published)
    }

    fn published_all_the_same(&self, packed: &Packed, state: &mut State, words: &str) -> Result<()> {
        say(packed, &format!("was published although cargo failed:\n{}", indented(words)));
        self.published(packed, state)
    }

    /// Waits until the time that the registry named, in this run or in an earlier one.
    fn wait(&self, packed: &Packed, state: &State) {
        if let Some(time) = state.wait_until().filter(|time| *time > self.clock.now()) {
            say(packed, &format!("waits until {}: the registry wants fewer uploads", httpdate::fmt_http_date(time)));
            self.clock.sleep_until(time);
        }
    }

    /// Cargo packs what is checked out when it uploads, which may be long after the run began.
    fn refuse_another_commit(&self, state: &State) -> Result<()> {
        let commit = self.workspace.commit()?;
        if commit == state.commit() {
            return Ok(());
        }
        let begun = state.commit();
        Err(format!(
            "{commit} is checked out now, but the release goes on from {begun}: check that one out, run it again"
        )
        .into())
    }

    /// Looks at the index for as long as it may lag.
    fn appears(&self, packed: &Packed) -> Result<bool> {
        let until = self.clock.now() + self.index_lag;
        loop {
            let seen = self.is_there(packed);
            let now = self.clock.now();
            if now >= until || matches!(seen, Ok(true)) {
                return seen;
            }
            // Another checksum is no matter of patience, but an index that cannot be reached is.
            self.clock.sleep_until(until.min(now + LOOK_EVERY));
        }
    }

    fn is_there(&self, packed: &Packed) -> Result<bool> {
        Ok(matches!(self.look(packed)?, Held::Here(_)))
    }

    /// What the index says, where it does not contradict us.
    fn look(&self, packed: &Packed) -> Result<Held> {
        let held = self.destination.index().look(&packed.name, &packed.version)?;
        match &held {
            Held::Here(checksum) if *checksum != packed.checksum => Err(packed.contradicted_by(checksum)),
            _ => Ok(held),
        }
    }

    fn not_shown(&self, packed: &Packed) -> Box<dyn std::error::Error> {
        let Packed { name, version, .. } = packed;
        let seconds = self.index_lag.as_secs();
        format!(
            "the registry took {name} {version}, but its index does not show it after {seconds} s.\n\
             Run the command again later: it goes on from here and does not upload {name} again."
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

fn gave_up(packed: &Packed, words: &str) -> Box<dyn std::error::Error> {
    let Packed { name, version, .. } = packed;
    format!(
        "{name} {version} is not published; cargo says:\n{}\n\
         What came before it is published and stays so. When the cause is gone, run the command again: it goes on with \
         {name}.",
        indented(words)
    )
    .into()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect::<String>().trim_end().to_owned()
}
