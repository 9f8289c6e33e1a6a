//! Finds and deletes conversation records at Corti, Fini, ElevenLabs and Tavus, and reports truthfully what happened.

mod check;
mod children;
mod cli;
mod delete;
mod demo;
mod exit;
mod fake;
mod ids;
mod input;
mod job;
mod list;
mod log;
mod look;
mod plan;
mod progress;
mod proof;
mod report;
mod run;
mod signals;
mod spreadsheet;
mod vendors;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::runtime::{Builder, Runtime};

use cli::{Cli, Command};
use exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.verbose > 0 {
        log::to_stderr();
    }
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => execute(&cli, &runtime).into(),
        Err(error) => {
            progress::notice(&format!("error: the runtime does not start: {error}"));
            Exit::Fault.into()
        }
    }
}

fn execute(cli: &Cli, runtime: &Runtime) -> Exit {
    match &cli.command {
        Command::Demo => runtime.block_on(demo::execute()),
        Command::Delete(args) => delete::execute(args, cli.verbose > 0, runtime),
        Command::Check(args) => check::execute(args, runtime),
        Command::List(args) => list::execute(args, runtime),
        Command::Plan(args) => job::plan::execute(args, runtime),
        Command::Run(args) => job::run::execute(args, cli.verbose > 0, runtime),
        Command::Status(args) => job::status::execute(args),
        Command::Export(args) => job::export::execute(args),
        Command::Verify(args) => verify::execute(args, cli.verbose > 0, runtime),
        Command::Fake(args) => runtime.block_on(fake::execute(args)),
        Command::Completions { shell } => completions(*shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Exit {
    // The generator would panic where stdout is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "conversation-delete", &mut script);
    match io::stdout().write_all(&script) {
        Ok(()) => Exit::Success,
        Err(error) => {
            progress::notice(&format!("error: stdout cannot be written to: {error}"));
            Exit::Stopped
        }
    }
}
