//! `cargo xtask live VENDOR`: see the README.

use std::env::args_os;
use std::io::{self, stderr, stdout};
use std::process::ExitCode;

use delete_conformance::live::command;
use delete_core::vendor_kit::optional_var;

#[tokio::main]
async fn main() -> io::Result<ExitCode> {
    let code = command(args_os(), &optional_var, &mut stdout(), &mut stderr()).await?;
    Ok(ExitCode::from(code))
}
