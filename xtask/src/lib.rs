//! The chores of this workspace, run as `cargo xtask COMMAND`.
//!
//! They work on the workspace around the current directory, so that their tests can show them another one.

// These types are for the chores and their tests alone; nobody else prints them.
#![allow(missing_debug_implementations)]

mod bump;
mod changelog;
mod ci;
mod dist;
mod live;
pub mod release;
mod result;
mod step;
mod tidy;
pub mod workspace;

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use xshell::cmd;

pub use result::Result;
use workspace::Workspace;

/// The chores of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Every day:  cargo xtask tidy, cargo xtask test; before a change lands, cargo xtask ci
A release:  cargo xtask bump LEVEL, then as `cargo xtask release --help` says;
            to see one without leaving this machine, cargo xtask release rehearse";

#[derive(Subcommand)]
enum Command {
    /// Runs all tests, with the command that the README names.
    Test,
    /// Runs everything that must pass before a change lands, each step named
    ///
    /// Stops at the first step that fails; one whose tool is missing fails too. `.ci/run` installs the tools first.
    Ci,
    /// Checks the house rules that no compiler knows
    ///
    /// Rules for manifests, minimum Rust versions, module cycles, the length of files, and phrases. Takes seconds. Each
    /// complaint says where, what is wrong, and how to mend it.
    Tidy,
    /// Gives all crates the next version, in the manifests, the lock file and the changelog.
    Bump(bump::Arguments),
    /// Checks, rehearses, publishes or verifies a release of all crates.
    Release(release::Arguments),
    /// Builds the program for this machine and packs it, its man pages and its completions into an archive
    Dist,
    /// Holds a vendor, or its fake, to the documented behaviour, and prints what it observed as JSON
    ///
    /// It only reads, unless --delete-these names records. `cargo xtask live VENDOR --help` describes it.
    Live {
        /// The vendor, and the options of the suite
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<OsString>,
    },
    /// Compares our clients with bare reqwest against the same server, and prints the ratios.
    Bench,
}

/// Runs one chore.
///
/// # Errors
///
/// Whatever kept the chore from being done, with the commands that failed.
pub fn run(arguments: Arguments) -> Result<()> {
    let workspace = Workspace::around_current_dir()?;
    let shell = workspace.shell()?;
    match arguments.command {
        Command::Test => ci::run_tests(&shell),
        Command::Ci => ci::run(&workspace),
        Command::Tidy => tidy::check(&workspace),
        Command::Bump(arguments) => bump::run(&workspace, &arguments),
        Command::Release(arguments) => release::run(&workspace, &arguments),
        Command::Dist => dist::run(&workspace),
        Command::Live { arguments } => live::run(&arguments),
        Command::Bench => Ok(cmd!(shell, "cargo bench --package delete-core --bench overhead").run()?),
    }
}
