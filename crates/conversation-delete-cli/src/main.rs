//! Finds and deletes conversation records at Corti, Fini, ElevenLabs and Tavus, and reports truthfully what happened.

mod args;
mod bundle;
mod child;
mod commands;
mod complete;
mod confirm;
mod engine;
mod error;
mod exit;
mod hardening;
mod ids;
mod job_file;
mod json_line;
mod log;
mod log_line;
mod metrics;
mod notice;
mod observe;
mod own_file;
mod plan;
mod report;
mod settings;
mod signals;
mod spreadsheet;
mod state_dir;
mod stopping;
mod stream;
mod tls;
mod unfinished;
mod vendor;
mod verify_policy;

use std::io;
use std::panic::catch_unwind;
use std::process::ExitCode;

use clap::CommandFactory;
use tokio::runtime::{Builder, Runtime};

use args::{Cli, Command, variables};
use exit::Exit;
use log_line::{Level, LogFormat};
use notice::{notice, notice_as};

fn main() -> ExitCode {
    complete::answer_shell();
    let installed = signals::install();
    hardening::keep_secrets_in_memory();
    hardening::report_panics_without_their_values();
    tls::install_provider();
    let exit = match installed {
        Ok(()) => catch_unwind(run).unwrap_or_else(|_| {
            report::write_error_line(Exit::Fault, hardening::INTERNAL_ERROR, hardening::AFTER_ERROR);
            Exit::Fault
        }),
        Err(error) => {
            notice(&format!("error: signals cannot be received: {error}; nothing was sent"));
            Exit::Fault
        }
    };
    let exit = after_stdout(exit);
    observe::end(exit);
    log::finish();
    stream::finish_stderr();
    exit.into()
}

/// What a command wrote last may still wait for its reader.
fn after_stdout(exit: Exit) -> Exit {
    match stream::finish_stdout() {
        Err(error) if exit == Exit::Success && error.kind() != io::ErrorKind::BrokenPipe => {
            notice(&format!("error: stdout cannot be written to: {error}"));
            Exit::Stopped
        }
        _ => exit,
    }
}

fn run() -> Exit {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return report_usage(&error),
    };
    log_line::set(cli.log_format, cli.quiet);
    for (variable, option) in variables::unread() {
        notice(&format!("warning: {variable} is not read: --{option} must be said each time"));
    }
    for variable in variables::unknown(&Cli::command()) {
        notice(&format!("warning: {variable} belongs to no option: it is not read"));
    }
    if cli.command.is_json() {
        report::report_errors_as_json();
    }
    if let Err(error) = observe::begin(&cli.command.observed()) {
        return error::exit_of(Err(error));
    }
    log::install(cli.verbose > 0);
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => execute(&cli, &runtime),
        Err(error) => {
            report::report_error(Exit::Fault, &format!("the runtime does not start: {error}"), "");
            Exit::Fault
        }
    }
}

fn execute(cli: &Cli, runtime: &Runtime) -> Exit {
    match &cli.command {
        Command::Demo(args) => runtime.block_on(commands::demo::execute(args)),
        Command::Delete(args) => commands::delete::execute(args, cli.verbose > 0, runtime),
        Command::Sweep(args) => commands::sweep::execute(args, cli.verbose > 0, runtime),
        Command::End(args) => commands::end::execute(args, runtime),
        Command::Check(args) => commands::check::execute(args, runtime),
        Command::List(args) => commands::list::execute(args, runtime),
        Command::Plan(args) => commands::plan::execute(args, runtime),
        Command::Run(args) => commands::run::execute(args, cli.verbose > 0, runtime),
        Command::Status(args) => commands::status::execute(args, runtime),
        Command::Jobs(args) => commands::jobs::execute(args),
        Command::Profiles(args) => commands::profiles::execute(args, runtime),
        Command::Export(args) => commands::export::execute(args),
        Command::Evidence(args) => commands::evidence::execute(args),
        Command::Verify(args) => commands::verify::execute(args, cli.verbose > 0, runtime),
        Command::Fake(args) => runtime.block_on(commands::fake::execute(args)),
        Command::Schema => schema(),
        Command::Completions { shell } => completions(*shell),
        Command::Man(args) => commands::man::execute(args),
    }
}

/// Prints the help, or what is wrong with the arguments.
fn report_usage(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // If the stream is closed, nobody reads the text.
        let _ = error.print();
        return Exit::Success;
    }
    let text = error.to_string();
    let message = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let message = message.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    if variables::is_given("log-format", "json") {
        log_line::set(LogFormat::Json, false);
        notice_as(Level::Error, &format!("{message}; see --help"));
    } else {
        let _ = error.print();
    }
    error::name_variables(&message);
    if variables::is_given("output", "json") {
        report::report_errors_as_json();
        report::write_error_line(Exit::Usage, &message, "see --help");
    }
    Exit::Usage
}

fn schema() -> Exit {
    let text = format!("{:#}\n", report::json_schema());
    print_text(text.as_bytes())
}

fn completions(shell: clap_complete::Shell) -> Exit {
    complete::script(shell).map_or(Exit::Fault, |script| print_text(&script))
}

fn print_text(text: &[u8]) -> Exit {
    match stream::write_stdout(text) {
        Ok(()) => Exit::Success,
        Err(error) => {
            notice(&format!("error: stdout cannot be written to: {error}"));
            Exit::Stopped
        }
    }
}
