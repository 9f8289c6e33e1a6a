//! The command `man`: manual pages, made from the arguments.

use std::fs;
use std::io;

use clap::CommandFactory;
use clap_mangen::{Man, generate_to};

use crate::args::{Cli, ManArgs};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job_file::shown;
use crate::stream;

/// Carries out the command.
pub(crate) fn execute(args: &ManArgs) -> Exit {
    exit_of(write(args))
}

fn write(args: &ManArgs) -> Result<Exit, CommandError> {
    match &args.out {
        Some(folder) => fs::create_dir_all(folder)
            .and_then(|()| generate_to(Cli::command(), folder))
            .map_err(|error| CommandError::usage(format!("{} cannot be written to: {error}", shown(folder))))?,
        None => print()
            .map_err(|error| CommandError::new(Exit::Stopped, format!("stdout cannot be written to: {error}")))?,
    }
    Ok(Exit::Success)
}

fn print() -> io::Result<()> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    stream::write_stdout(&page)
}
