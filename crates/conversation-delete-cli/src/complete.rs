//! What a shell asks for completions, and the script that makes it ask.
//!
//! The script runs the program with `COMPLETE` set, so that a script never offers less than the program knows.

use clap::CommandFactory;
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use crate::args::Cli;

/// The name of the program, for the script and for the command that it completes.
const PROGRAM: &str = "conversation-delete";

/// The variable that asks for completions.
const VARIABLE: &str = "COMPLETE";

/// Prints completions and ends the process, if a shell asks for them.
pub(crate) fn answer_shell() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
}

/// The script that makes a shell ask; `None` for a shell that is not known.
pub(crate) fn script(shell: Shell) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string())?;
    completer.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).ok()?;
    Some(script)
}
