//! The suite that holds a vendor, or its fake, to the documented behaviour: the program `live` of `delete-conformance`.

use std::ffi::OsString;
use std::process::{Command, exit};

use crate::Result;

/// Runs the suite and exits with its code. Its JSON alone is on stdout.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    let program =
        ["run", "--quiet", "--locked", "--package", "delete-conformance", "--features", "live", "--bin", "live", "--"];
    let status = Command::new("cargo").args(program).args(arguments).status()?;
    exit(status.code().unwrap_or(1));
}
