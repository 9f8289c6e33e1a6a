//! The command `verify`: looks up whether records are gone. It changes nothing, and asks nothing.

mod findings;
mod ids;
mod job;

use tokio::runtime::Runtime;

use crate::args::{Subject, VerifyArgs};
use crate::error::exit_of;
use crate::exit::Exit;

/// Carries out the command.
pub(crate) fn execute(args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    exit_of(match &args.subject {
        Subject::Vendor(vendor) => ids::verify(*vendor, args, is_verbose, runtime),
        Subject::Job(path) => job::verify(path, args, is_verbose, runtime),
    })
}
