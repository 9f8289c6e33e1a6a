//! The chores of this workspace, run as `cargo xtask COMMAND`.

mod ci;
mod readme;
mod tidy;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xshell::{Shell, cmd};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The chores of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs all tests, with the command that the README names.
    Test,
    /// Runs everything that must pass before a change lands, each step named.
    Ci,
    /// Checks the house rules that no compiler knows.
    Tidy,
    /// Compares our clients with bare reqwest against the same server, and prints the ratios.
    Bench,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    match command {
        Command::Test => readme::run_tests(&shell),
        Command::Ci => ci::run(&shell),
        Command::Tidy => tidy::check(&shell),
        Command::Bench => Ok(cmd!(shell, "cargo bench --package delete-core --bench overhead").run()?),
    }
}
