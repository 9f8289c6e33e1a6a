//! The release: planned, checked, rehearsed, published, verified.

mod check;
mod checkout;
pub mod checksum;
pub mod clock;
mod execute;
pub mod index;
mod isolated_consumer;
pub mod limits;
mod lock;
mod mirror;
#[cfg(test)]
mod mixed_versions;
pub mod package;
mod plan;
pub mod publish;
mod readiness;
pub mod registry;
mod rehearse;
mod state;
pub mod target_registry;
pub mod tree;
mod upload;
mod verify;

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::Result;
use crate::step::Steps;
use crate::workspace::Workspace;
pub use checksum::Checksum;
use lock::Lock;
use target_registry::TargetRegistry;
use tree::Tree;

/// The arguments of `cargo xtask release`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints what a release would do: crates in order, time needed, changelog. Changes nothing
    Plan(Target),
    /// Checks that the present commit can be released: tree, changelog, tag, tests, packages, semver
    ///
    /// Steps: the commit and its tag, here and at origin; house rules; the files of each package; every package built from
    /// what it holds; tests; public API; semantic versioning since the last release, with cargo-semver-checks where it is
    /// installed. Takes minutes and publishes nothing.
    Check,
    /// Releases to a registry on loopback, then uses the crates from it as three strangers would
    ///
    /// No credential is used, and nothing of ours leaves this machine. All crates are published to a registry on
    /// loopback, twice, to see that the second run does nothing. Then, with a cargo home of its own, a program that
    /// depends on one vendor's crate and one that enables two features of the umbrella are built and run, and the program
    /// is installed and runs its demo. The crates of others come from cargo's cache; what is missing there is fetched
    /// before.
    ///
    /// Every run starts from nothing, in `target/xtask/rehearsal`.
    Rehearse {
        /// Goes on although the tree has uncommitted changes, and rehearses with them
        #[arg(long)]
        allow_dirty: bool,
    },
    /// Prints what publishing would do; with --execute does it: crate by crate, tag last
    ///
    /// Every crate is looked for in the registry's index first. With this version and checksum it is left alone; with
    /// another checksum everything stops. The output of cargo is a hint: whether a crate is published, the index
    /// decides. Where the registry wants fewer uploads, the run waits until the time it names (where it names none, 10
    /// minutes for a new crate and one for a new version); for more than a day it ends and says when to come back.
    /// Nothing is built: `check` does that, on the same commit.
    ///
    /// The run may be killed at any time and run again: it goes on where it was. What it knows is in
    /// `target/xtask/release-VERSION-REGISTRY.json` until all is done. The token is the one that `cargo login` stored, or
    /// the variable `CARGO_REGISTRY_TOKEN` (`CARGO_REGISTRIES_NAME_TOKEN` for a registry of another name).
    Publish {
        #[command(flatten)]
        target: Target,
        /// Publishes, and tags the commit at the end
        #[arg(long)]
        execute: bool,
        /// How many seconds the index may take to show what the registry took
        #[arg(long, requires = "execute", value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(..=86_400))]
        index_lag: u64,
    },
    /// Compares the index with what this commit makes, and installs everything afresh from the registry
    ///
    /// It wants the released commit, tagged, and the cargo that published: another may pack other bytes. Everything is
    /// built from nothing in `target/xtask/verify`, which takes some minutes.
    Verify(Target),
}

#[derive(Args)]
struct Target {
    /// The registry, by its name in cargo's configuration. It must hold or mirror the crates of others as well
    /// [default: the public registry]
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
}

const AFTER_HELP: &str = "\
In order:
  cargo xtask bump LEVEL                  the next version, in manifests and changelog; then commit and push
  cargo xtask release plan                what is new, how long it takes
  cargo xtask release check               all that must be true
  cargo xtask release rehearse            the whole, on loopback
  cargo xtask release publish             what would be done
  cargo xtask release publish --execute   done; killed half-way, run it again
  git push origin vVERSION                the tag
  cargo xtask release verify              the index and a fresh install
docs/releasing.md says the same at more length, and what to do when a release breaks half-way.";

/// Does one part of a release.
///
/// # Errors
///
/// Whatever keeps the release from being planned, checked, rehearsed, published or verified, with what to do about it.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let destination = |target: &Target| TargetRegistry::named(workspace, target.registry.as_deref());
    // The plan alone packs nothing.
    let _lock = match arguments.command {
        Command::Plan(_) => None,
        _ => Some(Lock::take(workspace)?),
    };
    match &arguments.command {
        Command::Plan(target) => plan::print(workspace, &destination(target)?),
        Command::Check => check::run(workspace),
        Command::Rehearse { allow_dirty } => {
            let tree = if *allow_dirty { Tree::Dirty } else { Tree::Clean };
            rehearse::run(&mut Steps::default(), workspace, tree)
        }
        Command::Publish { target, execute: false, .. } => execute::dry_run(workspace, &destination(target)?),
        Command::Publish { target, index_lag, .. } => {
            execute::run(workspace, &destination(target)?, Duration::from_secs(*index_lag))
        }
        Command::Verify(target) => verify::run(workspace, &destination(target)?),
    }
}

/// Rehearses the release as a part of what must pass, whatever the state of the tree.
pub(crate) fn rehearse(steps: &mut Steps, workspace: &Workspace) -> Result<()> {
    let _lock = Lock::take(workspace)?;
    rehearse::run(steps, workspace, Tree::Dirty)
}
