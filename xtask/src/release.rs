//! The release: checked, rehearsed, published, verified.

mod check;
mod execute;
pub mod package;
pub mod publish;
pub mod registry;
mod rehearse;
pub mod target_registry;

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::Result;
use crate::workspace::Workspace;
pub(crate) use rehearse::run as rehearse;
use target_registry::TargetRegistry;

/// The arguments of `cargo xtask release`.
#[derive(Args)]
#[command(after_help = "docs/releasing.md has the order, and what to do when a release breaks half-way.")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks that the present commit can be released: tree, tag, changelog, packages, tests, semantic versioning
    ///
    /// Publishes nothing. From the second release on it needs cargo-semver-checks.
    Check,
    /// Releases to a registry on loopback, then uses the crates from it as three strangers would
    ///
    /// Publishes twice, to see that the second run does nothing. The strangers have a cargo home of their own. Uses no
    /// credential. Starts from nothing in `target/xtask/rehearsal`.
    Rehearse {
        /// Includes uncommitted changes
        #[arg(long)]
        allow_dirty: bool,
    },
    /// Prints what publishing would do; with --execute does it: crate by crate, tag last
    ///
    /// The registry's index decides what is published. Builds nothing: `check` does, on the same commit. The run may be
    /// killed at any time and run again. The token is the one that `cargo login` stored, or the variable
    /// `CARGO_REGISTRY_TOKEN` (`CARGO_REGISTRIES_NAME_TOKEN` for another registry). Needs cargo-deny.
    Publish {
        #[command(flatten)]
        target: Target,
        /// Publishes, and tags the commit at the end
        #[arg(long)]
        execute: bool,
        /// How many seconds the index may take to show what the registry stored
        #[arg(long, requires = "execute", value_name = "SECONDS", default_value_t = 120)]
        index_lag: u64,
    },
    /// Compares the index with what this commit gives, and uses everything from the registry as three strangers would
    ///
    /// Needs the released commit, tagged, and the cargo that published: another may pack other bytes.
    Verify(Target),
}

#[derive(Args)]
struct Target {
    /// The registry, by its name in the variable `CARGO_REGISTRIES_NAME_INDEX`. It must hold or mirror the third-party
    /// crates too [default: the public registry]
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
}

/// Runs one part of a release.
///
/// # Errors
///
/// Whatever keeps the release from being checked, rehearsed, published or verified, with what to do about it.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let registry = |target: &Target| TargetRegistry::named(target.registry.as_deref());
    match &arguments.command {
        Command::Check => check::run(workspace),
        Command::Rehearse { allow_dirty } => {
            if !allow_dirty && !workspace.uncommitted()?.is_empty() {
                return Err("the tree is not clean: commit, or rehearse with --allow-dirty".into());
            }
            rehearse(workspace)
        }
        Command::Publish { target, execute: false, .. } => execute::dry_run(workspace, &registry(target)?),
        Command::Publish { target, index_lag, .. } => {
            execute::run(workspace, &registry(target)?, Duration::from_secs(*index_lag))
        }
        Command::Verify(target) => rehearse::verify(workspace, &registry(target)?),
    }
}
