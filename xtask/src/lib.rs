//! The chores of this workspace, run as `cargo xtask COMMAND`.
//!
//! They work on the workspace around the current directory, so that their tests can show them another one.

// These types are for the chores and their tests alone; nobody else prints them.
#![allow(missing_debug_implementations)]

pub mod api;
pub mod bump;
pub mod changelog;
mod ci;
mod dist;
mod evidence_page;
mod live;
mod manifest;
mod markdown;
mod readme;
pub mod release;
mod requirement;
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
Every day:            cargo xtask tidy, cargo xtask test; before a change lands, cargo xtask ci
The API has changed:  cargo xtask api --bless
A release:            cargo xtask bump LEVEL, then as `cargo xtask release --help` says;
                      to see one without leaving this machine, cargo xtask release rehearse";

#[derive(Subcommand)]
enum Command {
    /// Compares the public API with its listings in docs/public-api.
    Api {
        /// Writes the listings anew.
        #[arg(long)]
        bless: bool,
    },
    /// Runs all tests, with the command that the README names
    ///
    /// It is the first `cargo test …` in a block of code of README.md.
    Test,
    /// Runs everything that must pass before a change lands, each step named
    ///
    /// House rules; licences, bans and sources; format; clippy for each set of features; TLS of the system; documentation;
    /// tests; public API; a rehearsed release. Takes some ten minutes, stops at the first step that fails, and names at
    /// its end what was skipped, for want of a tool for example.
    Ci,
    /// Checks the house rules that no compiler knows
    ///
    /// Rules for texts, manifests, packages, READMEs, the changelog, minimum Rust versions and the one seam for HTTP. Takes
    /// seconds. Each complaint says where, what is wrong, and how to mend it.
    Tidy,
    /// Gives all crates the next version, in the manifests, the READMEs and the changelog.
    Bump(bump::Arguments),
    /// Checks, rehearses, publishes or verifies a release of all crates.
    Release(release::Arguments),
    /// Builds the program for this machine and packs it, its man pages and its completions into an archive
    Dist(dist::Arguments),
    /// Opens the report of an evidence bundle in Chromium, and compares its text with the counts
    ///
    /// Leaves pictures (phone, desktop light and dark, print) in target/evidence-page.
    EvidencePage,
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
        Command::Api { bless: true } => api::bless(&workspace),
        Command::Api { bless: false } => api::check(&workspace).map(drop),
        Command::Test => readme::run_tests(&shell),
        Command::Ci => ci::run(&workspace),
        Command::Tidy => tidy::check(&workspace),
        Command::Bump(arguments) => bump::run(&workspace, &arguments),
        Command::Release(arguments) => release::run(&workspace, &arguments),
        Command::Dist(arguments) => dist::run(&workspace, &arguments),
        Command::EvidencePage => evidence_page::run(&workspace),
        Command::Live { arguments } => live::run(&arguments),
        Command::Bench => Ok(cmd!(shell, "cargo bench --package delete-core --bench overhead").run()?),
    }
}
